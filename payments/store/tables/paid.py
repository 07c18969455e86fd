"""How it is paid: attempts, notices, money that arrived, refunds, discrepancies."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from payments.core.lifecycle import AttemptState, RefundState
from payments.store.tables.base import metadata, one_of
from payments.store.types import Document, Dong, UtcDateTime

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
    Index(None, "provider_reference"),
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
    # The order's reference as the message had it; the attempt's, where we know that attempt.
    Column("told_reference", String(100), nullable=False, server_default=text("''")),
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
    Index(None, "provider_reference"),
    Index(None, "told_reference"),
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
    # An end that no provider told: by which evidence of the bank, and who took it for that.
    Column("evidence", String(500), nullable=False, server_default=text("''")),
    Column("ended_by", String(60)),
    one_of("state", RefundState, "state"),
    CheckConstraint("amount_dong > 0", name="amount_dong"),
    CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="two_persons"),
    CheckConstraint(
        "state IN ('requested', 'rejected') OR approved_by IS NOT NULL", name="approved_before_sent"
    ),
    CheckConstraint(
        "ended_by IS NULL OR (ended_by <> requested_by AND evidence <> '' AND state IN ('done', 'failed'))",
        name="ended_by_another",
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
    Index(None, "attempt_reference"),
)
