"""Batches as one parameter: every value arrives as it was given, on both databases, and an empty set finds nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import StatementError

from payments.store.database import reading, transaction
from payments.store.sets import Among
from payments.store.tables import agencies, jobs, notices
from payments.store.writing import insert_new, insert_rows
from tests.gateway import ACCOUNT, START, make_installation

AWKWARD = "Lệ phí \"100%\" \\ 'a', {b} %(c)s :d\n\t$1 — ₫ 😀"


def notice(notice_id: str = "n1", **changed: Any) -> dict[str, Any]:
    """A row with a column of every type that a batch writes: text, number, moment, bytes, document, nothing."""
    return {
        "id": notice_id,
        "account_code": ACCOUNT,
        "source": "callback",
        "method": "POST",
        "query_string": AWKWARD,
        "headers": {"user-agent": AWKWARD, "list": [1, None, True, {}]},
        "body": bytes(range(256)),
        "first_seen_at": datetime(2026, 11, 22, 10, 0, 0, 123_456, timezone(timedelta(hours=7))),
        "last_seen_at": START,
        "times_seen": 1,
        "verdict": "",
        "reference": "",
        "provider_reference": "",
        "amount_dong": None,
        "code": "",
        "acknowledgement": "recorded",
        "decision": "refused",
    } | changed


@pytest.fixture
def engine_with_account(engine: Engine) -> Engine:
    make_installation(engine)
    return engine


def stored(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(notices).order_by(notices.c.id)).mappings()]


def test_values_of_every_type_arrive_as_they_were_given(engine_with_account: Engine) -> None:
    given_rows = [notice("n1"), notice("n2", amount_dong=10**12, body=b"", headers={})]
    with transaction(engine_with_account) as connection:
        insert_rows(connection, notices, given_rows)
    # What a row does not name gets its default.
    assert stored(engine_with_account) == [{**row, "detail": ""} for row in given_rows]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=5),
    body=st.binary(),
)
def test_any_text_and_any_bytes_survive(engine_with_account: Engine, texts: list[str], body: bytes) -> None:
    given_rows = [notice(f"n{n}", query_string=text, body=body) for n, text in enumerate(texts)]
    query = select(notices.c.query_string, notices.c.body).order_by(notices.c.id)
    with engine_with_account.connect() as connection:  # rolled back: a stored message is never deleted
        insert_rows(connection, notices, given_rows)
        found = [tuple(row) for row in connection.execute(query)]
    assert found == [(text, body) for text in texts]


@pytest.mark.parametrize("wrong", [START.replace(tzinfo=None), object()], ids=["naive moment", "object"])
def test_what_no_column_can_hold_is_refused(engine_with_account: Engine, wrong: object) -> None:
    with pytest.raises(StatementError), transaction(engine_with_account) as connection:
        insert_rows(connection, notices, [notice("n1"), notice("n2", last_seen_at=wrong)])
    assert stored(engine_with_account) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite knows no lengths
def test_too_long_a_text_is_refused_and_never_cut(engine_with_account: Engine) -> None:
    with pytest.raises(StatementError), transaction(engine_with_account) as connection:
        insert_rows(connection, notices, [notice("n1", method="M" * 11)])
    assert stored(engine_with_account) == []


def test_what_is_known_is_left_out_and_the_others_are_written(engine_with_account: Engine) -> None:
    for rows in ([notice("n1")], [notice("n1", decision="other"), notice("n2")], []):
        with transaction(engine_with_account) as connection:
            insert_new(connection, notices, rows)
    found = [(row["id"], row["decision"]) for row in stored(engine_with_account)]
    assert found == [("n1", "refused"), ("n2", "refused")]


@pytest.mark.parametrize("wanted", [[], ["'"], ["n1"], ["n2", "n1", "n1", 'n"']])
def test_among_finds_those_named(engine_with_account: Engine, wanted: list[str]) -> None:
    with transaction(engine_with_account) as connection:
        insert_rows(connection, notices, [notice(name) for name in ("n1", "n2", "n3")])
        query = select(notices.c.id).where(Among(notices.c.id, "names")).order_by(notices.c.id)
        found = list(connection.execute(query, {"names": wanted}).scalars())
    assert found == sorted({"n1", "n2", "n3"} & set(wanted))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has no round trips to save
@pytest.mark.parametrize("count", [1, 50])
def test_postgresql_is_sent_one_statement_however_many_rows(engine: Engine, count: int) -> None:
    sent: list[bool] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[-1]))
    row = {"kind": "k", "state": "queued", "run_at": START, "created_at": START.astimezone(UTC)}
    with transaction(engine) as connection:
        insert_rows(connection, jobs, [{**row, "subject": str(n)} for n in range(count)])
    assert sent == [False]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL's plan depends on the rows
def test_an_index_serves_among(engine: Engine) -> None:
    query = select(agencies.c.name_vi).where(Among(agencies.c.code, "codes")).compile(engine)
    with reading(engine) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("[]",)).all()
    assert "USING INDEX" in plan[0].detail
