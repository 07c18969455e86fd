"""A second person agrees to a draft; or somebody withdraws it. Neither changes what counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import allows, follow
from payments.core.publication import DRAFT, DraftEvent, DraftState
from payments.core.refusals import Conflict, Invalid
from payments.store import drafts as store
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.draft_views import DraftView, draft_view, find, not_in_that_state
from payments.use_cases.gateway import Gateway

MOST_WHY = 500


def approve_draft(gateway: Gateway, actor: str, draft_id: str) -> DraftView:
    """Approve a draft that was checked and found sound.

    Raises NotFound, or Conflict when the actor brought it or it is not waiting for approval.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        row = find(connection, draft_id, lock=True)
        if row.imported_by == actor:
            raise Conflict(
                "same_person",
                "Người nhập dự thảo không được tự duyệt; cần người thứ hai.",
                "Who brought a draft may not approve it; a second person must.",
            )
        step(connection, row, DraftEvent.APPROVED, {"approved_by": actor, "approved_at": now})
        note(connection, [AuditEntry(actor, "approve_schedule", row.id, detail_of(row))], now)
        return draft_view(find(connection, draft_id))


def withdraw_draft(gateway: Gateway, actor: str, draft_id: str, why: str) -> DraftView:
    """Put a draft aside for good. Raises NotFound, Invalid without a reason, or Conflict when it is published."""
    if not why.strip() or len(why) > MOST_WHY:
        raise Invalid(
            "reason_missing",
            "Hãy ghi lý do (tối đa 500 ký tự).",
            "Please say why, in at most 500 characters.",
        )
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        row = find(connection, draft_id, lock=True)
        values = {"withdrawn_by": actor, "withdrawn_at": now, "withdrawn_why": why.strip()}
        step(connection, row, DraftEvent.WITHDRAWN, values)
        note(
            connection, [AuditEntry(actor, "withdraw_schedule", row.id, {**detail_of(row), "why": why})], now
        )
        return draft_view(find(connection, draft_id))


def step(connection: Connection, row: Row[Any], event: DraftEvent, values: Mapping[str, Any]) -> None:
    """Let a locked draft take a step. Raises Conflict when the step is not open to it."""
    was = DraftState(row.state)
    if not allows(DRAFT, was, event):
        raise not_in_that_state(row, event)
    store.move_draft(connection, row.id, was, follow(DRAFT, was, event).to, values)


def detail_of(row: Row[Any]) -> dict[str, Any]:
    """What the audit log says of a draft."""
    return {"text": row.text_id, "version": row.version, "digest": row.digest}
