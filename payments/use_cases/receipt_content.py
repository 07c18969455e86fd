"""What goes on a receipt: from a request, its lines and a payment to the document.

One receipt per collector. A line of zero đồng is not a collection and a tax or fine from outside is not a fee, so
neither is on a receipt (Decree 254/2026, article 23; docs/receipts.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from payments.core.refusals import Invalid, Problem
from payments.store.agencies import find_agencies
from receipts.document import Kind, Line, Party, Receipt, serial_for, vietnam_date
from receipts.errors import InvalidReceipt

FORM_CODE = "EBL01"  # no printed face value
RECEIPTED_KINDS = frozenset(kind.value for kind in Kind)

Fields = Mapping[Any, Any]
"""A row, or the values that will become one, by column."""


def lines_by_collector(lines: Sequence[Fields]) -> Mapping[str, list[Fields]]:
    """The lines that belong on a receipt, by collector."""
    groups: dict[str, list[Fields]] = defaultdict(list)
    for line in lines:
        if line["amount_dong"] > 0 and line["kind"] in RECEIPTED_KINDS:
            groups[line["agency_code"]].append(line)
    return groups


def write_receipt(
    request: Fields,
    lines: Sequence[Fields],
    collector: Fields,
    *,
    number: int,
    issued_at: datetime,
    lookup_code: str,
    public_url: str,
    payment_method: str,
    provider_reference: str,
) -> Receipt:
    """The receipt of one collector for ``lines``. Raises InvalidReceipt."""
    return Receipt(
        form_code=FORM_CODE,
        serial=serial_for(vietnam_date(issued_at)),
        number=number,
        issued_at=issued_at,
        collector=Party(collector["name_vi"], collector["tax_code"], collector["address"]),
        payer=_payer(request),
        lines=tuple(_line(line) for line in lines),
        total_dong=sum(line["amount_dong"] for line in lines),
        lookup_code=lookup_code,
        verify_url=f"{public_url}/r/{lookup_code}",
        dossier_code=request["dossier_code"],
        procedure_name=request["description_vi"],
        payment_method=payment_method,
        provider_reference=provider_reference,
    )


def check_receipts_possible(
    connection: Connection, request: Fields, lines: Sequence[Fields], now: datetime, public_url: str
) -> None:
    """Write the receipts of a request on trial. Raises Invalid when the law's contents cannot be given."""
    groups = lines_by_collector(lines)
    collectors = find_agencies(connection, groups)
    for code, group in groups.items():
        try:
            write_receipt(
                request,
                group,
                collectors[code]._mapping,
                number=1,
                issued_at=now,
                lookup_code="000000000000",
                public_url=public_url,
                payment_method="",
                provider_reference="",
            )
        except InvalidReceipt as problem:
            raise Invalid(
                "receipt_impossible",
                f"Không lập được biên lai của cơ quan {code}: {problem}.",
                f"No receipt could be written for agency {code}: {problem}.",
                (Problem("agency_code", "Kiểm tra dữ liệu cơ quan thu.", "Check the agency's data."),),
            ) from problem


def _payer(request: Fields) -> Party | None:
    if not (request["payer_name"] or request["payer_tax_code"] or request["payer_address"]):
        return None
    return Party(request["payer_name"], request["payer_tax_code"], request["payer_address"])


def _line(line: Fields) -> Line:
    return Line(
        kind=Kind(line["kind"]),
        name_vi=line["name_vi"],
        name_en=line["name_en"],
        amount_dong=line["amount_dong"],
        legal_basis=line["legal_basis_vi"],
        # The calculation ends with its source, which stands on the receipt by itself.
        explanation_vi=line["explanation_vi"].removesuffix(f", {line['legal_basis_vi']}"),
        sub_item=line["sub_item"],
    )
