"""The audit log: who did what to which thing. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from payments.store.tables import audit_log
from payments.store.writing import insert_rows


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``actor`` is "portal:…", "user:…", "provider:…", "payer" or "worker"; ``detail`` holds no secret."""

    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def note(connection: Connection, entries: Sequence[AuditEntry], now: datetime) -> None:
    """Add ``entries`` to the log."""
    insert_rows(
        connection,
        audit_log,
        [
            {
                "at": now,
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "detail": dict(entry.detail),
            }
            for entry in entries
        ],
    )
