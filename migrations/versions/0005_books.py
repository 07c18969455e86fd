"""The ledger and the receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.store.types import Document, RowId, UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_ledger_accounts()
    create_ledger_chains()
    create_transfers()
    create_receipt_books()
    create_receipts()
    create_receipt_files()


def create_ledger_accounts() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("family", sa.String(length=30), nullable=False),
        sa.CheckConstraint(
            "family IN ('receivable', 'revenue', 'provider_charges', 'refunds_payable', 'suspense', 'cash_desk')",
            name=op.f("ck_ledger_accounts_family"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ledger_accounts")),
    )


def create_ledger_chains() -> None:
    op.create_table(
        "ledger_chains",
        sa.Column("account_code", sa.String(length=40), nullable=False),
        sa.Column("next_position", sa.BigInteger(), nullable=False),
        sa.Column("last_digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("next_position >= 1", name=op.f("ck_ledger_chains_next_position")),
        sa.ForeignKeyConstraint(
            ["account_code"],
            ["provider_accounts.code"],
            name=op.f("fk_ledger_chains_account_code_provider_accounts"),
        ),
        sa.PrimaryKeyConstraint("account_code", name=op.f("pk_ledger_chains")),
    )


def create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("debit_account", sa.String(length=200), nullable=False),
        sa.Column("credit_account", sa.String(length=200), nullable=False),
        sa.Column("amount_dong", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=False),
        sa.Column("refund_reference", sa.String(length=40), nullable=True),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("amount_dong > 0", name=op.f("ck_transfers_amount_dong")),
        sa.CheckConstraint("debit_account <> credit_account", name=op.f("ck_transfers_two_accounts")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_transfers_position")),
        sa.ForeignKeyConstraint(
            ["chain"], ["ledger_chains.account_code"], name=op.f("fk_transfers_chain_ledger_chains")
        ),
        sa.ForeignKeyConstraint(
            ["credit_account"],
            ["ledger_accounts.code"],
            name=op.f("fk_transfers_credit_account_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["debit_account"],
            ["ledger_accounts.code"],
            name=op.f("fk_transfers_debit_account_ledger_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_transfers_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["refund_reference"], ["refunds.reference"], name=op.f("fk_transfers_refund_reference_refunds")
        ),
        sa.PrimaryKeyConstraint("chain", "position", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_credit_account"), "transfers", ["credit_account"], unique=False)
    op.create_index(op.f("ix_transfers_debit_account"), "transfers", ["debit_account"], unique=False)
    op.create_index(op.f("ix_transfers_payment_id"), "transfers", ["payment_id"], unique=False)


def create_receipt_books() -> None:
    op.create_table(
        "receipt_books",
        sa.Column("id", RowId, nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("form_code", sa.String(length=20), nullable=False),
        sa.Column("serial", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("last_digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("next_number BETWEEN 1 AND 100000000", name=op.f("ck_receipt_books_next_number")),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_receipt_books_agency_code_agencies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_books")),
        sa.UniqueConstraint(
            "agency_code", "form_code", "serial", name=op.f("uq_receipt_books_agency_code_form_code_serial")
        ),
        sa.UniqueConstraint(
            "agency_code", "form_code", "year", name=op.f("uq_receipt_books_agency_code_form_code_year")
        ),
    )


def create_receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("book_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("lookup_code", sa.String(length=20), nullable=False),
        sa.Column("total_dong", sa.BigInteger(), nullable=False),
        sa.Column("content", Document, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('issued', 'replaced', 'reported_wrong')", name=op.f("ck_receipts_state")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 99999999", name=op.f("ck_receipts_number")),
        sa.CheckConstraint("total_dong > 0", name=op.f("ck_receipts_total_dong")),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agencies.code"], name=op.f("fk_receipts_agency_code_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["book_id"], ["receipt_books.id"], name=op.f("fk_receipts_book_id_receipt_books")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_receipts_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_requests.id"], name=op.f("fk_receipts_request_id_payment_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("book_id", "number", name=op.f("uq_receipts_book_id_number")),
        sa.UniqueConstraint("lookup_code", name=op.f("uq_receipts_lookup_code")),
        sa.UniqueConstraint("payment_id", "agency_code", name=op.f("uq_receipts_payment_id_agency_code")),
    )
    op.create_index(op.f("ix_receipts_request_id"), "receipts", ["request_id"], unique=False)


def create_receipt_files() -> None:
    op.create_table(
        "receipt_files",
        sa.Column("receipt_id", sa.String(length=40), nullable=False),
        sa.Column("format", sa.String(length=3), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("format IN ('pdf', 'xml')", name=op.f("ck_receipt_files_format")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_files_receipt_id_receipts")
        ),
        sa.PrimaryKeyConstraint("receipt_id", "format", name=op.f("pk_receipt_files")),
    )
