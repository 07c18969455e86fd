"""Every table, with the laws that the database itself keeps.

The tables are grouped by reader: who collects, what is owed, how it is paid, the books, the papers, the outside
world, the people. ``migrations/`` builds the same schema; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from payments.core.lifecycle import AttemptState, ReceiptState, RefundState, RequestState
from payments.store.types import Document, Dong, RowId, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, values: type[object] | tuple[str, ...], name: str) -> CheckConstraint:
    """``column`` holds one of ``values``, an enumeration or a tuple of words."""
    words = ", ".join(f"'{value!s}'" for value in values)  # type: ignore[union-attr]
    return CheckConstraint(f"{column} IN ({words})", name=name)


# --- who collects ---------------------------------------------------------------------------------------------

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
    UniqueConstraint("id", "digest"),
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

# --- what is owed ---------------------------------------------------------------------------------------------

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
    Index(None, "dossier_code"),
    Index(None, "state", "expires_at"),
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

# --- how it is paid -------------------------------------------------------------------------------------------

attempts = Table(
    "attempts",
    metadata,
    Column("reference", String(40), primary_key=True),
    Column("request_id", String(40), ForeignKey("payment_requests.id"), nullable=False, index=True),
    Column("account_code", String(40), ForeignKey("provider_accounts.code"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("amount_dong", Dong, nullable=False),
    Column("payer_address", String(45), nullable=False),
    Column("language", String(2), nullable=False),
    Column("redirect_url", Text, nullable=False, server_default=text("''")),
    Column("provider_reference", String(100), nullable=False, server_default=text("''")),
    Column("provider_code", String(100), nullable=False, server_default=text("''")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    one_of("state", AttemptState, "state"),
    CheckConstraint("amount_dong > 0", name="amount_dong"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index(None, "state", "expires_at"),
)

notices = Table(
    "notices",
    metadata,
    # The identity is the digest of account, source and raw bytes: what arrives twice is one row.
    Column("id", String(64), primary_key=True),
    Column("account_code", String(40), ForeignKey("provider_accounts.code"), nullable=False),
    Column("source", String(20), nullable=False),
    Column("method", String(10), nullable=False),
    Column("query_string", Text, nullable=False),
    Column("headers", Document, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("times_seen", Integer, nullable=False),
    Column("verdict", String(20), nullable=False),  # empty when the message was not believed
    Column("reference", String(100), nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("amount_dong", Dong),
    Column("code", String(100), nullable=False),
    Column("acknowledgement", String(20), nullable=False),
    Column("decision", String(40), nullable=False),
    Column("detail", Text, nullable=False, server_default=text("''")),
    one_of("source", ("callback", "return", "query", "statement", "cashier"), "source"),
    CheckConstraint("times_seen >= 1", name="times_seen"),
    Index(None, "reference"),
    Index(None, "account_code", "first_seen_at"),
)

payments = Table(
    "payments",
    metadata,
    # A sum of money that arrived, once. It is settled (it pays its request) or in suspense.
    Column("id", String(40), primary_key=True),
    Column("account_code", String(40), ForeignKey("provider_accounts.code"), nullable=False),
    Column("money_key", String(100), nullable=False),  # the provider's number, or our reference without one
    Column("provider_reference", String(100), nullable=False),
    Column("attempt_reference", String(40), ForeignKey("attempts.reference"), index=True),
    Column("request_id", String(40), ForeignKey("payment_requests.id"), index=True),
    Column("notice_id", String(64), ForeignKey("notices.id"), nullable=False),
    Column("amount_dong", Dong, nullable=False),
    Column("refunded_dong", Dong, nullable=False, server_default="0"),  # asked for and not failed
    Column("disposition", String(20), nullable=False),
    Column("reason", String(40), nullable=False),  # why it is in suspense; empty when settled
    Column("method", String(60), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("booked_at", UtcDateTime, nullable=False),
    UniqueConstraint("account_code", "money_key"),
    one_of("disposition", ("settled", "suspense"), "disposition"),
    CheckConstraint("amount_dong > 0", name="amount_dong"),
    CheckConstraint("refunded_dong BETWEEN 0 AND amount_dong", name="refunded_dong"),
    CheckConstraint("disposition = 'suspense' OR request_id IS NOT NULL", name="settles_something"),
    Index(
        "uq_payments_one_settles",
        "request_id",
        unique=True,
        sqlite_where=text("disposition = 'settled'"),
        postgresql_where=text("disposition = 'settled'"),
    ),
    Index(None, "booked_at"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("reference", String(40), primary_key=True),
    Column("payment_id", String(40), ForeignKey("payments.id"), nullable=False, index=True),
    Column("amount_dong", Dong, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("requested_by", String(60), nullable=False),
    Column("approved_by", String(60)),
    Column("provider_reference", String(100), nullable=False, server_default=text("''")),
    Column("provider_code", String(100), nullable=False, server_default=text("''")),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("approved_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    one_of("state", RefundState, "state"),
    CheckConstraint("amount_dong > 0", name="amount_dong"),
    CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="two_persons"),
    CheckConstraint(
        "state IN ('requested', 'rejected') OR approved_by IS NOT NULL", name="approved_before_sent"
    ),
)

discrepancies = Table(
    "discrepancies",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("key", String(200), nullable=False, unique=True),  # the same fault opens one discrepancy
    Column("kind", String(40), nullable=False),
    Column("account_code", String(40), ForeignKey("provider_accounts.code"), nullable=False),
    Column("request_id", String(40), ForeignKey("payment_requests.id"), index=True),
    Column("attempt_reference", String(40)),
    Column("payment_id", String(40), ForeignKey("payments.id")),
    Column("notice_id", String(64), ForeignKey("notices.id")),
    Column("expected_dong", Dong),
    Column("actual_dong", Dong),
    Column("state", String(20), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("resolution", String(500), nullable=False, server_default=text("''")),
    one_of("state", ("open", "closed"), "state"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
    Index(None, "state", "opened_at"),
)

# --- the books ------------------------------------------------------------------------------------------------

ledger_accounts = Table(
    "ledger_accounts",
    metadata,
    Column("code", String(200), primary_key=True),
    Column("family", String(30), nullable=False),
    one_of(
        "family",
        ("receivable", "revenue", "provider_charges", "refunds_payable", "suspense", "cash_desk"),
        "family",
    ),
)

ledger_chains = Table(
    "ledger_chains",
    metadata,
    # One chain of digests per provider account; its row is locked while transfers are added.
    Column("account_code", String(40), ForeignKey("provider_accounts.code"), primary_key=True),
    Column("next_position", Dong, nullable=False),
    Column("last_digest", String(64), nullable=False),
    CheckConstraint("next_position >= 1", name="next_position"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("chain", String(40), ForeignKey("ledger_chains.account_code"), primary_key=True),
    Column("position", Dong, primary_key=True),
    Column("code", String(40), nullable=False),
    Column("debit_account", String(200), ForeignKey("ledger_accounts.code"), nullable=False, index=True),
    Column("credit_account", String(200), ForeignKey("ledger_accounts.code"), nullable=False, index=True),
    Column("amount_dong", Dong, nullable=False),
    Column("payment_id", String(40), ForeignKey("payments.id"), nullable=False, index=True),
    Column("refund_reference", String(40), ForeignKey("refunds.reference")),
    Column("booked_at", UtcDateTime, nullable=False),
    Column("digest", String(64), nullable=False),
    CheckConstraint("amount_dong > 0", name="amount_dong"),
    CheckConstraint("debit_account <> credit_account", name="two_accounts"),
    CheckConstraint("position >= 1", name="position"),
)

# --- the papers -----------------------------------------------------------------------------------------------

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

# --- the outside world ----------------------------------------------------------------------------------------

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

# --- the people -----------------------------------------------------------------------------------------------

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
