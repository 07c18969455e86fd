"""The papers: receipt books, receipts and their files."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from payments.core.lifecycle import ReceiptState
from payments.store.tables.base import metadata, one_of
from payments.store.types import Document, Dong, RowId, UtcDateTime

receipt_books = Table(
    "receipt_books",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("form_code", String(20), nullable=False),
    Column("serial", String(10), nullable=False),
    Column("year", Integer, nullable=False),
    Column("next_number", Integer, nullable=False),
    Column("last_digest", String(64), nullable=False),
    UniqueConstraint("agency_code", "form_code", "serial"),
    UniqueConstraint("agency_code", "form_code", "year"),
    # At most 8 digits (Decree 254/2026, article 23).
    CheckConstraint("next_number BETWEEN 1 AND 100000000", name="next_number"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("book_id", RowId, ForeignKey("receipt_books.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("payment_id", String(40), ForeignKey("payments.id"), nullable=False),
    Column("request_id", String(40), ForeignKey("payment_requests.id"), nullable=False, index=True),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("lookup_code", String(20), nullable=False, unique=True),
    Column("total_dong", Dong, nullable=False),
    Column("content", Document, nullable=False),  # everything the papers show, fixed when booked
    Column("digest", String(64), nullable=False),  # chained over the book
    Column("issued_at", UtcDateTime, nullable=False),
    UniqueConstraint("book_id", "number"),
    UniqueConstraint("payment_id", "agency_code"),
    one_of("state", ReceiptState, "state"),
    CheckConstraint("total_dong > 0", name="total_dong"),
    CheckConstraint("number BETWEEN 1 AND 99999999", name="number"),
)

receipt_files = Table(
    "receipt_files",
    metadata,
    Column("receipt_id", String(40), ForeignKey("receipts.id"), primary_key=True),
    Column("format", String(3), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    one_of("format", ("pdf", "xml"), "format"),
)
