"""Show one payment request with everything that ever happened to it, and act on it.

Looking is written to the audit log before anything is shown; acting is written with the act.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.refusals import NotFound
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.store.requests import find_request
from payments.store.timeline import Traces, traces_of
from payments.use_cases.gateway import Gateway
from payments.use_cases.show_request import picture
from payments.use_cases.timeline_entries import entries_of
from payments.use_cases.timeline_model import Entry
from payments.use_cases.views import PaymentRequestView

REQUEST_ID = re.compile(r"pr_[0-9A-Z]{1,37}")


@dataclass(frozen=True, slots=True)
class Trouble:
    """An open discrepancy with the two numbers that do not agree."""

    id: str
    kind: str
    account_code: str
    reference: str
    expected_dong: int | None
    actual_dong: int | None
    opened_at: datetime

    @property
    def difference_dong(self) -> int | None:
        if self.expected_dong is None or self.actual_dong is None:
            return None
        return self.actual_dong - self.expected_dong


@dataclass(frozen=True, slots=True)
class Timeline:
    """``happened`` is oldest first; ``waiting`` are jobs that have yet to run; ``people`` are names by login."""

    request: PaymentRequestView
    troubles: tuple[Trouble, ...]
    happened: tuple[Entry, ...]
    waiting: tuple[Entry, ...]
    live_attempts: tuple[str, ...]
    people: Mapping[str, str]
    now: datetime


def show_timeline(gateway: Gateway, actor: str, request_id: str) -> Timeline:
    """Everything about ``request_id``. Raises NotFound when there is no such request."""
    now = gateway.now()
    with reading(gateway.engine) as connection:
        row = _request(connection, request_id)
        view = picture(connection, [row], gateway.public_url)[0]
        traces = traces_of(connection, request_id)
    entries = entries_of(row, traces)
    with transaction(gateway.engine) as connection:
        note(connection, [AuditEntry(actor, "console.payment_seen", request_id)], now)
    return Timeline(
        request=view,
        troubles=_troubles(traces),
        happened=tuple(entry for entry in entries if entry.at <= now),
        waiting=tuple(entry for entry in entries if entry.at > now),
        live_attempts=tuple(row.reference for row in traces.attempts if row.state in ("created", "pending")),
        people=traces.people,
        now=now,
    )


def is_request_id(text: str) -> bool:
    """Whether ``text`` has the shape of a request's id; nothing else is worth asking the database for."""
    return REQUEST_ID.fullmatch(text) is not None


def _request(connection: Connection, request_id: str) -> Row[Any]:
    row = find_request(connection, request_id) if is_request_id(request_id) else None
    if row is None:
        raise NotFound(
            "unknown_payment_request",
            "Không có yêu cầu nộp tiền này.",
            "There is no such payment request.",
        )
    return row


def _troubles(traces: Traces) -> tuple[Trouble, ...]:
    return tuple(
        Trouble(
            row.id,
            row.kind,
            row.account_code,
            row.attempt_reference or "",
            row.expected_dong,
            row.actual_dong,
            row.opened_at,
        )
        for row in traces.discrepancies
        if row.state == "open"
    )
