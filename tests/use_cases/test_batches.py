"""Many notices at once: one transaction for all, each with its own outcome, and all or nothing in a crash."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event

from payments.core.decide import Source
from payments.store.attempts import get_attempt
from payments.store.database import reading
from payments.use_cases.take_notice import listen, take_notices
from providers.protocol import Acknowledgement
from tests.gateway import ACCOUNT, Installation, ipn
from tests.use_cases.money import (
    bring,
    check_books,
    counts,
    open_bank_page,
    rows,
    shown,
)

ONCE = {"paid": 1, "payments": 1, "receipts": 1, "events": 1}


def test_T01_the_same_callback_a_thousand_times_in_parallel_counts_once(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "pay")
    query = installation.bank.notices[0]
    arrival = listen(installation.gateway, ACCOUNT, Source.CALLBACK, ipn(query))
    sizes = [1] * 40 + [2] * 80 + [20] * 20 + [100] * 4
    assert sum(sizes) == 1_000
    random.Random(1).shuffle(sizes)
    with ThreadPoolExecutor(12) as pool:
        answered = list(pool.map(lambda size: take_notices(installation.gateway, [arrival] * size), sizes))
    acknowledged = Counter(outcome.acknowledgement for batch in answered for outcome in batch)
    assert acknowledged == {Acknowledgement.RECORDED: 1, Acknowledgement.DUPLICATE: 999}
    assert counts(engine) == ONCE
    assert [row.times_seen for row in rows(engine, "notices")] == [1_000]
    assert Counter(row.kind for row in rows(engine, "jobs"))["render_receipt"] == 1
    check_books(engine)


def test_an_unapplicable_notice_is_put_aside_and_the_others_of_its_batch_are_taken(
    installation: Installation, engine: Engine
) -> None:
    good, bad = (installation.request_payment(dossier_code=code) for code in ("HS-GOOD", "HS-BAD"))
    queries = [installation.bank.notice(open_bank_page(installation, request)) for request in (good, bad)]
    broken = _break_statement(
        engine, lambda text, values: "INSERT INTO payments" in text and bad.id in str(values)
    )
    apart = [queries[0], queries[1].replace("14100001", "14100002")]
    apart[1] = installation.bank.notice(open_bank_page(installation, bad), vnp_TransactionNo="14100002")
    outcomes = bring(installation, *apart)
    event.remove(engine, "before_cursor_execute", broken)
    assert [outcome.acknowledgement for outcome in outcomes] == [
        Acknowledgement.RECORDED,
        Acknowledgement.TRY_AGAIN,
    ]
    assert (shown(installation, good).state, shown(installation, bad).state) == ("paid", "open")
    assert bring(installation, apart[1])[0].decision == "settled"
    check_books(engine)


def test_T15_a_crash_between_any_two_statements_leaves_all_or_nothing(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    query = installation.bank.notice(url)
    crashes = 0
    for position in range(1, 60):
        seen = _crash_at(engine, position)
        try:
            bring(installation, query)
        except KeyboardInterrupt:
            crashes += 1
            assert counts(engine) == {"paid": 0, "payments": 0, "receipts": 0, "events": 0}
            assert rows(engine, "transfers") == []
            assert rows(engine, "notices") == []
            continue
        finally:
            event.remove(engine, "before_cursor_execute", seen)
        break
    assert crashes > 15
    assert counts(engine) == ONCE
    check_books(engine)


def test_twenty_equal_callbacks_at_once_settle_once(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    query = installation.bank.notice(url)
    start = threading.Barrier(20)

    def one(_: int) -> Acknowledgement:
        start.wait()
        return bring(installation, query)[0].acknowledgement

    with ThreadPoolExecutor(20) as pool:
        acknowledged = Counter(pool.map(one, range(20)))
    assert acknowledged == {Acknowledgement.RECORDED: 1, Acknowledgement.DUPLICATE: 19}
    assert counts(engine) == ONCE
    check_books(engine)


def test_many_requests_in_parallel_batches_each_settle_once_without_a_gap(
    installation: Installation, engine: Engine
) -> None:
    requests = [installation.request_payment(dossier_code=f"HS-{index}") for index in range(24)]
    queries = [
        installation.bank.notice(
            open_bank_page(installation, request), vnp_TransactionNo=str(15_000_000 + index)
        )
        for index, request in enumerate(requests)
    ]
    shuffled = queries * 4
    random.Random(7).shuffle(shuffled)
    batches = [shuffled[index : index + 8] for index in range(0, len(shuffled), 8)]
    with ThreadPoolExecutor(6) as pool:
        answered = list(pool.map(lambda batch: bring(installation, *batch), batches))
    decisions = Counter(outcome.decision for batch in answered for outcome in batch)
    assert decisions == {"settled": 24, "repeated": 72}
    assert counts(engine) == {"paid": 24, "payments": 24, "receipts": 24, "events": 24}
    check_books(engine)
    with reading(engine) as connection:
        assert {get_attempt(connection, reference_in_query(query)).state for query in queries} == {"paid"}


def test_a_batch_is_applied_by_as_many_statements_as_one_notice(
    installation: Installation, engine: Engine
) -> None:
    requests = [installation.request_payment(dossier_code=f"HS-{index}") for index in range(13)]
    queries = [
        installation.bank.notice(
            open_bank_page(installation, request), vnp_TransactionNo=str(16_000_000 + index)
        )
        for index, request in enumerate(requests)
    ]
    bring(installation, queries[0])  # opens the receipt book of the year
    alone = _count_statements(engine, lambda: bring(installation, queries[1]))
    together = _count_statements(engine, lambda: bring(installation, *queries[2:]))
    assert together == alone
    assert counts(engine)["paid"] == 13


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_batch_that_lost_a_race_between_transactions_is_taken_again_whole(
    installation: Installation, engine: Engine
) -> None:
    requests = [installation.request_payment(dossier_code=f"HS-{index}") for index in range(2)]
    queries = [
        installation.bank.notice(open_bank_page(installation, one), vnp_TransactionNo=f"1700000{index}")
        for index, one in enumerate(requests)
    ]
    losses: list[str] = []

    def lose_once(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO payments" in statement and not losses:
            losses.append(statement)
            connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'chosen' USING ERRCODE = '40P01'; END $$")

    event.listen(engine, "before_cursor_execute", lose_once)
    together = _count_bookings(engine, lambda: bring(installation, *queries))
    event.remove(engine, "before_cursor_execute", lose_once)
    assert (len(losses), together, counts(engine)["paid"]) == (1, 1, 2)
    assert {row.decision for row in rows(engine, "notices")} == {"settled"}


def _count_bookings(engine: Engine, work: Callable[[], object]) -> int:
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO payments" in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    work()
    event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def reference_in_query(query: str) -> str:
    return query.partition("vnp_TxnRef=")[2].partition("&")[0]


def _count_statements(engine: Engine, work: Callable[[], object]) -> int:
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    work()
    event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def _break_statement(engine: Engine, broken: Any) -> Any:
    def fail(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if broken(statement, values):
            raise RuntimeError("the disk is full")

    event.listen(engine, "before_cursor_execute", fail)
    return fail


def _crash_at(engine: Engine, position: int) -> Any:
    """Die before the statement at ``position``, as a process that is killed does."""
    seen = 0

    def crash(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == position:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", crash)
    return crash
