"""Who collects: agencies, procedures, schedules and provider accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.store.types import RowId, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_agencies()
    create_agency_accounts()
    create_delegations()
    create_procedures()
    create_fee_schedules()
    create_provider_accounts()


def create_agencies() -> None:
    op.create_table(
        "agencies",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_vi", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("tax_code", sa.String(length=14), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("parent_code", sa.String(length=40), nullable=True),
        sa.Column("territory", sa.String(length=40), nullable=False),
        sa.Column("chapter", sa.String(length=3), nullable=False),
        sa.Column("area_code", sa.String(length=10), nullable=False),
        sa.Column("collector_status", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "collector_status IN ('lump_sum', 'budget')", name=op.f("ck_agencies_collector_status")
        ),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["agencies.code"], name=op.f("fk_agencies_parent_code_agencies")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_agencies")),
        sa.UniqueConstraint("tax_code", name=op.f("uq_agencies_tax_code")),
    )


def create_agency_accounts() -> None:
    op.create_table(
        "agency_accounts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("held_at", sa.String(length=200), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('awaiting_remittance', 'dedicated_collection')", name=op.f("ck_agency_accounts_kind")
        ),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to >= effective_from", name=op.f("ck_agency_accounts_period")
        ),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_agency_accounts_agency_code_agencies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_accounts")),
        sa.UniqueConstraint(
            "number",
            "held_at",
            "effective_from",
            name=op.f("uq_agency_accounts_number_held_at_effective_from"),
        ),
    )


def create_delegations() -> None:
    op.create_table(
        "delegations",
        sa.Column("id", RowId, nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("delegate_code", sa.String(length=40), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.CheckConstraint("agency_code <> delegate_code", name=op.f("ck_delegations_two_bodies")),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to >= effective_from", name=op.f("ck_delegations_period")
        ),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_delegations_agency_code_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["delegate_code"], ["agencies.code"], name=op.f("fk_delegations_delegate_code_agencies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        sa.UniqueConstraint(
            "agency_code",
            "delegate_code",
            "effective_from",
            name=op.f("uq_delegations_agency_code_delegate_code_effective_from"),
        ),
    )


def create_procedures() -> None:
    op.create_table(
        "procedures",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_vi", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("field_vi", sa.String(length=200), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("late_payment", sa.String(length=10), server_default="settle", nullable=False),
        sa.Column("payable_from", sa.Date(), nullable=False),
        sa.CheckConstraint("late_payment IN ('settle', 'hold')", name=op.f("ck_procedures_late_payment")),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_procedures_agency_code_agencies")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_procedures")),
    )


def create_fee_schedules() -> None:
    op.create_table(
        "fee_schedules",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=300), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_from IS NULL OR effective_to >= effective_from",
            name=op.f("ck_fee_schedules_period"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_fee_schedules_version")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_fee_schedules")),
        sa.UniqueConstraint("id", "digest", name=op.f("uq_fee_schedules_id_digest")),
    )


def create_provider_accounts() -> None:
    op.create_table(
        "provider_accounts",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("merchant", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_provider_accounts")),
        sa.UniqueConstraint("provider", "merchant", name=op.f("uq_provider_accounts_provider_merchant")),
    )
