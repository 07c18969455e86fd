"""Who collects: agencies, their accounts and delegations, procedures, schedules, provider accounts."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from payments.core.publication import TextKind
from payments.store.tables.base import metadata, one_of
from payments.store.types import RowId, UtcDateTime

agencies = Table(
    "agencies",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name_vi", String(300), nullable=False),
    Column("name_en", String(300), nullable=False),
    Column("tax_code", String(14), nullable=False, unique=True),
    Column("address", String(300), nullable=False),
    Column("parent_code", String(40), ForeignKey("agencies.code")),
    Column("territory", String(40), nullable=False),
    Column("chapter", String(3), nullable=False),
    Column("area_code", String(10), nullable=False),
    # Only a body on a lump-sum budget keeps a share of a fee (Law 97/2015, article 12).
    Column("collector_status", String(20), nullable=False),
    one_of("collector_status", ("lump_sum", "budget"), "collector_status"),
)

agency_accounts = Table(
    "agency_accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("number", String(40), nullable=False),
    Column("held_at", String(200), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    UniqueConstraint("number", "held_at", "effective_from"),
    one_of("kind", ("awaiting_remittance", "dedicated_collection"), "kind"),
    CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="period"),
)

delegations = Table(
    "delegations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("delegate_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("document", String(200), nullable=False),
    Column("purpose", String(500), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    UniqueConstraint("agency_code", "delegate_code", "effective_from"),
    CheckConstraint("agency_code <> delegate_code", name="two_bodies"),
    CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="period"),
)

procedures = Table(
    "procedures",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name_vi", String(500), nullable=False),
    Column("name_en", String(500), nullable=False),
    Column("field_vi", String(200), nullable=False),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("late_payment", String(10), nullable=False, server_default="settle"),
    Column("payable_from", Date, nullable=False),
    one_of("late_payment", ("settle", "hold"), "late_payment"),
)

fee_schedules = Table(
    "fee_schedules",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", String(300), nullable=False),
    Column("source_text", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("effective_from", Date),
    Column("effective_to", Date),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", String(60), nullable=False),
    Column("kind", String(20), nullable=False, server_default=text("'schedule'")),
    Column("file_name", String(200), nullable=False, server_default=text("''")),
    # What was published together has one number, and a higher one than all that was published before.
    Column("publication", Integer, nullable=False, server_default=text("0"), index=True),
    # The days in Vietnam on which Thuphi computes with it; the last is not included, and null while there is none.
    Column("published_from", Date, nullable=False, server_default=text("'0001-01-01'")),
    Column("published_to", Date),
    Column("draft_id", String(40), ForeignKey("fee_drafts.id")),
    UniqueConstraint("id", "digest"),
    one_of("kind", TextKind, "kind"),
    CheckConstraint("published_to IS NULL OR published_to >= published_from", name="publication_period"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint(
        "effective_to IS NULL OR effective_from IS NULL OR effective_to >= effective_from", name="period"
    ),
)

provider_accounts = Table(
    "provider_accounts",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("merchant", String(100), nullable=False),
    UniqueConstraint("provider", "merchant"),
)
