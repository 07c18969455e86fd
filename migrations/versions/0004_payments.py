"""Money that arrived, what is given back, and what needs an officer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.store.types import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_payments()
    create_refunds()
    create_discrepancies()


def create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("money_key", sa.String(length=100), nullable=False),
        sa.Column("provider_reference", sa.String(length=100), nullable=False),
        sa.Column("attempt_reference", sa.String(length=40), nullable=True),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("refunded_dong", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("disposition", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "disposition = 'suspense' OR request_id IS NOT NULL", name=op.f("ck_payments_settles_something")
        ),
        sa.CheckConstraint("disposition IN ('settled', 'suspense')", name=op.f("ck_payments_disposition")),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_payments_amount_dong")),
        sa.CheckConstraint("refunded_dong BETWEEN 0 AND amount_dong", name=op.f("ck_payments_refunded_dong")),
        sa.ForeignKeyConstraint(
            ["account_code"],
            ["provider_accounts.code"],
            name=op.f("fk_payments_account_code_provider_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_reference"], ["attempts.reference"], name=op.f("fk_payments_attempt_reference_attempts")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_payments_notice_id_notices")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_requests.id"], name=op.f("fk_payments_request_id_payment_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("account_code", "money_key", name=op.f("uq_payments_account_code_money_key")),
    )
    op.create_index(op.f("ix_payments_attempt_reference"), "payments", ["attempt_reference"], unique=False)
    op.create_index(op.f("ix_payments_booked_at"), "payments", ["booked_at"], unique=False)
    op.create_index(op.f("ix_payments_provider_reference"), "payments", ["provider_reference"], unique=False)
    op.create_index(op.f("ix_payments_request_id"), "payments", ["request_id"], unique=False)
    op.create_index(
        "uq_payments_one_settles",
        "payments",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("disposition = 'settled'"),
        postgresql_where=sa.text("disposition = 'settled'"),
    )


def create_refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_by", sa.String(length=60), nullable=False),
        sa.Column("approved_by", sa.String(length=60), nullable=True),
        sa.Column("provider_reference", sa.String(length=100), server_default=sa.text("''"), nullable=False),
        sa.Column("provider_code", sa.String(length=100), server_default=sa.text("''"), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'rejected', 'sent', 'done', 'failed', 'unknown')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'rejected') OR approved_by IS NOT NULL",
            name=op.f("ck_refunds_approved_before_sent"),
        ),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_refunds_amount_dong")),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> requested_by", name=op.f("ck_refunds_two_persons")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_refunds")),
    )
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"], unique=False)


def create_discrepancies() -> None:
    op.create_table(
        "discrepancies",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("attempt_reference", sa.String(length=40), nullable=True),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("notice_id", sa.String(length=64), nullable=True),
        sa.Column("expected_dong", sa.BigInteger(), nullable=True),
        sa.Column("actual_dong", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("resolution", sa.String(length=500), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_discrepancies_closed_at")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_discrepancies_state")),
        sa.ForeignKeyConstraint(
            ["account_code"],
            ["provider_accounts.code"],
            name=op.f("fk_discrepancies_account_code_provider_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_discrepancies_notice_id_notices")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_discrepancies_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_requests.id"], name=op.f("fk_discrepancies_request_id_payment_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancies")),
        sa.UniqueConstraint("key", name=op.f("uq_discrepancies_key")),
    )
    op.create_index(
        op.f("ix_discrepancies_attempt_reference"), "discrepancies", ["attempt_reference"], unique=False
    )
    op.create_index(op.f("ix_discrepancies_request_id"), "discrepancies", ["request_id"], unique=False)
    op.create_index(
        op.f("ix_discrepancies_state_opened_at"), "discrepancies", ["state", "opened_at"], unique=False
    )
