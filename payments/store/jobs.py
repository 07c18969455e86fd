"""Jobs: rows written in the transaction that causes them.

A job is named by its kind and its subject, so asking twice for the same work makes one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, case, literal, or_

from payments.store.tables import jobs
from payments.store.writing import upsert


class JobKind(StrEnum):
    """Everything a worker can be asked to do; the subject of each stands behind it."""

    ASK_PROVIDER = "ask_provider"  # attempt reference
    EXPIRE_REQUEST = "expire_request"  # request id
    RENDER_RECEIPT = "render_receipt"  # receipt id
    DELIVER_WEBHOOK = "deliver_webhook"  # delivery id
    RECONSIDER_NOTICE = "reconsider_notice"  # notice id
    SEND_REFUND = "send_refund"  # refund reference


@dataclass(frozen=True, slots=True)
class Job:
    kind: JobKind
    subject: str
    run_at: datetime


def enqueue(connection: Connection, wanted: Sequence[Job], now: datetime) -> None:
    """Queue every wanted job. One that exists is brought forward, or queued again when it had ended.

    A running job keeps running; its ``run_at`` is moved, and whoever finishes it sees that and queues it again.
    """
    if not wanted:
        return
    statement = upsert(connection, jobs)
    new = statement.excluded
    ended = jobs.c.state.in_(("done", "dead"))
    statement = statement.on_conflict_do_update(
        index_elements=[jobs.c.kind, jobs.c.subject],
        set_={
            "run_at": case((or_(ended, new.run_at < jobs.c.run_at), new.run_at), else_=jobs.c.run_at),
            "tries": case((ended, literal(0)), else_=jobs.c.tries),
            "ended_at": case((ended, None), else_=jobs.c.ended_at),
            "state": case((ended, literal("queued")), else_=jobs.c.state),
        },
    )
    earliest: dict[tuple[JobKind, str], Job] = {}
    for job in wanted:
        known = earliest.get((job.kind, job.subject))
        if known is None or job.run_at < known.run_at:
            earliest[job.kind, job.subject] = job
    connection.execute(
        statement,
        [
            {
                "kind": job.kind,
                "subject": job.subject,
                "state": "queued",
                "run_at": job.run_at,
                "created_at": now,
            }
            for job in sorted(earliest.values(), key=lambda job: (job.kind, job.subject))
        ],
    )
