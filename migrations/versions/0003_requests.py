"""What is owed and how it is paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.store.types import Document, UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_payment_requests()
    index_payment_requests()
    create_payment_request_lines()
    create_attempts()
    create_notices()


def create_payment_requests() -> None:
    op.create_table(
        "payment_requests",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("portal_code", sa.String(length=40), nullable=False),
        sa.Column("dossier_code", sa.String(length=100), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=True),
        sa.Column("obligation", Document, nullable=True),
        sa.Column("description_vi", sa.String(length=500), nullable=False),
        sa.Column("description_en", sa.String(length=500), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("payer_name", sa.String(length=300), nullable=False),
        sa.Column("payer_tax_code", sa.String(length=14), nullable=False),
        sa.Column("payer_address", sa.String(length=300), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("late_payment", sa.String(length=10), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("return_url", sa.String(length=1000), nullable=False),
        sa.Column("facts", Document, nullable=False),
        sa.Column("schedules", Document, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name=op.f("ck_payment_requests_ended_at")
        ),
        sa.CheckConstraint(
            "late_payment IN ('settle', 'hold')", name=op.f("ck_payment_requests_late_payment")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'paid', 'cancelled', 'expired')", name=op.f("ck_payment_requests_state")
        ),
        sa.CheckConstraint(
            "amount_dong BETWEEN 0 AND 1000000000000", name=op.f("ck_payment_requests_amount_dong")
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_payment_requests_expires_at")),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_payment_requests_agency_code_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["portal_code"], ["portals.code"], name=op.f("fk_payment_requests_portal_code_portals")
        ),
        sa.ForeignKeyConstraint(
            ["procedure_code"],
            ["procedures.code"],
            name=op.f("fk_payment_requests_procedure_code_procedures"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_requests")),
        sa.UniqueConstraint("token", name=op.f("uq_payment_requests_token")),
    )


def index_payment_requests() -> None:
    op.create_index(
        op.f("ix_payment_requests_created_at_id"), "payment_requests", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_requests_dossier_code"), "payment_requests", ["dossier_code"], unique=False
    )
    op.create_index(
        op.f("ix_payment_requests_portal_code_dossier_code"),
        "payment_requests",
        ["portal_code", "dossier_code"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_requests_portal_code_id"), "payment_requests", ["portal_code", "id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_requests_state_expires_at"),
        "payment_requests",
        ["state", "expires_at"],
        unique=False,
    )


def create_payment_request_lines() -> None:
    op.create_table(
        "payment_request_lines",
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("item_code", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("name_vi", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("retained_dong", sa.BigInteger(), nullable=False),
        sa.Column("remitted_dong", sa.BigInteger(), nullable=False),
        sa.Column("sub_item", sa.String(length=10), nullable=False),
        sa.Column("legal_basis_vi", sa.String(length=500), nullable=False),
        sa.Column("legal_basis_en", sa.String(length=500), nullable=False),
        sa.Column("explanation_vi", sa.Text(), nullable=False),
        sa.Column("explanation_en", sa.Text(), nullable=False),
        sa.Column("schedule_id", sa.String(length=80), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("trace", Document, nullable=False),
        sa.CheckConstraint(
            "kind IN ('fee', 'charge', 'obligation')", name=op.f("ck_payment_request_lines_kind")
        ),
        sa.CheckConstraint(
            "outcome = 'due' OR amount_dong = 0", name=op.f("ck_payment_request_lines_nothing_due")
        ),
        sa.CheckConstraint(
            "outcome IN ('due', 'exempt', 'not_payable', 'zero_by_rule')",
            name=op.f("ck_payment_request_lines_outcome"),
        ),
        sa.CheckConstraint(
            "amount_dong >= 0 AND retained_dong >= 0 AND remitted_dong >= 0",
            name=op.f("ck_payment_request_lines_amounts"),
        ),
        sa.CheckConstraint(
            "retained_dong + remitted_dong = amount_dong", name=op.f("ck_payment_request_lines_split")
        ),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_payment_request_lines_agency_code_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["payment_requests.id"],
            name=op.f("fk_payment_request_lines_request_id_payment_requests"),
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_payment_request_lines")),
    )


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("payer_address", sa.String(length=45), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("redirect_url", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("provider_reference", sa.String(length=100), server_default=sa.text("''"), nullable=False),
        sa.Column("provider_code", sa.String(length=100), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'paid', 'failed', 'expired')", name=op.f("ck_attempts_state")
        ),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_attempts_amount_dong")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_attempts_expires_at")),
        sa.ForeignKeyConstraint(
            ["account_code"],
            ["provider_accounts.code"],
            name=op.f("fk_attempts_account_code_provider_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_requests.id"], name=op.f("fk_attempts_request_id_payment_requests")
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_provider_reference"), "attempts", ["provider_reference"], unique=False)
    op.create_index(op.f("ix_attempts_request_id"), "attempts", ["request_id"], unique=False)
    op.create_index(op.f("ix_attempts_state_expires_at"), "attempts", ["state", "expires_at"], unique=False)


def create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("query_string", sa.Text(), nullable=False),
        sa.Column("headers", Document, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("provider_reference", sa.String(length=100), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("acknowledgement", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "source IN ('callback', 'return', 'query', 'statement', 'cashier')",
            name=op.f("ck_notices_source"),
        ),
        sa.CheckConstraint("times_seen >= 1", name=op.f("ck_notices_times_seen")),
        sa.ForeignKeyConstraint(
            ["account_code"],
            ["provider_accounts.code"],
            name=op.f("fk_notices_account_code_provider_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        op.f("ix_notices_account_code_first_seen_at"),
        "notices",
        ["account_code", "first_seen_at"],
        unique=False,
    )
    op.create_index(op.f("ix_notices_reference"), "notices", ["reference"], unique=False)
