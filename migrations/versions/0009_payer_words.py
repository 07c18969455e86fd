"""The words of payers' names, and dossiers' codes by their beginning: what officers search for, by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from payments.core.names import words_of

revision = "0009"
down_revision = "0008"

MOST_AT_ONCE = 1000
"""How many requests are read before their words are written."""


def upgrade() -> None:
    create_payer_words()
    index_beginnings_of_dossier_codes()
    fill_payer_words()
    # After the rows, which is quicker than row by row.
    op.create_index(
        op.f("ix_payer_words_word_request_id"),
        "payer_words",
        ["word", "request_id"],
        postgresql_ops={"word": "text_pattern_ops"},
    )


def create_payer_words() -> None:
    op.create_table(
        "payer_words",
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_requests.id"], name=op.f("fk_payer_words_request_id_payment_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", "word", name=op.f("pk_payer_words")),
    )


def index_beginnings_of_dossier_codes() -> None:
    """An index of PostgreSQL in the order of a language cannot find a beginning; one by bytes can."""
    name = op.f("ix_payment_requests_dossier_code")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(name, "payment_requests")
        op.create_index(
            name,
            "payment_requests",
            ["dossier_code"],
            postgresql_ops={"dossier_code": "text_pattern_ops"},
        )


def fill_payer_words() -> None:
    connection = op.get_bind()
    requests = sa.table("payment_requests", sa.column("id"), sa.column("payer_name"))
    words = sa.table("payer_words", sa.column("request_id"), sa.column("word"))
    page = sa.select(requests).order_by(requests.c.id).limit(MOST_AT_ONCE)
    found = connection.execute(page).all()
    while found:
        rows = [{"request_id": row.id, "word": word} for row in found for word in words_of(row.payer_name)]
        if rows:
            connection.execute(sa.insert(words), rows)
        found = connection.execute(page.where(requests.c.id > found[-1].id)).all()
