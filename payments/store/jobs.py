"""Jobs: rows written in the transaction that causes them.

A job is named by its kind and its subject, so asking twice for the same work makes one row.

    queued ── claim ──▶ running ── settle ──▶ done | dead | queued again
                           │
                           └── the lease ends (the process died) ──▶ claimed by the next who looks

While a job runs, its ``run_at`` is WHILE_RUNNING. Whoever asks for the same work meanwhile moves it, and ``settle``
then queues the job once more: what was asked for after it began is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    case,
    exists,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from payments.store.sets import for_each
from payments.store.tables import jobs
from payments.store.writing import insert_given


class JobKind(StrEnum):
    """Everything a worker can be asked to do; the subject of each stands behind it."""

    ASK_PROVIDER = "ask_provider"  # attempt reference
    EXPIRE_REQUEST = "expire_request"  # request id
    RENDER_RECEIPT = "render_receipt"  # receipt id
    DELIVER_WEBHOOK = "deliver_webhook"  # delivery id
    RECONSIDER_NOTICE = "reconsider_notice"  # notice id
    SEND_REFUND = "send_refund"  # refund reference


WHILE_RUNNING = datetime(9999, 12, 30, tzinfo=UTC)
"""The ``run_at`` of a running job that nobody has asked for again."""

MOST_ERROR_CHARACTERS = 500

LIKELY_VALUE = re.compile(
    r"""(?<!\w)'(?:.*'|.*)|"(?:.*"|.*)|“(?:.*”|.*)|«(?:.*»|.*)|\((?!\w+(?:Error|Timeout|Protocol)\))(?:.*\)|.*)"""
    r"""|=\S+|\S+@\S+|\d[\d .-]{4,}\d"""
)
"""What in an error's text may come from a person: quoted, bracketed, set to something, an address, a long number."""


def fault_text(error: BaseException) -> str:
    """What may be kept of an error: its class and its first line without likely values.

    Of the database's errors only the classes and the code are kept: their text quotes rows, and so persons.
    """
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        code = f"SQLSTATE {state}" if state else getattr(error.orig, "sqlite_errorname", "no code")
        return f"{name}: {type(error.orig).__name__}, {code}"
    if isinstance(error, SQLAlchemyError):
        return name
    first_line = next(iter(str(error).strip().splitlines()), "")
    cleaned = LIKELY_VALUE.sub("…", first_line).strip()
    return f"{name}: {cleaned}" if cleaned else name


@dataclass(frozen=True, slots=True)
class Job:
    kind: JobKind
    subject: str
    run_at: datetime


def enqueue(connection: Connection, wanted: Sequence[Job], now: datetime) -> None:
    """Queue every wanted job. One that exists is brought forward, or queued again when it had ended.

    A running job keeps running; its ``run_at`` is moved, and whoever finishes it sees that and queues it again.
    """
    earliest: dict[tuple[JobKind, str], Job] = {}
    for job in wanted:
        known = earliest.get((job.kind, job.subject))
        if known is None or job.run_at < known.run_at:
            earliest[job.kind, job.subject] = job
    rows = [
        {
            "kind": job.kind,
            "subject": job.subject,
            "state": "queued",
            "run_at": job.run_at,
            "created_at": now,
        }
        for job in sorted(earliest.values(), key=lambda job: (job.kind, job.subject))
    ]
    for_each(connection, _enqueue, rows)


@cache
def _enqueue(dialect: str) -> Executable:
    statement = insert_given(dialect, jobs, ("kind", "subject", "state", "run_at", "created_at"))
    new = statement.excluded
    ended = or_(jobs.c.state == "done", jobs.c.state == "dead")
    return statement.on_conflict_do_update(
        index_elements=[jobs.c.kind, jobs.c.subject],
        set_={
            "run_at": case((or_(ended, new.run_at < jobs.c.run_at), new.run_at), else_=jobs.c.run_at),
            "tries": case((ended, literal(0)), else_=jobs.c.tries),
            "ended_at": case((ended, None), else_=jobs.c.ended_at),
            "state": case((ended, literal("queued")), else_=jobs.c.state),
        },
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker runs until ``leased_until``; ``tries`` counts this one."""

    id: int
    kind: JobKind
    subject: str
    lease: str
    tries: int


def any_due(connection: Connection, kinds: Collection[JobKind], now: datetime) -> bool:
    """Whether there is something to claim; takes no lock."""
    return bool(connection.execute(select(exists().where(_due(kinds, now)))).scalar_one())


def claim(
    connection: Connection,
    kinds: Collection[JobKind],
    *,
    now: datetime,
    leased_until: datetime,
    lease: str,
    most: int = 1,
) -> list[Claim]:
    """Take up to ``most`` due jobs of these kinds, the longest waiting first. No two claims get the same job."""
    chosen = (
        select(jobs.c.id)
        .where(_due(kinds, now))
        .order_by(jobs.c.run_at, jobs.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(
        update(jobs)
        .where(jobs.c.id.in_(chosen))
        .values(
            state="running",
            run_at=WHILE_RUNNING,
            leased_until=leased_until,
            lease=lease,
            tries=jobs.c.tries + 1,
        )
        .returning(jobs.c.id, jobs.c.kind, jobs.c.subject, jobs.c.lease, jobs.c.tries)
    )
    return [Claim(row.id, JobKind(row.kind), row.subject, row.lease, row.tries) for row in rows]


def _due(kinds: Collection[JobKind], now: datetime) -> ColumnElement[bool]:
    waiting = and_(jobs.c.state == "queued", jobs.c.run_at <= now)
    abandoned = and_(jobs.c.state == "running", jobs.c.leased_until <= now)
    return and_(jobs.c.kind.in_(kinds), or_(waiting, abandoned))


def finish(connection: Connection, done: Claim, now: datetime) -> bool:
    """The job has done its work. False when the lease was lost and another worker has it now."""
    return _end(connection, done, "done", "", now)


def bury(connection: Connection, failed: Claim, error: str, now: datetime) -> bool:
    """The job has failed for good; the console shows its error and can run it again."""
    return _end(connection, failed, "dead", error, now)


def postpone(connection: Connection, claimed: Claim, run_at: datetime, error: str = "") -> bool:
    """Run the job again at ``run_at``, or earlier where somebody asked for that.

    Without ``error`` all is well and the tries are counted from nought again.
    """
    sooner = case((jobs.c.run_at < run_at, jobs.c.run_at), else_=literal(run_at, jobs.c.run_at.type))
    return _settle(
        connection,
        claimed,
        {"state": "queued", "run_at": sooner, "tries": claimed.tries if error else 0},
        error,
    )


def _end(connection: Connection, claimed: Claim, state: str, error: str, now: datetime) -> bool:
    untouched = jobs.c.run_at == WHILE_RUNNING
    moment = literal(now, jobs.c.run_at.type)
    return _settle(
        connection,
        claimed,
        {
            "state": case((untouched, literal(state)), else_=literal("queued")),
            "run_at": case((untouched, moment), else_=jobs.c.run_at),
            "ended_at": case((untouched, moment), else_=null()),
            "tries": case((untouched, jobs.c.tries), else_=literal(0)),
        },
        error,
    )


def _settle(connection: Connection, claimed: Claim, values: dict[str, object], error: str) -> bool:
    changed = connection.execute(
        update(jobs)
        .where(jobs.c.id == claimed.id, jobs.c.state == "running", jobs.c.lease == claimed.lease)
        .values(leased_until=None, lease="", last_error=error[:MOST_ERROR_CHARACTERS], **values)
    )
    return changed.rowcount == 1


def take_back_all(connection: Connection, now: datetime) -> None:
    """Queue every running job again. Only for one who knows that no worker runs on this database."""
    connection.execute(
        update(jobs)
        .where(jobs.c.state == "running")
        .values(state="queued", run_at=now, leased_until=None, lease="")
    )
