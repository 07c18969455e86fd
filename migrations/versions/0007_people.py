"""Users, their sessions, and the log of what was done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.store.types import Document, RowId, UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_users()
    create_sessions()
    create_audit_log()


def create_users() -> None:
    op.create_table(
        "users",
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "role IN ('finance_officer', 'auditor', 'administrator')", name=op.f("ck_users_role")
        ),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_users")),
    )


def create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["users.login"], name=op.f("fk_sessions_login_users")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_login"), "sessions", ["login"], unique=False)


def create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", RowId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("detail", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_subject_id"), "audit_log", ["subject", "id"], unique=False)
