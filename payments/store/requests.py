"""Payment requests and their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from payments.core.dossier import AskedOf, subject_of
from payments.core.ledger import Share
from payments.core.lifecycle import RequestState
from payments.core.names import words_of
from payments.store.refunds import promised_dong
from payments.store.sets import Among
from payments.store.tables import (
    payer_words,
    payment_request_lines,
    payment_requests,
    payments,
    receipt_books,
    receipt_files,
    receipts,
)
from payments.store.writing import insert_rows

_HAS_PDF = (
    select(receipt_files.c.receipt_id)
    .where(receipt_files.c.receipt_id == receipts.c.id, receipt_files.c.format == "pdf")
    .exists()
)
RECEIPTS = (
    select(
        receipts.c.id,
        receipts.c.request_id,
        receipts.c.agency_code,
        receipt_books.c.form_code,
        receipt_books.c.serial,
        receipts.c.number,
        receipts.c.state,
        receipts.c.lookup_code,
        receipts.c.total_dong,
        receipts.c.issued_at,
        _HAS_PDF.label("has_pdf"),
    )
    .join(receipt_books, receipt_books.c.id == receipts.c.book_id)
    .where(Among(receipts.c.request_id, "requests"))
    .order_by(receipts.c.id)
)
TOLD_OF_A_DOSSIER = (
    "procedure_code",
    "agency_code",
    "obligation",
    "state",
    "amount_dong",
    "created_at",
    "ended_at",
)
"""The columns of a request that decide whether its dossier may be processed."""


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a list of requests is narrowed to; None asks for everything."""

    state: RequestState | None = None
    dossier_code: str | None = None
    procedure_code: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


def add_request(
    connection: Connection, request: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """Store a new request with its lines and the words by which its payer is searched for."""
    connection.execute(insert(payment_requests), dict(request))
    insert_rows(connection, payment_request_lines, lines)
    words = [{"request_id": request["id"], "word": word} for word in words_of(request["payer_name"])]
    insert_rows(connection, payer_words, words)


def find_request(
    connection: Connection, request_id: str, portal_code: str | None = None, *, lock: bool = False
) -> Row[Any] | None:
    """One request, only if it is ``portal_code``'s; locked until the transaction ends when asked."""
    query = select(payment_requests).where(payment_requests.c.id == request_id)
    if portal_code is not None:
        query = query.where(payment_requests.c.portal_code == portal_code)
    return connection.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()


def find_by_token(connection: Connection, token: str, *, lock: bool = False) -> Row[Any] | None:
    query = select(payment_requests).where(payment_requests.c.token == token)
    return connection.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()


def find_by_dossier(connection: Connection, portal_code: str, dossier_code: str) -> Sequence[Row[Any]]:
    """Every request of one dossier, oldest first."""
    query = (
        select(payment_requests)
        .where(payment_requests.c.portal_code == portal_code, payment_requests.c.dossier_code == dossier_code)
        .order_by(payment_requests.c.id)
    )
    return connection.execute(query).all()


def asked_of(row: Row[Any], prefix: str = "") -> AskedOf:
    """What a row of TOLD_OF_A_DOSSIER, its columns named with ``prefix``, says of the dossier."""
    procedure_code, agency_code, obligation, state, amount_dong, created_at, ended_at = (
        getattr(row, prefix + name) for name in TOLD_OF_A_DOSSIER
    )
    subject = subject_of(procedure_code, agency_code, (obligation or {}).get("number", ""))
    return AskedOf(subject, RequestState(state), amount_dong, created_at, ended_at)


def list_requests(
    connection: Connection, portal_code: str, wanted: RequestFilter, before_id: str | None, limit: int
) -> Sequence[Row[Any]]:
    """The newest requests of a portal that pass the filter, at most ``limit``, older than ``before_id``."""
    query = select(payment_requests).where(payment_requests.c.portal_code == portal_code)
    query = _narrow(query, wanted)
    if before_id is not None:
        query = query.where(payment_requests.c.id < before_id)
    return connection.execute(query.order_by(payment_requests.c.id.desc()).limit(limit)).all()


def _narrow(query: Select[Any], wanted: RequestFilter) -> Select[Any]:
    column = payment_requests.c
    exact = ("state", "dossier_code", "procedure_code")
    query = query.where(
        *(column[name] == getattr(wanted, name) for name in exact if getattr(wanted, name) is not None)
    )
    if wanted.created_from is not None:
        query = query.where(column.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        query = query.where(column.created_at < wanted.created_to)
    return query


def end_request(
    connection: Connection, request_id: str, state: RequestState, now: datetime, was: RequestState
) -> bool:
    """Move a request from ``was`` to an end state; False when it was no longer there."""
    changed = connection.execute(
        update(payment_requests)
        .where(payment_requests.c.id == request_id, payment_requests.c.state == was)
        .values(state=state, ended_at=now)
    )
    return changed.rowcount == 1


def lines_of(connection: Connection, request_ids: Collection[str]) -> Mapping[str, list[Row[Any]]]:
    query = (
        select(payment_request_lines)
        .where(payment_request_lines.c.request_id.in_(set(request_ids)))
        .order_by(payment_request_lines.c.request_id, payment_request_lines.c.position)
    )
    return _grouped(connection.execute(query).all())


def shares_of(lines: Sequence[Row[Any]]) -> list[Share]:
    """What the lines of one request bring to whom."""
    return [Share(line.agency_code, line.item_code, line.retained_dong, line.remitted_dong) for line in lines]


def payments_of(connection: Connection, request_ids: Collection[str]) -> Mapping[str, list[Row[Any]]]:
    """Sums that arrived, with what of each goes or went back (``promised_dong``), oldest first."""
    query = (
        select(payments, promised_dong().label("promised_dong"))
        .where(payments.c.request_id.in_(set(request_ids)))
        .order_by(payments.c.booked_at, payments.c.id)
    )
    return _grouped(connection.execute(query).all())


def receipts_of(connection: Connection, request_ids: Collection[str]) -> Mapping[str, list[Row[Any]]]:
    """Receipts with the names of their book and whether their PDF has been made."""
    return _grouped(connection.execute(RECEIPTS, {"requests": request_ids}).all())


def _grouped(rows: Sequence[Any]) -> Mapping[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[row.request_id].append(row)
    return groups
