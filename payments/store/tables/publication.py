"""What the catalogue is published from: drafts, and the periods in which a published text sets an item."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from payments.core.publication import DraftState, TextKind
from payments.store.tables.base import metadata, one_of
from payments.store.types import Document, RowId, UtcDateTime

fee_drafts = Table(
    "fee_drafts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("text_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),  # 0 where the text names none: it gets the next one
    Column("file_name", String(200), nullable=False),
    Column("source_text", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("findings", Document, nullable=False),  # what is to be mended, as the last check found it
    Column("checked_with", Document, nullable=False),  # the drafts beside which it was checked
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String(60), nullable=False),
    Column("checked_at", UtcDateTime),
    Column("checked_by", String(60)),
    Column("approved_at", UtcDateTime),
    Column("approved_by", String(60)),
    Column("published_at", UtcDateTime),
    Column("published_by", String(60)),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", String(60)),
    Column("withdrawn_why", String(500), nullable=False, server_default=text("''")),
    one_of("kind", TextKind, "kind"),
    one_of("state", DraftState, "state"),
    CheckConstraint("version >= 0", name="version"),
    CheckConstraint("approved_by IS NULL OR approved_by <> imported_by", name="two_persons"),
    CheckConstraint("state NOT IN ('approved', 'published') OR approved_by IS NOT NULL", name="approved"),
    # What a program brought has no first person: one approves it and another publishes it.
    CheckConstraint(
        "imported_by <> 'system:catalogue' OR published_by IS NULL OR published_by <> approved_by",
        name="two_persons_for_shipped",
    ),
    CheckConstraint("(state = 'published') = (published_by IS NOT NULL)", name="published_by"),
    CheckConstraint("(state = 'withdrawn') = (withdrawn_by IS NOT NULL)", name="withdrawn_by"),
    Index(None, "text_id", "digest"),
)

fee_item_periods = Table(
    "fee_item_periods",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("text_id", String(80), nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("item_code", String(100), nullable=False),
    Column("territory", String(200), nullable=False),
    # The law's days, both included; null is open.
    Column("law_from", Date),
    Column("law_to", Date),
    # The days on which Thuphi computes with it; the last is not included.
    Column("published_from", Date, nullable=False),
    Column("published_to", Date),
    ForeignKeyConstraint(["text_id", "text_version"], ["fee_schedules.id", "fee_schedules.version"]),
    UniqueConstraint("text_id", "text_version", "item_code"),
    CheckConstraint("law_to IS NULL OR law_from IS NULL OR law_to >= law_from", name="law_period"),
    CheckConstraint("published_to IS NULL OR published_to >= published_from", name="publication_period"),
    Index(None, "item_code", "territory"),
)
