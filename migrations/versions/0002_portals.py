"""Who asks: portals, their keys and the endpoints that hear of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.store.types import Document, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_portals()
    create_api_keys()
    create_webhook_endpoints()
    create_idempotency_keys()


def create_portals() -> None:
    op.create_table(
        "portals",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("next_event_position", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_portals")),
    )


def create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("portal_code", sa.String(length=40), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["portal_code"], ["portals.code"], name=op.f("fk_api_keys_portal_code_portals")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_api_keys")),
    )
    op.create_index(op.f("ix_api_keys_portal_code"), "api_keys", ["portal_code"], unique=False)


def create_webhook_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("portal_code", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("sealed_secrets", Document, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portal_code"], ["portals.code"], name=op.f("fk_webhook_endpoints_portal_code_portals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        sa.UniqueConstraint("portal_code", "url", name=op.f("uq_webhook_endpoints_portal_code_url")),
    )
    op.create_index(
        op.f("ix_webhook_endpoints_portal_code"), "webhook_endpoints", ["portal_code"], unique=False
    )


def create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("portal_code", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", Document, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portal_code"], ["portals.code"], name=op.f("fk_idempotency_keys_portal_code_portals")
        ),
        sa.PrimaryKeyConstraint("portal_code", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
