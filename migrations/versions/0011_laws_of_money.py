"""Laws of money that the database itself keeps: states along their tables, refunds within what was paid, heads forward.

The pairs of states are those of ``payments/core/lifecycle.py`` when this was written; a test compares the database
with the tables, and a change there takes a migration of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "0011"
down_revision = "0010"

Ways = tuple[tuple[str, str], ...]

STATES: Mapping[str, Ways] = {
    "payment_requests": (
        ("open", "paid"),
        ("open", "cancelled"),
        ("open", "expired"),
        ("expired", "paid"),
        ("expired", "cancelled"),
    ),
    "attempts": (
        ("created", "pending"),
        ("created", "paid"),
        ("created", "failed"),
        ("created", "expired"),
        ("pending", "paid"),
        ("pending", "failed"),
        ("pending", "expired"),
        ("failed", "paid"),
        ("expired", "paid"),
    ),
    "refunds": (
        ("requested", "approved"),
        ("requested", "rejected"),
        ("approved", "sent"),
        ("approved", "failed"),
        ("sent", "approved"),
        ("sent", "done"),
        ("sent", "failed"),
        ("sent", "unknown"),
        ("unknown", "approved"),
        ("unknown", "sent"),
        ("unknown", "done"),
        ("unknown", "failed"),
    ),
    "receipts": (("issued", "replaced"), ("issued", "reported_wrong")),
}
"""From which state to which a row may go. A request and an attempt that are paid have no way out."""

GIVEN_ONCE: Mapping[str, tuple[str, ...]] = {
    "payments": ("request_id", "attempt_reference"),
    "refunds": ("approved_by", "ended_by"),
}
"""Columns that are empty until they get a value, and then keep it."""

LIVE_REFUNDS_DONG = (
    "(SELECT coalesce(sum(amount_dong), 0) FROM refunds "
    "WHERE payment_id = {payment} AND state NOT IN ('rejected', 'failed'))"
)
RESERVED_DONG = "(SELECT refunded_dong FROM payments WHERE id = NEW.payment_id)"
LAST_TRANSFER = (
    "(SELECT 1 FROM transfers WHERE chain = NEW.account_code "
    "AND position = NEW.next_position - 1 AND digest = NEW.last_digest)"
)


def upgrade() -> None:
    if is_postgresql():
        op.execute(REFUSE_BY_LAW)
        op.execute(GUARD_REFUNDS)
        op.execute(GUARD_RESERVE)
        op.execute(GUARD_CHAIN)
    add_the_end_by_hand()
    for table, ways in STATES.items():
        keep_to_the_ways(table, ways)
    for table, columns in GIVEN_ONCE.items():
        for column in columns:
            refuse(table, f"{column}_once", f"UPDATE OF {column}", changed_after_given(column), "given once")
    settled = "OLD.disposition = 'settled' AND NEW.disposition <> 'settled'"
    refuse("payments", "settled", "UPDATE OF disposition", settled, "a payment that settled stays settled")
    keep_refunds_within_what_was_paid()
    keep_heads_going_forward()


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def add_the_end_by_hand() -> None:
    """Who ended a refund by hand and by which evidence; never the person who asked for it.

    By plain SQL: SQLite adds a column with its check, but no check by itself.
    """
    op.execute("ALTER TABLE refunds ADD COLUMN evidence VARCHAR(500) DEFAULT '' NOT NULL")
    op.execute(
        "ALTER TABLE refunds ADD COLUMN ended_by VARCHAR(60) CONSTRAINT ck_refunds_ended_by_another CHECK "
        "(ended_by IS NULL OR (ended_by <> requested_by AND evidence <> '' AND state IN ('done', 'failed')))"
    )


def keep_to_the_ways(table: str, ways: Ways) -> None:
    allowed = ", ".join(f"'{was}>{state}'" for was, state in ways)
    astray = f"OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN ({allowed})"
    refuse(table, "ways", "UPDATE OF state", astray, "there is no such way between states")


def changed_after_given(column: str) -> str:
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    return f"OLD.{column} IS NOT NULL AND OLD.{column} {differs} NEW.{column}"


def keep_refunds_within_what_was_paid() -> None:
    """What a payment has reserved is never below its live refunds; 0004 keeps it within what was paid."""
    asked = LIVE_REFUNDS_DONG.format(payment="NEW.payment_id")
    refuse(
        "refunds",
        "within_paid",
        "INSERT",
        "NEW.state NOT IN ('rejected', 'failed')",
        "refunds together stay within what was paid",
        guard="guard_refunds",
        broken=f"{asked} + NEW.amount_dong > {RESERVED_DONG}",
    )
    refuse(
        "payments",
        "reserve",
        "UPDATE OF refunded_dong",
        "NEW.refunded_dong < OLD.refunded_dong",
        "what is reserved stays above the live refunds",
        guard="guard_reserve",
        broken=f"NEW.refunded_dong < {LIVE_REFUNDS_DONG.format(payment='NEW.id')}",
    )


def keep_heads_going_forward() -> None:
    """The head of a chain is its last transfer, and a book's next number only grows; neither is ever removed."""
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    moved = f"OLD.next_position <> NEW.next_position OR OLD.last_digest {differs} NEW.last_digest"
    refuse(
        "ledger_chains",
        "forward",
        "UPDATE",
        moved,
        "the head of a chain is its last transfer and goes forward",
        guard="guard_chain",
        broken=f"NEW.next_position <= OLD.next_position OR NOT EXISTS {LAST_TRANSFER}",
    )
    back = (
        "NEW.next_number < OLD.next_number OR "
        "(NEW.next_number = OLD.next_number AND NEW.last_digest <> OLD.last_digest)"
    )
    refuse("receipt_books", "forward", "UPDATE", back, "numbers of receipts only go forward")
    for table in ("ledger_chains", "receipt_books"):
        refuse(table, "stays", "DELETE", "1 = 1", "the head of a chain is never removed")


REFUSE_BY_LAW = """
CREATE FUNCTION refuse_by_law() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END
$$
"""

# The payment is locked before its refunds are summed up, so that two at once are counted one after the other.
GUARD_REFUNDS = f"""
CREATE FUNCTION guard_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    IF {LIVE_REFUNDS_DONG.format(payment="NEW.payment_id")} + NEW.amount_dong > {RESERVED_DONG} THEN
        RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""

GUARD_RESERVE = f"""
CREATE FUNCTION guard_reserve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.refunded_dong < {LIVE_REFUNDS_DONG.format(payment="NEW.id")} THEN
        RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""

GUARD_CHAIN = f"""
CREATE FUNCTION guard_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.next_position <= OLD.next_position OR NOT EXISTS {LAST_TRANSFER} THEN
        RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""


def refuse(
    table: str,
    law: str,
    action: str,
    when: str,
    words: str,
    *,
    guard: str = "refuse_by_law",
    broken: str = "",
) -> None:
    """Refuse ``action`` on ``table`` where ``when`` holds, and where ``broken`` holds too if it is given.

    PostgreSQL takes no query in the condition of a trigger, so there ``guard`` is the function that looks.
    """
    name = f"{table}_law_{law}"
    if is_postgresql():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
            f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {guard}('{words}')"
        )
        return
    condition = f"({when}) AND ({broken})" if broken else when
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: {words}'); END"
    )
