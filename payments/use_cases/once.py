"""Do what a portal asks once per idempotency key, inside the transaction of the effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from payments.core.refusals import Conflict
from payments.store import idempotency
from payments.use_cases.wishes import Idempotency


def first_answer(
    connection: Connection, portal_code: str, key: Idempotency | None, now: datetime
) -> Mapping[str, Any] | None:
    """What was answered when ``key`` was first used, or None when this is the first time.

    Raises Conflict when it was used with another body.
    """
    if key is None:
        return None
    earlier = idempotency.reserve(connection, portal_code, key.key, key.fingerprint, now)
    if earlier is None:
        return None
    if earlier.fingerprint != key.fingerprint:
        raise Conflict(
            "idempotency_key_reused",
            "Khóa Idempotency-Key này đã dùng cho một yêu cầu khác; hãy dùng khóa mới.",
            "This Idempotency-Key was used with another body; use a new key.",
        )
    return earlier.answer


def keep_answer(
    connection: Connection, portal_code: str, key: Idempotency | None, answer: Mapping[str, Any]
) -> None:
    """Keep what was made, for whoever sends the same key again."""
    if key is not None:
        idempotency.keep_answer(connection, portal_code, key.key, 201, answer)
