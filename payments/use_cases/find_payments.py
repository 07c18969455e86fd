"""Find payments for an officer: one page of what matches, and the totals of everything that does.

Who searched for what is written to the audit log before anything is shown.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import RequestState
from payments.core.refusals import Invalid
from payments.store import payments_search as store
from payments.store import requests
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.store.payments_search import PaymentFilter, Place, Totals
from payments.use_cases.gateway import Gateway
from payments.use_cases.show_timeline import is_request_id
from payments.use_cases.views import Page

PAGE_SIZE = 50
MOST_UNMATCHED = 200


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """One row of the list: what was asked, and what has come of it."""

    id: str
    dossier_code: str
    payer_name: str
    description_vi: str
    description_en: str
    agency_code: str
    agency_name_vi: str
    agency_name_en: str
    amount_dong: int
    state: RequestState
    created_at: datetime
    ended_at: datetime | None
    account_codes: tuple[str, ...]
    receipts: tuple[str, ...]
    settled_dong: int
    suspense_dong: int
    refunded_dong: int
    open_discrepancies: int


@dataclass(frozen=True, slots=True)
class Findings:
    page: Page[FoundPayment]
    totals: Totals
    unmatched: int  # open discrepancies that belong to no request


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter offers."""

    code: str
    name_vi: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Choices:
    accounts: tuple[str, ...]
    agencies: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A fault that no request explains, with the money where some arrived."""

    id: str
    kind: str
    account_code: str
    reference: str
    provider_reference: str
    expected_dong: int | None
    actual_dong: int | None
    opened_at: datetime


def find_payments(
    gateway: Gateway, actor: str, wanted: PaymentFilter, cursor: str | None, limit: int = PAGE_SIZE
) -> Findings:
    """The next ``limit`` payment requests that match, newest first, and the totals of all.

    Raises Invalid when ``cursor`` is not one that an earlier page gave.
    """
    after = _place(cursor)
    _note_view(gateway, actor, "console.payments_listed", {"filter": _said(wanted)})
    with reading(gateway.engine) as connection:
        rows = store.search_page(connection, wanted, after, limit + 1)
        found = _complete(connection, rows[:limit])
        totals = store.sum_up(connection, wanted)
        unmatched = store.count_unmatched(connection)
    next_cursor = _cursor(rows[limit - 1]) if len(rows) > limit else None
    return Findings(Page(found, next_cursor), totals, unmatched)


def filter_choices(gateway: Gateway) -> Choices:
    """What the filters of the list offer."""
    with reading(gateway.engine) as connection:
        agencies = store.all_agencies(connection)
        accounts = store.all_account_codes(connection)
    return Choices(tuple(accounts), tuple(Choice(row.code, row.name_vi, row.name_en) for row in agencies))


def list_unmatched(gateway: Gateway, actor: str) -> tuple[Unmatched, ...]:
    """Open faults that belong to no request, newest first, at most MOST_UNMATCHED."""
    _note_view(gateway, actor, "console.unmatched_listed", {})
    with reading(gateway.engine) as connection:
        rows = store.unmatched_discrepancies(connection, MOST_UNMATCHED)
    return tuple(
        Unmatched(
            row.id,
            row.kind,
            row.account_code,
            row.reference,
            row.provider_reference,
            row.expected_dong,
            row.actual_dong,
            row.opened_at,
        )
        for row in rows
    )


def _note_view(gateway: Gateway, actor: str, action: str, detail: Mapping[str, Any]) -> None:
    with transaction(gateway.engine) as connection:
        note(connection, [AuditEntry(actor, action, "payments", detail)], gateway.now())


def _said(wanted: PaymentFilter) -> dict[str, str]:
    """The filter as the audit log keeps it: only what was asked for."""
    asked = {name: getattr(wanted, name) for name in PaymentFilter.__dataclass_fields__}
    return {name: str(value) for name, value in asked.items() if value not in ("", None, False)}


def _complete(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[FoundPayment, ...]:
    """Add to each request what came of it, by four statements whatever their number."""
    ids = [row.id for row in rows]
    payments = requests.payments_of(connection, ids)
    receipts = requests.receipts_of(connection, ids)
    accounts = store.accounts_of(connection, ids)
    troubles = store.troubles_of(connection, ids)
    return tuple(
        _found(
            row,
            payments.get(row.id, []),
            receipts.get(row.id, []),
            tuple(accounts.get(row.id, ())),
            troubles.get(row.id, 0),
        )
        for row in rows
    )


def _found(
    row: Row[Any],
    payments: Sequence[Row[Any]],
    receipts: Sequence[Row[Any]],
    account_codes: tuple[str, ...],
    open_discrepancies: int,
) -> FoundPayment:
    return FoundPayment(
        id=row.id,
        dossier_code=row.dossier_code,
        payer_name=row.payer_name,
        description_vi=row.description_vi,
        description_en=row.description_en,
        agency_code=row.agency_code,
        agency_name_vi=row.agency_name_vi,
        agency_name_en=row.agency_name_en,
        amount_dong=row.amount_dong,
        state=RequestState(row.state),
        created_at=row.created_at,
        ended_at=row.ended_at,
        account_codes=account_codes,
        receipts=tuple(f"{r.form_code}-{r.serial}-{r.number:08d}" for r in receipts),
        settled_dong=sum(p.amount_dong for p in payments if p.disposition == "settled"),
        suspense_dong=sum(p.amount_dong - p.promised_dong for p in payments if p.disposition == "suspense"),
        refunded_dong=sum(p.refunded_dong for p in payments),
        open_discrepancies=open_discrepancies,
    )


def _cursor(row: Row[Any]) -> str:
    plain = f"{row.created_at.isoformat()}|{row.id}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _place(cursor: str | None) -> Place | None:
    if not cursor:
        return None
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, request_id = plain.partition("|")
        created_at = datetime.fromisoformat(moment)
        place = Place(created_at.astimezone(UTC), request_id)
    except (ValueError, OverflowError, binascii.Error) as broken:
        raise _bad_cursor() from broken
    if created_at.tzinfo is None or not is_request_id(request_id):
        raise _bad_cursor()
    return place


def _bad_cursor() -> Invalid:
    return Invalid(
        "bad_cursor",
        "Địa chỉ của trang danh sách không đúng. Hãy mở lại từ trang đầu.",
        "The address of this page of the list is wrong. Please start from its first page.",
    )
