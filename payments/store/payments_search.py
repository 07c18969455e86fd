"""Finding payment requests: by text and by filters, page by page, with the totals of the whole filter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    case,
    func,
    or_,
    select,
    tuple_,
)

from payments.core.lifecycle import RequestState
from payments.store.refunds import promised_dong
from payments.store.tables import (
    agencies,
    attempts,
    discrepancies,
    notices,
    payment_request_lines,
    payment_requests,
    payments,
    provider_accounts,
)
from payments.store.text_search import ids_of_text


class DateKind(StrEnum):
    """Which date a period speaks of."""

    CREATED = "created"  # the request was made
    PAID = "paid"  # money was booked


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What an officer looks for; what is empty or None does not matter. ``until`` itself is excluded."""

    text: str = ""
    state: RequestState | None = None
    account_code: str = ""
    agency_code: str = ""
    date_kind: DateKind = DateKind.CREATED
    since: datetime | None = None
    until: datetime | None = None
    least_dong: int | None = None
    most_dong: int | None = None
    troubled: bool = False  # only those with an open discrepancy


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ends."""

    created_at: datetime
    request_id: str


@dataclass(frozen=True, slots=True)
class StateTotal:
    state: RequestState
    count: int
    amount_dong: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over everything that matches, not only the page."""

    by_state: tuple[StateTotal, ...]
    settled_dong: int
    suspense_dong: int  # held, and not on its way back
    refunded_dong: int

    @property
    def count(self) -> int:
        return sum(total.count for total in self.by_state)

    @property
    def amount_dong(self) -> int:
        return sum(total.amount_dong for total in self.by_state)


def search_page(
    connection: Connection, wanted: PaymentFilter, after: Place | None, limit: int
) -> list[Row[Any]]:
    """At most ``limit`` requests with their agency's names, newest first, from ``after`` on."""
    statement = (
        select(
            payment_requests,
            agencies.c.name_vi.label("agency_name_vi"),
            agencies.c.name_en.label("agency_name_en"),
        )
        .join(agencies, agencies.c.code == payment_requests.c.agency_code)
        .where(*_conditions(connection, wanted))
        .order_by(payment_requests.c.created_at.desc(), payment_requests.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(
            tuple_(payment_requests.c.created_at, payment_requests.c.id)
            < tuple_(
                after.created_at,
                after.request_id,
                types=[payment_requests.c.created_at.type, payment_requests.c.id.type],
            )
        )
    return list(connection.execute(statement))


def sum_up(connection: Connection, wanted: PaymentFilter) -> Totals:
    """The totals of ``wanted`` in two statements."""
    conditions = _conditions(connection, wanted)
    amount_dong = func.coalesce(func.sum(payment_requests.c.amount_dong), 0)
    by_state = connection.execute(
        select(payment_requests.c.state, func.count().label("requests"), amount_dong.label("amount_dong"))
        .where(*conditions)
        .group_by(payment_requests.c.state)
    )
    states = {
        row.state: StateTotal(RequestState(row.state), row.requests, int(row.amount_dong)) for row in by_state
    }
    money = _money_by_disposition(connection, select(payment_requests.c.id).where(*conditions))
    return Totals(
        by_state=tuple(states[state] for state in RequestState if state in states),
        settled_dong=money.get("settled", (0, 0))[0],
        suspense_dong=money.get("suspense", (0, 0))[0],
        refunded_dong=sum(reserved_dong for _, reserved_dong in money.values()),
    )


def _money_by_disposition(
    connection: Connection, request_ids: Select[tuple[str]]
) -> Mapping[str, tuple[int, int]]:
    """What arrived and what of it is set aside for refunds; of held money only what the ledger has in suspense."""
    column = payments.c
    still_held = column.amount_dong - promised_dong()
    rows = connection.execute(
        select(
            column.disposition,
            func.sum(case((column.disposition == "suspense", still_held), else_=column.amount_dong)).label(
                "amount_dong"
            ),
            func.sum(column.refunded_dong).label("refunded_dong"),
        )
        .where(column.request_id.in_(request_ids))
        .group_by(column.disposition)
    )
    return {row.disposition: (int(row.amount_dong), int(row.refunded_dong)) for row in rows}


def accounts_of(connection: Connection, request_ids: Collection[str]) -> Mapping[str, list[str]]:
    """Which provider accounts each of ``request_ids`` was tried with."""
    statement = (
        select(attempts.c.request_id, attempts.c.account_code)
        .where(attempts.c.request_id.in_(set(request_ids)))
        .distinct()
        .order_by(attempts.c.account_code)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.request_id].append(row.account_code)
    return found


def troubles_of(connection: Connection, request_ids: Collection[str]) -> Mapping[str, int]:
    """How many open discrepancies each of ``request_ids`` has; none, no entry."""
    rows = connection.execute(
        select(discrepancies.c.request_id, func.count().label("open"))
        .where(discrepancies.c.request_id.in_(set(request_ids)), discrepancies.c.state == "open")
        .group_by(discrepancies.c.request_id)
    )
    return {row.request_id: row.open for row in rows}


def unmatched_discrepancies(connection: Connection, limit: int) -> list[Row[Any]]:
    """Open discrepancies that belong to no request, newest first, with what the provider called the money."""
    statement = (
        select(
            discrepancies,
            # The reference is what the provider wrote; no attempt of ours has it.
            func.coalesce(discrepancies.c.attempt_reference, notices.c.reference, "").label("reference"),
            func.coalesce(payments.c.provider_reference, notices.c.provider_reference, "").label(
                "provider_reference"
            ),
        )
        .outerjoin(payments, payments.c.id == discrepancies.c.payment_id)
        .outerjoin(notices, notices.c.id == discrepancies.c.notice_id)
        .where(discrepancies.c.request_id.is_(None), discrepancies.c.state == "open")
        .order_by(discrepancies.c.opened_at.desc(), discrepancies.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement))


def count_unmatched(connection: Connection) -> int:
    """How many open discrepancies belong to no request."""
    statement = select(func.count()).select_from(discrepancies)
    unmatched = discrepancies.c.request_id.is_(None), discrepancies.c.state == "open"
    return connection.execute(statement.where(*unmatched)).scalar_one()


def all_agencies(connection: Connection) -> list[Row[Any]]:
    """Every agency, by its Vietnamese name."""
    statement = select(agencies.c.code, agencies.c.name_vi, agencies.c.name_en).order_by(agencies.c.name_vi)
    return list(connection.execute(statement))


def all_account_codes(connection: Connection) -> list[str]:
    return list(
        connection.execute(select(provider_accounts.c.code).order_by(provider_accounts.c.code)).scalars()
    )


def _conditions(connection: Connection, wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    request = payment_requests.c
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        found.append(request.id.in_(ids_of_text(connection, wanted.text)))
    if wanted.state is not None:
        found.append(request.state == wanted.state)
    if wanted.account_code:
        found.append(_tried_with(wanted.account_code))
    if wanted.agency_code:
        found.append(_collected_by(wanted.agency_code))
    if wanted.least_dong is not None:
        found.append(request.amount_dong >= wanted.least_dong)
    if wanted.most_dong is not None:
        found.append(request.amount_dong <= wanted.most_dong)
    if wanted.troubled:
        found.append(
            request.id.in_(select(discrepancies.c.request_id).where(discrepancies.c.state == "open"))
        )
    return found + _period(wanted)


def _tried_with(account_code: str) -> ColumnElement[bool]:
    tried = attempts.c.request_id == payment_requests.c.id, attempts.c.account_code == account_code
    return select(attempts.c.reference).where(*tried).exists()


def _collected_by(agency_code: str) -> ColumnElement[bool]:
    line = payment_request_lines.c
    has_line = line.request_id == payment_requests.c.id, line.agency_code == agency_code
    return or_(payment_requests.c.agency_code == agency_code, select(line.position).where(*has_line).exists())


def _period(wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    if wanted.since is None and wanted.until is None:
        return []
    if wanted.date_kind is DateKind.CREATED:
        return _between(payment_requests.c.created_at, wanted)
    booked = _between(payments.c.booked_at, wanted)
    return [payment_requests.c.id.in_(select(payments.c.request_id).where(*booked))]


def _between(moment: ColumnElement[Any], wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    bounds: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        bounds.append(moment >= wanted.since)
    if wanted.until is not None:
        bounds.append(moment < wanted.until)
    return bounds
