"""Everything that is stored about one payment request, by a fixed number of statements.

What strangers can make grow (messages that are not believed, views of a page) is cut to the newest
MOST_ROWS_OF_A_KIND; what is believed comes before what is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, or_, select

from payments.store.jobs import JobKind
from payments.store.tables import (
    attempts,
    audit_log,
    discrepancies,
    events,
    jobs,
    notices,
    payments,
    receipt_books,
    receipt_files,
    receipts,
    refunds,
    transfers,
    users,
    webhook_deliveries,
    webhook_endpoints,
)

MOST_ROWS_OF_A_KIND = 200
PERSON = "user:"  # how a person stands in the audit log, before the login

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Traces:
    """Stored rows around one request; each list is in the order of its own time."""

    attempts: Rows
    notices: Rows
    payments: Rows
    transfers: Rows
    receipts: Rows
    files: Rows
    refunds: Rows
    events: Rows
    deliveries: Rows
    discrepancies: Rows
    jobs: Rows
    audit: Rows
    people: Mapping[str, str]  # names by login, of those who did something


def traces_of(connection: Connection, request_id: str) -> Traces:
    """All traces that the request ``request_id`` has left."""
    tried = _all(
        connection, select(attempts).where(attempts.c.request_id == request_id), attempts.c.created_at
    )
    references = [row.reference for row in tried]
    money = _all(
        connection, select(payments).where(_concerns(payments, request_id, references)), payments.c.booked_at
    )
    payment_ids = [row.id for row in money]
    faults = _all(
        connection,
        select(discrepancies).where(_concerns(discrepancies, request_id, references)),
        discrepancies.c.opened_at,
    )
    heard = _notices(connection, references, [row.notice_id for row in (*money, *faults) if row.notice_id])
    papers = _receipts(connection, request_id)
    files = _files(connection, [row.id for row in papers])
    given_back = _all(
        connection, select(refunds).where(refunds.c.payment_id.in_(payment_ids)), refunds.c.requested_at
    )
    told = _all(connection, select(events).where(events.c.request_id == request_id), events.c.position)
    sent = _deliveries(connection, [row.id for row in told])
    subjects = {
        JobKind.ASK_PROVIDER: references,
        JobKind.EXPIRE_REQUEST: [request_id],
        JobKind.RENDER_RECEIPT: [row.id for row in papers],
        JobKind.DELIVER_WEBHOOK: [row.id for row in sent],
        JobKind.RECONSIDER_NOTICE: [row.id for row in heard],
        JobKind.SEND_REFUND: [row.reference for row in given_back],
    }
    everything = {*payment_ids, *(row.id for row in told)}.union(*subjects.values())
    log = _audit(connection, everything)
    return Traces(
        attempts=tried,
        notices=heard,
        payments=money,
        transfers=_transfers(connection, payment_ids),
        receipts=papers,
        files=files,
        refunds=given_back,
        events=told,
        deliveries=sent,
        discrepancies=faults,
        jobs=_jobs(connection, subjects),
        audit=log,
        people=_people(connection, given_back, log),
    )


def delivery_ids_of(connection: Connection, request_id: str) -> set[str]:
    """The ids of the webhook deliveries of ``request_id``."""
    statement = (
        select(webhook_deliveries.c.id)
        .join(events, events.c.id == webhook_deliveries.c.event_id)
        .where(events.c.request_id == request_id)
    )
    return set(connection.execute(statement).scalars())


def _all(connection: Connection, statement: Select[Any], order: ColumnElement[Any]) -> Rows:
    return connection.execute(statement.order_by(order)).all()


def _concerns(table: Any, request_id: str, references: Collection[str]) -> ColumnElement[bool]:
    """Rows that name the request or one of its attempts: money of a refused attempt is its business too."""
    return or_(table.c.request_id == request_id, table.c.attempt_reference.in_(references))


def _notices(connection: Connection, references: Collection[str], ids: Collection[str]) -> Rows:
    not_believed = case((notices.c.verdict == "", 1), else_=0)
    statement = (
        select(notices)
        .where(or_(notices.c.reference.in_(references), notices.c.id.in_(ids)))
        .order_by(not_believed, notices.c.first_seen_at.desc())
        .limit(MOST_ROWS_OF_A_KIND)
    )
    return sorted(connection.execute(statement).all(), key=lambda row: row.first_seen_at)


def _transfers(connection: Connection, payment_ids: Collection[str]) -> Rows:
    statement = select(transfers).where(transfers.c.payment_id.in_(payment_ids))
    return connection.execute(statement.order_by(transfers.c.chain, transfers.c.position)).all()


def _receipts(connection: Connection, request_id: str) -> Rows:
    statement = (
        select(receipts, receipt_books.c.form_code, receipt_books.c.serial)
        .join(receipt_books, receipt_books.c.id == receipts.c.book_id)
        .where(receipts.c.request_id == request_id)
    )
    return _all(connection, statement, receipts.c.issued_at)


def _files(connection: Connection, receipt_ids: Collection[str]) -> Rows:
    """When papers were made and their digests, without their bytes."""
    file = receipt_files.c
    statement = select(file.receipt_id, file.format, file.digest, file.made_at)
    return _all(connection, statement.where(file.receipt_id.in_(receipt_ids)), file.made_at)


def _deliveries(connection: Connection, event_ids: Collection[str]) -> Rows:
    statement = (
        select(webhook_deliveries, webhook_endpoints.c.url, events.c.type.label("event_type"))
        .join(webhook_endpoints, webhook_endpoints.c.id == webhook_deliveries.c.endpoint_id)
        .join(events, events.c.id == webhook_deliveries.c.event_id)
        .where(webhook_deliveries.c.event_id.in_(event_ids))
    )
    return _all(connection, statement, webhook_deliveries.c.created_at)


def _jobs(connection: Connection, subjects: Mapping[JobKind, Collection[str]]) -> Rows:
    wanted: Iterable[ColumnElement[bool]] = (
        and_(jobs.c.kind == kind, jobs.c.subject.in_(names)) for kind, names in subjects.items()
    )
    return _all(connection, select(jobs).where(or_(*wanted)), jobs.c.run_at)


def _audit(connection: Connection, subjects: Collection[str]) -> Rows:
    statement = select(audit_log).where(audit_log.c.subject.in_(subjects))
    newest = connection.execute(statement.order_by(audit_log.c.id.desc()).limit(MOST_ROWS_OF_A_KIND)).all()
    return newest[::-1]


def _people(connection: Connection, given_back: Rows, log: Rows) -> Mapping[str, str]:
    of_refunds = ((row.requested_by, row.approved_by, row.ended_by) for row in given_back)
    actors = {row.actor for row in log}.union(*of_refunds)
    logins = {actor.removeprefix(PERSON) for actor in actors if actor and actor.startswith(PERSON)}
    rows = connection.execute(select(users.c.login, users.c.name).where(users.c.login.in_(logins)))
    return {row.login: row.name for row in rows}
