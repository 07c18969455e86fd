"""The books: ledger accounts, chains and transfers."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table

from payments.store.tables.base import metadata, one_of
from payments.store.types import Dong, UtcDateTime

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
