"""Drafts of texts of the catalogue, and who did which step with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from payments.core.publication import DraftState
from payments.store.tables import fee_drafts

LIVE = (DraftState.DRAFT, DraftState.CHECKED, DraftState.APPROVED)
DRAFTS = fee_drafts.c


def add_draft(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(fee_drafts).values(row))


def find_draft(connection: Connection, draft_id: str, *, lock: bool = False) -> Row[Any] | None:
    """A draft; ``lock`` keeps it until the transaction ends."""
    query = select(fee_drafts).where(DRAFTS.id == draft_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def find_same(connection: Connection, text_id: str, digest: str) -> Row[Any] | None:
    """A draft that says exactly the same, rather one that was not withdrawn."""
    query = select(fee_drafts).where(DRAFTS.text_id == text_id, DRAFTS.digest == digest)
    return connection.execute(
        query.order_by(DRAFTS.state == DraftState.WITHDRAWN, DRAFTS.id).limit(1)
    ).one_or_none()


def live_drafts(connection: Connection) -> Sequence[Row[Any]]:
    """The drafts that may still be published, the newest first."""
    query = select(fee_drafts).where(DRAFTS.state.in_(LIVE)).order_by(DRAFTS.id.desc())
    return connection.execute(query).all()


def move_draft(
    connection: Connection, draft_id: str, was: DraftState, state: DraftState, values: Mapping[str, Any]
) -> bool:
    """Move a draft from one state to another; False when it was no longer there."""
    changed = connection.execute(
        update(fee_drafts).where(DRAFTS.id == draft_id, DRAFTS.state == was).values(state=state, **values)
    )
    return changed.rowcount == 1
