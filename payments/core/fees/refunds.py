"""What goes back to the payer when something happens after payment.

Each text has its own answer, so a case without one is refused and left to an officer.
"""

from __future__ import annotations

from fractions import Fraction

from payments.core.fees.catalogue import Catalogue
from payments.core.fees.exact import read_number, round_to
from payments.core.fees.quote import Quote, QuoteLine
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Item


def refund_due(catalogue: Catalogue, quote: Quote, event: str) -> int:
    """The đồng to give back of a paid quote for ``event``, by the texts it was made under.

    Raises FeeRefusal where a text does not say, or where its version is no longer in the catalogue.
    """
    return sum(_of_line(catalogue, line, event) for line in quote.lines if line.amount_dong)


def _of_line(catalogue: Catalogue, line: QuoteLine, event: str) -> int:
    for rule in _item(catalogue, line).refunds:
        if rule.event == event:
            return int(round_to(Fraction(read_number(rule.returned)) * line.amount_dong))
    raise FeeRefusal(
        "value_not_covered",
        f"{line.legal_basis_vi} không nói có hoàn trả trong trường hợp “{event}”; cần hỏi cán bộ.",
        f"{line.legal_basis_en} does not say whether “{event}” is refunded; ask an officer.",
        schedule=line.schedule_id,
    )


def _item(catalogue: Catalogue, line: QuoteLine) -> Item:
    for schedule in catalogue.schedules:
        if (schedule.schedule, schedule.version) == (line.schedule_id, line.schedule_version):
            for item in schedule.items:
                if item.code == line.item_code:
                    return item
    raise FeeRefusal(
        "no_rate_in_force",
        f"Danh mục không còn giữ bản {line.schedule_version} của “{line.schedule_id}”.",
        f"Version {line.schedule_version} of {line.schedule_id} is not in the catalogue.",
        schedule=line.schedule_id,
    )
