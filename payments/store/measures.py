"""Figures about the whole database for operators: each one grouped statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from payments.store.tables import attempts, discrepancies, notices, payment_requests, payments
from payments.store.tables import jobs as jobs_table

NOTICE_WINDOW = timedelta(days=1)

Figures = Sequence[tuple[tuple[str, ...], float]]
"""Pairs of label values and a figure."""


def requests_by_state(connection: Connection, now: datetime) -> Figures:
    return _counts(connection, payment_requests.c.state)


def payments_by_account(connection: Connection, now: datetime) -> Figures:
    return _counts(connection, payments.c.account_code, payments.c.disposition)


def attempts_by_account(connection: Connection, now: datetime) -> Figures:
    return _counts(connection, attempts.c.account_code, attempts.c.state)


def notices_by_result(connection: Connection, now: datetime) -> Figures:
    recent = notices.c.first_seen_at >= now - NOTICE_WINDOW
    return _counts(connection, notices.c.account_code, notices.c.acknowledgement, where=recent)


def discrepancies_open(connection: Connection, now: datetime) -> Figures:
    return _counts(connection, discrepancies.c.kind, where=discrepancies.c.state == "open")


def jobs(connection: Connection, now: datetime) -> Figures:
    return _counts(connection, jobs_table.c.kind, jobs_table.c.state, where=jobs_table.c.state != "done")


def job_ages(connection: Connection, now: datetime) -> Figures:
    """Seconds that the oldest due job of each kind has waited for a worker."""
    column = jobs_table.c
    overdue = or_(
        and_(column.state == "queued", column.run_at <= now),
        and_(column.state == "running", column.leased_until <= now),
    )
    since = func.min(func.coalesce(column.leased_until, column.run_at), type_=column.run_at.type)
    rows = connection.execute(select(column.kind, since).where(overdue).group_by(column.kind))
    return [((kind,), (now - oldest).total_seconds()) for kind, oldest in rows]


def _counts(
    connection: Connection, *columns: ColumnElement[str], where: ColumnElement[bool] | None = None
) -> Figures:
    query = select(*columns, func.count()).group_by(*columns).order_by(*columns)
    if where is not None:
        query = query.where(where)
    return [(tuple(map(str, row[:-1])), float(row[-1])) for row in connection.execute(query)]
