"""Compute what a wish comes to: the fee by the schedules, or an outside obligation as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.fees.inputs import Facts
from payments.core.fees.quote import Quote, QuoteLine, quote
from payments.core.money import MOST_DONG
from payments.core.refusals import Invalid, NotFound, Problem
from payments.store.agencies import find_agencies, find_procedure, find_territories
from payments.use_cases.catalogue_in_force import catalogue_in_force
from payments.use_cases.gateway import Gateway
from payments.use_cases.vietnam import today
from payments.use_cases.wishes import FeeWish, ObligationLine, ObligationWish


@dataclass(frozen=True, slots=True)
class Priced:
    """A wish with its price: columns of the request, and its lines without request id and position."""

    agency: Row[Any]
    columns: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]

    @property
    def amount_dong(self) -> int:
        return sum(line["amount_dong"] for line in self.lines)


def price(gateway: Gateway, connection: Connection, what: FeeWish | ObligationWish, now: datetime) -> Priced:
    """The price of ``what``. Raises Invalid (FeeRefusal among it) or NotFound."""
    if isinstance(what, FeeWish):
        return _price_fee(gateway, connection, what, now)
    return _price_obligation(connection, what)


def quote_fee(
    gateway: Gateway, connection: Connection, wish: FeeWish, now: datetime
) -> tuple[Quote, Row[Any]]:
    """The quote for ``wish`` and the agency that decides it."""
    catalogue = catalogue_in_force(gateway, connection)
    catalogue.procedure(wish.procedure_code)
    procedure = find_procedure(connection, wish.procedure_code)
    if procedure is None or procedure.payable_from > today(now):
        raise NotFound(
            "procedure_not_payable",
            f"Thủ tục {wish.procedure_code} chưa mở thanh toán trực tuyến tại đây.",
            f"Procedure {wish.procedure_code} is not open for online payment here.",
        )
    agency = _agency(connection, wish.agency_code or procedure.agency_code)
    facts = Facts(
        inputs=wish.inputs,
        filed_on=wish.filed_on or today(now),
        paid_on=today(now),
        channel=wish.channel,
        territory=agency.territory if wish.territory is None else wish.territory,
        agency_territories=_territories(connection, wish, agency),
        beneficiaries=wish.beneficiaries,
        collector_status=agency.collector_status,
    )
    return quote(catalogue, wish.procedure_code, facts), agency


def _territories(connection: Connection, wish: FeeWish, agency: Row[Any]) -> frozenset[str]:
    """Where agencies are; only a territory that was named need be compared with all of them."""
    return frozenset({agency.territory}) if wish.territory is None else find_territories(connection)


def _price_fee(gateway: Gateway, connection: Connection, wish: FeeWish, now: datetime) -> Priced:
    quoted, agency = quote_fee(gateway, connection, wish, now)
    _refuse_service_prices(quoted)
    procedure = find_procedure(connection, wish.procedure_code)
    collectors = _collectors(connection, quoted, wish, agency.code)
    return Priced(
        agency,
        {
            "procedure_code": wish.procedure_code,
            "obligation": None,
            "description_vi": quoted.procedure_name_vi,
            "description_en": quoted.procedure_name_en,
            "channel": wish.channel,
            "late_payment": procedure.late_payment if procedure else "hold",
            "facts": _facts(wish, now),
            "schedules": [
                {"id": used.id, "version": used.version, "document": used.document}
                for used in quoted.schedules
            ],
        },
        [_fee_line(line, collectors[line.collector]) for line in quoted.lines],
    )


def _refuse_service_prices(quoted: Quote) -> None:
    """A service price needs its seller's invoice (Law 97/2015 covers fees and charges alone), and Thuphi issues
    none: money for it is not taken, rather than taken without its paper."""
    priced = [line for line in quoted.lines if line.kind == "service_price" and line.amount_dong]
    if priced:
        raise Invalid(
            "service_price",
            f"“{priced[0].name_vi}” là giá dịch vụ, phải có hóa đơn của bên bán; không thu ở đây.",
            f"“{priced[0].name_en}” is a service price, which needs its seller's invoice; it is not collected here.",
        )


def _collectors(connection: Connection, quoted: Quote, wish: FeeWish, decider: str) -> Mapping[str, str]:
    """Which agency collects each kind of line. One kind is the deciding agency's; several must be named."""
    kinds = sorted({line.collector for line in quoted.lines})
    named = {kind: wish.collectors.get(kind, decider) for kind in kinds}
    unnamed = [kind for kind in kinds if kind and kind not in wish.collectors]
    if len(kinds) > 1 and unnamed:
        raise Invalid(
            "collector_missing",
            "Khoản thu của nhiều cơ quan: cần nêu mã cơ quan thu của từng khoản.",
            "Several bodies collect here: name the agency for each kind of collector.",
            tuple(
                Problem(
                    f"collectors.{kind}", "Cần mã cơ quan thu.", "Supply the code of the collecting agency."
                )
                for kind in unnamed
            ),
        )
    found = find_agencies(connection, set(named.values()))
    for kind, code in named.items():
        if code not in found:
            raise unknown_agency(code, f"collectors.{kind}" if kind else "agency_code")
    return named


def _fee_line(line: QuoteLine, agency_code: str) -> Mapping[str, Any]:
    columns = (
        "item_code kind outcome name_vi name_en amount_dong retained_dong remitted_dong sub_item legal_basis_vi "
        "legal_basis_en explanation_vi explanation_en schedule_id schedule_version trace"
    )
    return {"agency_code": agency_code, **{name: getattr(line, name) for name in columns.split()}}


def _facts(wish: FeeWish, now: datetime) -> Mapping[str, Any]:
    return {
        "inputs": dict(wish.inputs),
        "channel": wish.channel,
        "filed_on": (wish.filed_on or today(now)).isoformat(),
        "quoted_on": today(now).isoformat(),
        "territory": wish.territory,
        "beneficiaries": sorted(wish.beneficiaries),
    }


def _price_obligation(connection: Connection, wish: ObligationWish) -> Priced:
    agency = _agency(connection, wish.agency_code)
    total = sum(line.amount_dong for line in wish.lines)
    if not 0 < total <= MOST_DONG:
        raise Invalid(
            "amount_out_of_bounds",
            "Tổng số tiền phải từ 1 đồng đến 1.000.000.000.000 đồng.",
            "The total must lie between 1 and 1,000,000,000,000 đồng.",
            (Problem("lines", "Xem lại số tiền.", "Check the amounts."),),
        )
    return Priced(
        agency,
        {
            "procedure_code": None,
            "obligation": {
                "number": wish.number,
                "issued_on": wish.issued_on.isoformat() if wish.issued_on else None,
                "due_on": wish.due_on.isoformat() if wish.due_on else None,
            },
            "description_vi": f"Nộp tiền theo thông báo số {wish.number}",
            "description_en": f"Payment under notice no. {wish.number}",
            "channel": wish.channel,
            # The State's money: it is taken whenever it comes.
            "late_payment": "settle",
            "facts": {},
            "schedules": [],
        },
        [_obligation_line(line, wish) for line in wish.lines],
    )


def _obligation_line(line: ObligationLine, wish: ObligationWish) -> Mapping[str, Any]:
    return {
        "agency_code": wish.agency_code,
        "item_code": f"notice-{line.sub_item}",
        "kind": line.kind,
        "outcome": "due",
        "name_vi": line.name_vi,
        "name_en": line.name_en,
        "amount_dong": line.amount_dong,
        # What another body has assessed is the budget's in full; a share is kept only by a schedule.
        "retained_dong": 0,
        "remitted_dong": line.amount_dong,
        "sub_item": line.sub_item,
        "legal_basis_vi": line.legal_basis_vi,
        "legal_basis_en": line.legal_basis_en,
        "explanation_vi": f"Theo thông báo số {wish.number}.",
        "explanation_en": f"As stated in notice no. {wish.number}.",
        "schedule_id": "",
        "schedule_version": 0,
        "trace": {},
    }


def _agency(connection: Connection, code: str) -> Row[Any]:
    found = find_agencies(connection, {code})
    if code not in found:
        raise unknown_agency(code, "agency_code")
    return found[code]


def unknown_agency(code: str, field: str) -> Invalid:
    shown = code[:40]
    return Invalid(
        "unknown_agency",
        f"Không có cơ quan thu mã “{shown}”.",
        f"There is no collecting agency “{shown}”.",
        (Problem(field, "Mã cơ quan không tồn tại.", "This agency code does not exist."),),
    )
