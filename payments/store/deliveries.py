"""Webhook deliveries: what is to be sent where, in which order, and how often it was tried."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from payments.store.tables import events, webhook_deliveries, webhook_endpoints

PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"
MOST_ERROR_CHARACTERS = 500


def find_delivery(connection: Connection, delivery_id: str) -> Row[Any, *tuple[Any, ...]] | None:
    """A delivery with its event and its endpoint."""
    query = (
        select(
            webhook_deliveries.c.id,
            webhook_deliveries.c.state,
            webhook_deliveries.c.tries,
            webhook_deliveries.c.endpoint_id,
            events.c.id.label("event_id"),
            events.c.portal_code,
            events.c.dossier_code,
            events.c.position,
            events.c.type,
            events.c.data,
            events.c.created_at,
            webhook_endpoints.c.url,
            webhook_endpoints.c.sealed_secrets,
            webhook_endpoints.c.active,
        )
        .join(events, events.c.id == webhook_deliveries.c.event_id)
        .join(webhook_endpoints, webhook_endpoints.c.id == webhook_deliveries.c.endpoint_id)
        .where(webhook_deliveries.c.id == delivery_id)
    )
    return connection.execute(query).one_or_none()


def is_blocked(connection: Connection, delivery: Row[Any]) -> bool:
    """Whether an earlier event of the same dossier still waits for the same endpoint."""
    query = _siblings(delivery).where(events.c.position < delivery.position).limit(1)
    return connection.execute(query).first() is not None


def next_in_line(connection: Connection, delivery: Row[Any]) -> str | None:
    """The delivery of the same dossier to the same endpoint that ``delivery`` kept waiting."""
    query = _siblings(delivery).where(events.c.position > delivery.position)
    return connection.execute(query.order_by(events.c.position).limit(1)).scalar_one_or_none()


def _siblings(delivery: Row[Any]) -> Select[str]:
    return (
        select(webhook_deliveries.c.id)
        .join(events, events.c.id == webhook_deliveries.c.event_id)
        .where(
            webhook_deliveries.c.endpoint_id == delivery.endpoint_id,
            webhook_deliveries.c.state == PENDING,
            events.c.portal_code == delivery.portal_code,
            events.c.dossier_code == delivery.dossier_code,
        )
    )


def note_try(
    connection: Connection,
    delivery_id: str,
    *,
    state: str,
    tried_at: datetime,
    status: int | None,
    error: str,
) -> None:
    """Write down one try and what became of it."""
    connection.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id == delivery_id, webhook_deliveries.c.state == PENDING)
        .values(
            state=state,
            tries=webhook_deliveries.c.tries + 1,
            last_status=status,
            last_error=error[:MOST_ERROR_CHARACTERS],
            tried_at=tried_at,
            delivered_at=tried_at if state == DELIVERED else None,
        )
    )


def deliveries_of_event(connection: Connection, event_id: str) -> list[str]:
    """The ids of every delivery of an event."""
    query = select(webhook_deliveries.c.id).where(webhook_deliveries.c.event_id == event_id)
    return list(connection.scalars(query.order_by(webhook_deliveries.c.id)))


def reopen(connection: Connection, delivery_id: str) -> None:
    """Let a delivery be sent again, whatever became of it, under the same event id."""
    connection.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id == delivery_id)
        .values(state=PENDING, tries=0, delivered_at=None)
    )


def switch_off_other_endpoints(connection: Connection, portal_code: str, url: str) -> None:
    """Let the portal listen at ``url`` and nowhere else."""
    connection.execute(
        update(webhook_endpoints)
        .where(webhook_endpoints.c.portal_code == portal_code)
        .values(active=webhook_endpoints.c.url == url)
    )
