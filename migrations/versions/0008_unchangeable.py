"""What is written once and never changed: ledger rows, events, the audit log, and what a receipt says."""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "0008"
down_revision = "0007"

KEPT_WHOLE = ("transfers", "events", "audit_log", "receipt_files", "payment_request_lines", "fee_schedules")
"""Tables whose rows may neither be changed nor deleted."""

KEPT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "receipts": (
        "book_id",
        "number",
        "payment_id",
        "request_id",
        "agency_code",
        "lookup_code",
        "total_dong",
        "content",
        "digest",
        "issued_at",
    ),
    "payments": ("account_code", "money_key", "amount_dong", "notice_id", "booked_at"),
    "payment_requests": ("amount_dong", "portal_code", "dossier_code", "created_at"),
    "attempts": ("request_id", "account_code", "amount_dong", "created_at"),
    "notices": ("account_code", "source", "method", "query_string", "body", "first_seen_at"),
    "refunds": ("payment_id", "amount_dong", "requested_by", "requested_at"),
}
"""Tables whose rows may not be deleted, and their columns that keep the value they were written with."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REFUSE_FUNCTION)
    for table in KEPT_WHOLE:
        refuse(table, "DELETE")
        refuse(table, "UPDATE")
    for table, columns in KEPT_COLUMNS.items():
        refuse(table, "DELETE")
        refuse(table, f"UPDATE OF {', '.join(columns)}", columns)


REFUSE_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it was written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def refuse(table: str, action: str, columns: tuple[str, ...] = ()) -> None:
    """Refuse ``action`` on ``table``, for an update only where one of ``columns`` would get another value."""
    name = f"{table}_keep_{action.split()[0].lower()}"
    if op.get_bind().dialect.name == "postgresql":
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        when = f" WHEN ({changed})" if columns else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
            f"FOR EACH ROW{when} EXECUTE FUNCTION refuse_change()"
        )
        return
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    when = f" WHEN {changed}" if columns else ""
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW{when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it was written'); END"
    )
