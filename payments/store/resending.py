"""Opening a webhook delivery again, so that it is sent once more under the same event id."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from payments.store.tables import events, webhook_deliveries


def reopen_delivery(connection: Connection, delivery_id: str, request_id: str) -> bool:
    """Make a delivery of ``request_id`` pending again; False when that request has no such delivery."""
    of_request = select(events.c.id).where(events.c.request_id == request_id)
    changed = connection.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.id == delivery_id, webhook_deliveries.c.event_id.in_(of_request))
        .values(state="pending", delivered_at=None)
    )
    return changed.rowcount == 1
