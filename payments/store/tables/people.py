"""The people: users, their sessions, and the log of what was done."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from payments.store.tables.base import metadata, one_of
from payments.store.types import Document, RowId, UtcDateTime

users = Table(
    "users",
    metadata,
    Column("login", String(60), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(30), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    one_of("role", ("finance_officer", "auditor", "administrator"), "role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("login", String(60), ForeignKey("users.login"), nullable=False, index=True),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(100), nullable=False),  # "portal:…", "user:…", "payer", "provider:…", "worker"
    Column("action", String(60), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("detail", Document, nullable=False),
    Index(None, "subject", "id"),
)
