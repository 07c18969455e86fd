"""The outside world: portals, their keys and endpoints, events, deliveries, jobs."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from payments.store.tables.base import metadata, one_of
from payments.store.types import Document, Dong, RowId, UtcDateTime

portals = Table(
    "portals",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("next_event_position", Dong, nullable=False, server_default="1"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("portal_code", String(40), ForeignKey("portals.code"), nullable=False, index=True),
    Column("prefix", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("portal_code", String(40), ForeignKey("portals.code"), nullable=False, index=True),
    Column("url", String(1000), nullable=False),
    Column("sealed_secrets", Document, nullable=False),  # encrypted, oldest to newest
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("portal_code", "url"),
)

events = Table(
    "events",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("portal_code", String(40), ForeignKey("portals.code"), nullable=False),
    # Positions are given under a lock on the portal, so a reader with a cursor misses none.
    Column("position", Dong, nullable=False),
    Column("type", String(60), nullable=False),
    Column("request_id", String(40), ForeignKey("payment_requests.id"), nullable=False, index=True),
    Column("dossier_code", String(100), nullable=False),
    Column("data", Document, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("portal_code", "position"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("event_id", String(40), ForeignKey("events.id"), nullable=False),
    Column("endpoint_id", String(40), ForeignKey("webhook_endpoints.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("last_status", Integer),
    Column("last_error", String(500), nullable=False, server_default=text("''")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("tried_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    UniqueConstraint("event_id", "endpoint_id"),
    one_of("state", ("pending", "delivered", "dead"), "state"),
    CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("portal_code", String(40), ForeignKey("portals.code"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Document, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run_at", UtcDateTime, nullable=False),
    Column("leased_until", UtcDateTime),
    Column("lease", String(40), nullable=False, server_default=text("''")),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=text("''")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("kind", "subject"),
    one_of("state", ("queued", "running", "done", "dead"), "state"),
    CheckConstraint("(state = 'running') = (leased_until IS NOT NULL)", name="leased_until"),
    Index(None, "state", "run_at"),
)
