"""Questions to providers as the worker asks them: with patience, never in a circle, and never given up for money."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

from payments.store.jobs import JobKind
from payments.use_cases.ask_provider import LONGEST_WAIT
from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.worker import Worker, make_handlers
from tests.gateway import PORTAL, Installation
from tests.use_cases.money import (
    FAILED,
    attempt_state,
    bring,
    check_books,
    open_bank_page,
    reference_in,
    rows,
    shown,
    troubles,
)


def worker_of(installation: Installation) -> Worker:
    return Worker(installation.gateway, make_handlers(lambda *_: b""))


def ask(installation: Installation, most: int = 20) -> int:
    return worker_of(installation).run_once([JobKind.ASK_PROVIDER], most=most)


def test_a_pending_attempt_is_asked_about_once_and_then_waits(installation: Installation) -> None:
    request = installation.request_payment()
    open_bank_page(installation, request)
    installation.clock.advance(minutes=2)
    assert ask(installation) == 1
    assert ask(installation) == 0
    installation.clock.advance(minutes=1)
    assert ask(installation) == 1
    assert len(installation.bank.requests) == 2


def test_money_that_a_fault_kept_from_the_books_is_asked_about_until_it_is_booked(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, **FAILED))
    installation.bank.choose(url, "pay")
    assert bring(installation, installation.bank.notices[0])[0].decision == "asked_after_failure"
    assert troubles(engine) == ["success_after_failure"]

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO payments" in statement:
            raise RuntimeError("the disk is full")

    event.listen(engine, "before_cursor_execute", fail)
    ask(installation)
    event.remove(engine, "before_cursor_execute", fail)
    assert shown(installation, request).state == "open"
    installation.clock.advance(hours=7)
    ask(installation)
    assert (shown(installation, request).state, troubles(engine)) == ("paid", [])
    check_books(engine)


def test_a_wrong_amount_neither_keeps_its_request_open_for_ever_nor_asks_for_ever(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "other_amount")
    bring(installation, installation.bank.notices[0])
    for _ in range(12):
        installation.clock.advance(seconds=LONGEST_WAIT.total_seconds())
        ask(installation)
    assert attempt_state(engine, reference_in(url)) == "expired"
    asked = len(installation.bank.requests)
    installation.clock.moment = request.expires_at
    assert expire_payment(installation.gateway, request.id) is None
    assert ask(installation) == 0
    assert len(installation.bank.requests) == asked
    assert (shown(installation, request).state, troubles(engine)) == ("expired", ["wrong_amount"])
    check_books(engine)


def test_a_request_whose_wrong_money_is_held_can_be_cancelled_after_the_payers_time(
    installation: Installation,
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "other_amount")
    bring(installation, installation.bank.notices[0])
    installation.clock.advance(hours=1)
    ask(installation)
    assert cancel_request(installation.gateway, PORTAL, request.id).state == "cancelled"


def test_a_message_that_can_never_be_applied_is_considered_with_patience(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    query = installation.bank.notice(open_bank_page(installation, request))

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO payments" in statement:
            raise RuntimeError("a fault of ours")

    event.listen(engine, "before_cursor_execute", fail)
    assert bring(installation, query)[0].decision == "put_aside"
    ran = worker_of(installation).run_once([JobKind.RECONSIDER_NOTICE], most=20)
    event.remove(engine, "before_cursor_execute", fail)
    assert ran == 1
    (job,) = [row for row in rows(engine, "jobs") if row.kind == "reconsider_notice"]
    assert (job.state, job.tries) == ("queued", 1)
    assert job.run_at > installation.clock.moment
    installation.clock.advance(hours=7)
    assert worker_of(installation).run_once([JobKind.RECONSIDER_NOTICE], most=20) == 1
    assert shown(installation, request).state == "paid"
    assert [(row.decision, row.times_seen) for row in rows(engine, "notices")] == [("settled", 1)]
