"""Idempotency keys: written in the transaction of the effect they guard, so that a crash frees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from payments.store.tables import idempotency_keys
from payments.store.writing import upsert

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    fingerprint: str
    status: int
    answer: Mapping[str, Any]


def reserve(
    connection: Connection, portal_code: str, key: str, fingerprint: str, now: datetime
) -> StoredAnswer | None:
    """Take the key, or return what was answered when it was first used.

    Whoever comes second waits here until the first transaction ends: on PostgreSQL at the unique index, on SQLite
    at the start of the transaction.
    """
    same_key = (idempotency_keys.c.portal_code == portal_code) & (idempotency_keys.c.key == key)
    connection.execute(
        delete(idempotency_keys).where(same_key, idempotency_keys.c.created_at <= now - LIFETIME)
    )
    taken = connection.execute(
        upsert(connection, idempotency_keys).on_conflict_do_nothing().returning(idempotency_keys.c.key),
        {
            "portal_code": portal_code,
            "key": key,
            "fingerprint": fingerprint,
            "status": 0,
            "answer": {},
            "created_at": now,
        },
    )
    if taken.one_or_none() is not None:
        return None
    row = connection.execute(select(idempotency_keys).where(same_key)).one()
    return StoredAnswer(row.fingerprint, row.status, row.answer)


def keep_answer(
    connection: Connection, portal_code: str, key: str, status: int, answer: Mapping[str, Any]
) -> None:
    """Keep what was answered, for whoever sends the same key again."""
    connection.execute(
        update(idempotency_keys)
        .where(idempotency_keys.c.portal_code == portal_code, idempotency_keys.c.key == key)
        .values(status=status, answer=dict(answer))
    )
