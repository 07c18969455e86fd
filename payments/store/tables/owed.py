"""What is owed: payment requests and their lines."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from payments.core.lifecycle import RequestState
from payments.store.tables.base import metadata, one_of
from payments.store.types import Document, Dong, UtcDateTime


def by_bytes(column: str) -> dict[str, str]:
    """For an index of PostgreSQL that also finds the beginning of ``column``, in whatever language it sorts."""
    return {column: "text_pattern_ops"}


payment_requests = Table(
    "payment_requests",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("portal_code", String(40), ForeignKey("portals.code"), nullable=False),
    Column("dossier_code", String(100), nullable=False),
    Column("procedure_code", String(40), ForeignKey("procedures.code")),
    Column("obligation", Document),  # an outside duty, such as a tax notice: number, issuer, due date
    Column("description_vi", String(500), nullable=False),
    Column("description_en", String(500), nullable=False),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("payer_name", String(300), nullable=False),
    Column("payer_tax_code", String(14), nullable=False),
    Column("payer_address", String(300), nullable=False),
    Column("amount_dong", Dong, nullable=False),
    Column("state", String(20), nullable=False),
    Column("late_payment", String(10), nullable=False),
    Column("token", String(40), nullable=False, unique=True),
    Column("return_url", String(1000), nullable=False),
    Column("facts", Document, nullable=False),  # what the fee was computed from
    Column("schedules", Document, nullable=False),  # ids and versions of every schedule used
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # when it was paid, cancelled or expired
    one_of("state", RequestState, "state"),
    one_of("late_payment", ("settle", "hold"), "late_payment"),
    CheckConstraint("amount_dong BETWEEN 0 AND 1000000000000", name="amount_dong"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_at"),
    Index(None, "portal_code", "id"),
    Index(None, "portal_code", "dossier_code"),
    Index(None, "dossier_code", postgresql_ops=by_bytes("dossier_code")),
    Index(None, "state", "expires_at"),
    Index(None, "created_at", "id"),
)

payment_request_lines = Table(
    "payment_request_lines",
    metadata,
    Column("request_id", String(40), ForeignKey("payment_requests.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("agency_code", String(40), ForeignKey("agencies.code"), nullable=False),  # who collects it
    Column("item_code", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("name_vi", String(500), nullable=False),
    Column("name_en", String(500), nullable=False),
    Column("amount_dong", Dong, nullable=False),
    Column("retained_dong", Dong, nullable=False),
    Column("remitted_dong", Dong, nullable=False),
    Column("sub_item", String(10), nullable=False),
    Column("legal_basis_vi", String(500), nullable=False),
    Column("legal_basis_en", String(500), nullable=False),
    Column("explanation_vi", Text, nullable=False),
    Column("explanation_en", Text, nullable=False),
    Column("schedule_id", String(80), nullable=False),  # empty for an outside obligation
    Column("schedule_version", Integer, nullable=False),
    Column("trace", Document, nullable=False),
    one_of("kind", ("fee", "charge", "obligation"), "kind"),
    one_of("outcome", ("due", "exempt", "not_payable", "zero_by_rule"), "outcome"),
    CheckConstraint("amount_dong >= 0 AND retained_dong >= 0 AND remitted_dong >= 0", name="amounts"),
    CheckConstraint("retained_dong + remitted_dong = amount_dong", name="split"),
    CheckConstraint("outcome = 'due' OR amount_dong = 0", name="nothing_due"),
)

payer_words = Table(
    "payer_words",  # what payers are called, folded by payments.core.names, for those who search by name
    metadata,
    Column("request_id", String(40), ForeignKey("payment_requests.id"), primary_key=True),
    Column("word", String(40), primary_key=True),
    Index(None, "word", "request_id", postgresql_ops=by_bytes("word")),
)
