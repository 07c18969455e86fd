"""What an officer types is found by indexes, on both databases, and by the beginnings of a payer's words."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, event, select, text

from payments.store.database import reading, transaction
from payments.store.tables import payer_words
from payments.store.text_search import ids_of_text
from payments.use_cases.wishes import Payer
from tests.gateway import make_installation

NAMES = (
    "Nguyễn Văn Ổn",
    "Nguyên Ngọc",
    "Công ty TNHH Đông-Á",
    "Ngo",
    "!!!",
    "Ho\U0010ffff\U0010ffffang 株式会社",
)
LARGE_TABLES = ("payment_requests", "payer_words", "attempts", "payments", "receipts")


def found(engine: Engine, typed: str) -> list[str]:
    with reading(engine) as connection:
        return sorted(str(row[0]) for row in connection.execute(ids_of_text(connection, typed)))


def test_a_payer_is_found_by_the_beginnings_of_words(engine: Engine) -> None:
    installation = make_installation(engine)
    made = [
        installation.request_payment(dossier_code=f"HS-{place}", payer=Payer(name)).id
        for place, name in enumerate(NAMES)
    ]
    for typed, expected in (
        ("nguyen", (0, 1)),
        ("ngu van", (0,)),
        ("on nguyễn", (0,)),
        ("ng", (0, 1, 3)),
        ("NGỌC", (1,)),
        ("nguyen nguyen", (0, 1)),
        ("guyen", ()),
        ("nguyenvan", ()),
        ("dong a", (2,)),
        ("Đông-Á, công ty", (2,)),
        ("hoang", ()),
        ("株式", (5,)),
        ("!!!", ()),
        ("nguyen%", (0, 1)),
        ("n_", (0, 1, 3)),
    ):
        assert found(engine, typed) == sorted(made[place] for place in expected), typed


def test_a_dossier_is_found_by_its_beginning_letter_by_letter(engine: Engine) -> None:
    installation = make_installation(engine)
    codes = ("H26.15-0042", "H26-15-0042", "H2615-0042", "đ/7", "H26.15%")
    made = {code: installation.request_payment(dossier_code=code, payer=Payer("Ổn")).id for code in codes}
    for typed, expected in (
        ("H26.", ("H26.15-0042", "H26.15%")),
        ("h26-", ("H26-15-0042",)),
        ("H26", ("H26.15-0042", "H26-15-0042", "H2615-0042", "H26.15%")),
        ("H26.15%", ("H26.15%",)),
        ("đ/", ("đ/7",)),
        ("_26", ()),
    ):
        assert found(engine, typed) == sorted(made[code] for code in expected), typed


@pytest.mark.parametrize("typed", ["nguyen van on", "HS-2026", "7", "EBL01-26TAA-00000001", "TP0"])
def test_no_way_of_searching_reads_a_whole_table(engine: Engine, typed: str) -> None:
    make_installation(engine)
    found_plans = plans(engine, typed)
    assert len(found_plans) == 3
    for plan in found_plans:
        assert not [line for line in plan if reads_everything(line)], plan


def plans(engine: Engine, typed: str) -> list[Sequence[str]]:
    """How the database carries out each statement that is sent for ``typed``."""
    sent: list[tuple[str, Any]] = []
    with reading(engine) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            # Its tables are empty here, and of an empty table everything is read.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(connection, "before_cursor_execute", lambda *said: sent.append((said[2], said[3])))
        connection.execute(ids_of_text(connection, typed))
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        return [
            [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)]
            for statement, parameters in sent.copy()
        ]


def reads_everything(line: str) -> bool:
    """Whether this step of a plan reads a large table or a whole index of it."""
    words = line.split()
    scanned = "Seq" in words or words[0] == "SCAN"
    return scanned and any(table in words for table in LARGE_TABLES)


def test_the_names_of_earlier_requests_are_found_after_the_migration(engine: Engine) -> None:
    installation = make_installation(engine)
    for place, name in enumerate(NAMES):
        installation.request_payment(dossier_code=f"HS-{place}", payer=Payer(name))
    everything = select(payer_words).order_by(payer_words.c.request_id, payer_words.c.word)
    with transaction(engine) as connection:
        written = connection.execute(everything).all()
        # As the database was before: without the table.
        connection.execute(text("DROP TABLE payer_words"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module("migrations.versions.0009_payer_words").upgrade()
    with reading(engine) as connection:
        assert connection.execute(everything).all() == written
    assert len(written) > len(NAMES)
