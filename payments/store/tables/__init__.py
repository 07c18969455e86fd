"""Every table, with the laws that the database itself keeps.

The tables are grouped by reader: who collects, what is owed, how it is paid, the books, the papers, the outside
world, the people. ``migrations/`` builds the same schema; a test compares the two.
"""

from payments.store.tables.base import metadata
from payments.store.tables.books import ledger_accounts, ledger_chains, transfers
from payments.store.tables.collectors import (
    agencies,
    agency_accounts,
    delegations,
    fee_schedules,
    procedures,
    provider_accounts,
)
from payments.store.tables.outside import (
    api_keys,
    events,
    idempotency_keys,
    jobs,
    portals,
    webhook_deliveries,
    webhook_endpoints,
)
from payments.store.tables.owed import payer_words, payment_request_lines, payment_requests
from payments.store.tables.paid import attempts, discrepancies, notices, payments, refunds
from payments.store.tables.papers import receipt_books, receipt_files, receipts
from payments.store.tables.people import audit_log, sessions, users
from payments.store.tables.publication import fee_drafts, fee_item_periods

__all__ = [
    "agencies",
    "agency_accounts",
    "api_keys",
    "attempts",
    "audit_log",
    "delegations",
    "discrepancies",
    "events",
    "fee_drafts",
    "fee_item_periods",
    "fee_schedules",
    "idempotency_keys",
    "jobs",
    "ledger_accounts",
    "ledger_chains",
    "metadata",
    "notices",
    "payer_words",
    "payment_request_lines",
    "payment_requests",
    "payments",
    "portals",
    "procedures",
    "provider_accounts",
    "receipt_books",
    "receipt_files",
    "receipts",
    "refunds",
    "sessions",
    "transfers",
    "users",
    "webhook_deliveries",
    "webhook_endpoints",
]
