"""Drafts of the catalogue, and the periods of what was published: one text for one item, day and territory.

A published text stays as it was written; only the end of the time in which Thuphi computes with it is filled in, once,
when its next version takes over.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

MET = "EXISTS (SELECT 1 FROM {table} AS other WHERE {condition})"

SAME_TIME = (
    "other.published_from < coalesce(NEW.published_to, '9999-12-31') "
    "AND NEW.published_from < coalesce(other.published_to, '9999-12-31')"
)
"""Whether two publication periods meet, on SQLite, where a day is text that sorts."""

SAME_DAYS_OF_THE_LAW = (
    "coalesce(other.law_from, '0001-01-01') <= coalesce(NEW.law_to, '9999-12-31') "
    "AND coalesce(NEW.law_from, '0001-01-01') <= coalesce(other.law_to, '9999-12-31')"
)

KEPT_OF_SCHEDULES = (
    "id",
    "version",
    "document",
    "source_text",
    "digest",
    "effective_from",
    "effective_to",
    "published_at",
    "published_by",
    "kind",
    "file_name",
    "publication",
    "published_from",
    "draft_id",
)
KEPT_OF_PERIODS = (
    "text_id",
    "text_version",
    "item_code",
    "territory",
    "law_from",
    "law_to",
    "published_from",
)
KEPT_OF_DRAFTS = (
    "kind",
    "text_id",
    "version",
    "file_name",
    "source_text",
    "digest",
    "imported_at",
    "imported_by",
)

WAYS_OF_DRAFTS = (
    ("draft", "checked"),
    ("draft", "withdrawn"),
    ("checked", "draft"),
    ("checked", "approved"),
    ("checked", "withdrawn"),
    ("approved", "published"),
    ("approved", "withdrawn"),
)


def upgrade() -> None:
    create_drafts()
    extend_schedules()
    create_item_periods()
    keep_drafts()
    keep_schedules()
    keep_periods()
    publish_approved_texts_only()


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def create_drafts() -> None:
    document = sa.JSON().with_variant(JSONB(), "postgresql")
    moment = sa.DateTime(timezone=True)
    steps = ("checked", "approved", "published", "withdrawn")
    op.create_table(
        "fee_drafts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text_id", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("findings", document, nullable=False),
        sa.Column("checked_with", document, nullable=False),
        sa.Column("imported_at", moment, nullable=False),
        sa.Column("imported_by", sa.String(60), nullable=False),
        *(
            column
            for step in steps
            for column in (sa.Column(f"{step}_at", moment), sa.Column(f"{step}_by", sa.String(60)))
        ),
        sa.Column("withdrawn_why", sa.String(500), server_default=sa.text("''"), nullable=False),
        check("fee_drafts", "kind", "kind IN ('schedule', 'procedures', 'provinces')"),
        check("fee_drafts", "state", "state IN ('draft', 'checked', 'approved', 'published', 'withdrawn')"),
        check("fee_drafts", "version", "version >= 0"),
        check("fee_drafts", "two_persons", "approved_by IS NULL OR approved_by <> imported_by"),
        check("fee_drafts", "approved", "state NOT IN ('approved', 'published') OR approved_by IS NOT NULL"),
        check(
            "fee_drafts",
            "two_persons_for_shipped",
            "imported_by <> 'system:catalogue' OR published_by IS NULL OR published_by <> approved_by",
        ),
        check("fee_drafts", "published_by", "(state = 'published') = (published_by IS NOT NULL)"),
        check("fee_drafts", "withdrawn_by", "(state = 'withdrawn') = (withdrawn_by IS NOT NULL)"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_drafts")),
    )
    op.create_index(op.f("ix_fee_drafts_text_id_digest"), "fee_drafts", ["text_id", "digest"])


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def extend_schedules() -> None:
    """Texts of before count from the beginning; of several versions the newest does, as it did so far.

    By plain SQL: SQLite adds a column with its check, but no check by itself.
    """
    op.execute(f"DROP TRIGGER fee_schedules_keep_update{' ON fee_schedules' if is_postgresql() else ''}")
    for column in (
        "kind VARCHAR(20) DEFAULT 'schedule' NOT NULL CONSTRAINT ck_fee_schedules_kind "
        "CHECK (kind IN ('schedule', 'procedures', 'provinces'))",
        "file_name VARCHAR(200) DEFAULT '' NOT NULL",
        "publication INTEGER DEFAULT 0 NOT NULL",
        "published_from DATE DEFAULT '0001-01-01' NOT NULL",
        "published_to DATE CONSTRAINT ck_fee_schedules_publication_period "
        "CHECK (published_to IS NULL OR published_to >= published_from)",
        "draft_id VARCHAR(40) CONSTRAINT fk_fee_schedules_draft_id_fee_drafts REFERENCES fee_drafts (id)",
    ):
        op.execute(f"ALTER TABLE fee_schedules ADD COLUMN {column}")
    op.execute(
        "UPDATE fee_schedules SET published_to = '0001-01-01' WHERE EXISTS (SELECT 1 FROM fee_schedules AS newer "
        "WHERE newer.id = fee_schedules.id AND newer.version > fee_schedules.version)"
    )
    op.create_index(op.f("ix_fee_schedules_publication"), "fee_schedules", ["publication"])


def create_item_periods() -> None:
    op.create_table(
        "fee_item_periods",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text_id", sa.String(80), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(100), nullable=False),
        sa.Column("territory", sa.String(200), nullable=False),
        sa.Column("law_from", sa.Date()),
        sa.Column("law_to", sa.Date()),
        sa.Column("published_from", sa.Date(), nullable=False),
        sa.Column("published_to", sa.Date()),
        sa.ForeignKeyConstraint(
            ["text_id", "text_version"],
            ["fee_schedules.id", "fee_schedules.version"],
            name=op.f("fk_fee_item_periods_text_id_text_version_fee_schedules"),
        ),
        sa.UniqueConstraint(
            "text_id",
            "text_version",
            "item_code",
            name=op.f("uq_fee_item_periods_text_id_text_version_item_code"),
        ),
        check("fee_item_periods", "law_period", "law_to IS NULL OR law_from IS NULL OR law_to >= law_from"),
        check(
            "fee_item_periods", "publication_period", "published_to IS NULL OR published_to >= published_from"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_item_periods")),
    )
    op.create_index(
        op.f("ix_fee_item_periods_item_code_territory"), "fee_item_periods", ["item_code", "territory"]
    )


def keep_drafts() -> None:
    ways = ", ".join(f"'{was}>{state}'" for was, state in WAYS_OF_DRAFTS)
    astray = f"OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN ({ways})"
    refuse("fee_drafts", "ways", "UPDATE OF state", astray, "there is no such way between states")
    keep("fee_drafts", KEPT_OF_DRAFTS)
    refuse("fee_drafts", "stays", "DELETE", "1 = 1", "what was decided is never removed")


def keep_schedules() -> None:
    keep("fee_schedules", KEPT_OF_SCHEDULES)
    end_once("fee_schedules")
    exclude(
        "fee_schedules",
        "id WITH =, daterange(published_from, published_to) WITH &&",
        f"other.id = NEW.id AND {SAME_TIME}",
        "two versions of one text never count at one time",
    )


def keep_periods() -> None:
    """The law of all that follows: for one item, one territory and one day there is one text at any time."""
    keep("fee_item_periods", KEPT_OF_PERIODS)
    refuse("fee_item_periods", "stays", "DELETE", "1 = 1", "what was published is never removed")
    end_once("fee_item_periods")
    exclude(
        "fee_item_periods",
        "item_code WITH =, territory WITH =, daterange(law_from, law_to, '[]') WITH &&, "
        "daterange(published_from, published_to) WITH &&",
        "other.item_code = NEW.item_code AND other.territory = NEW.territory "
        f"AND {SAME_DAYS_OF_THE_LAW} AND {SAME_TIME}",
        "two texts never set one item for one territory and day",
    )


def publish_approved_texts_only() -> None:
    """Only what an installation begins with is published without a draft that two people have seen."""
    found = "SELECT 1 FROM fee_drafts WHERE id = NEW.draft_id AND state = 'published' AND digest = NEW.digest"
    words = "a text is published from an approved draft"
    if is_postgresql():
        op.execute(GUARD_PUBLICATION.format(found=found))
    refuse(
        "fee_schedules",
        "approved",
        "INSERT",
        "NEW.published_by <> 'system:catalogue'",
        words,
        guard="guard_publication",
        broken=f"NOT EXISTS ({found})",
    )


GUARD_PUBLICATION = """
CREATE FUNCTION guard_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS ({found}) THEN
        RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""


def keep(table: str, columns: tuple[str, ...]) -> None:
    """Keep ``columns`` as they were written."""
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
    refuse(table, "kept", f"UPDATE OF {', '.join(columns)}", changed, "kept as it was written")


def end_once(table: str) -> None:
    differs = "IS DISTINCT FROM" if is_postgresql() else "IS NOT"
    changed = f"OLD.published_to IS NOT NULL AND OLD.published_to {differs} NEW.published_to"
    refuse(table, "ended_once", "UPDATE OF published_to", changed, "the end is given once")


def exclude(table: str, on_postgresql: str, on_sqlite: str, words: str) -> None:
    """Refuse a row that meets another: by an exclusion constraint, or by a trigger that looks for the other."""
    if is_postgresql():
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_period EXCLUDE USING gist ({on_postgresql})"
        )
        return
    refuse(table, "period", "INSERT", MET.format(table=table, condition=on_sqlite), words)


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
