"""The inbox: every message as it came, once, with how often it came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Row, and_, case, or_, select, update

from payments.store.sets import for_each, given
from payments.store.tables import notices
from payments.store.writing import insert_given

READ_COLUMNS = (
    "verdict",
    "reference",
    "provider_reference",
    "amount_dong",
    "code",
    "acknowledgement",
    "decision",
    "detail",
)
"""What is read out of a message and what it led to; the rest of the row is the message itself."""


BOOKED_UNKNOWN, BOOKED_BEFORE = "held_unknown_reference", "unknown_order_again"
LED_TO_NOTHING = ("put_aside", "refused", "unknown_order", BOOKED_UNKNOWN, BOOKED_BEFORE)


def _leads_further(new: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the decision ``new`` tells more of a stored message than what it led to before.

    A message that booked money for an unknown order stays the one that did, however often it finds that order unknown.
    """
    undecided = or_(*(notices.c.decision == word for word in LED_TO_NOTHING))
    return and_(undecided, or_(notices.c.decision != BOOKED_UNKNOWN, new != BOOKED_BEFORE))


def keep_notices(connection: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Store messages. One that is known is counted; what it first led to stays, unless it
    led to nothing."""
    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = merged.get(row["id"])
        if known is None:
            merged[row["id"]] = {**row, "first_seen_at": now, "last_seen_at": now, "times_seen": 1}
        else:
            known["times_seen"] += 1
    for_each(connection, _keep, [merged[key] for key in sorted(merged)])


@cache
def _keep(dialect: str) -> Executable:
    statement = insert_given(dialect, notices, tuple(notices.c.keys()))
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[notices.c.id],
        set_={
            "times_seen": notices.c.times_seen + new.times_seen,
            "last_seen_at": new.last_seen_at,
            **{
                name: case((_leads_further(new.decision), new[name]), else_=notices.c[name])
                for name in READ_COLUMNS
            },
        },
    )


def correct_decisions(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what messages led to when they were considered again."""
    for_each(
        connection,
        _correct,
        [{"notice": row["id"], **{f"new_{name}": row[name] for name in READ_COLUMNS}} for row in rows],
    )


@cache
def _correct(dialect: str) -> Executable:
    columns = {f"new_{name}": notices.c[name] for name in READ_COLUMNS}
    new = given(dialect, {"notice": notices.c.id, **columns})
    return (
        update(notices)
        .where(notices.c.id == new.notice, _leads_further(new.new_decision))
        .values({name: getattr(new, f"new_{name}") for name in READ_COLUMNS})
    )


def asked_since(connection: Connection, references: Collection[str], moment: datetime) -> set[str]:
    """Those of these attempts about which a provider has answered a question since ``moment``."""
    query = select(notices.c.reference).where(
        notices.c.reference.in_(set(references)),
        notices.c.source == "query",
        notices.c.first_seen_at >= moment,
    )
    return set(connection.execute(query).scalars())


def find_notice(connection: Connection, notice_id: str) -> Row[Any] | None:
    return connection.execute(select(notices).where(notices.c.id == notice_id)).one_or_none()
