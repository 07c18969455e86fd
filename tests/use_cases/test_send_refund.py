"""A refund on its way: sent once, asked about until it ends, and ended by hand where the bank does not say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from payments.core.refusals import Conflict, NotFound
from payments.store.jobs import JobKind
from payments.transport import NoAnswer, NotSent
from payments.use_cases.end_refund import end_by_hand
from payments.use_cases.refund_payment import approve_refund, request_refund
from payments.use_cases.send_refund import LONGEST_SENDING, OVERDUE, send_refund
from payments.worker import Worker, make_handlers
from providers.protocol import Reply, Request
from providers.sandbox.vnpay import RefundBehaviour
from tests.gateway import Installation, make_installation
from tests.use_cases.money import bring, check_books, open_bank_page, rows, shown, troubles

CLERK, OFFICER = "user:clerk", "user:officer"


@dataclass
class Line:
    """The way to the look-alike bank, which a test can break for one command."""

    broken: dict[str, Exception] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)  # commands that arrive, and whose answers get lost
    commands: list[str] = field(default_factory=list)
    meanwhile: Callable[[str], Any] = lambda _command: None
    bank: Any = None

    def send(self, account_code: str, request: Request) -> Reply:
        command = json.loads(request.body)["vnp_Command"]
        if command in self.broken:
            raise self.broken[command]
        self.commands.append(command)
        reply: Reply = self.bank.send(account_code, request)
        self.meanwhile(command)
        if command in self.lost:
            raise NoAnswer("no answer in time")
        return reply


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def installation(engine: Engine, line: Line) -> Installation:
    return at_bank(engine, line, RefundBehaviour.ACCEPT)


def at_bank(engine: Engine, line: Line, refunds: RefundBehaviour) -> Installation:
    made = make_installation(engine, send=line.send, refunds=refunds)
    line.bank = made.bank
    return made


def paid(installation: Installation, dossier_code: str = "HS-1") -> str:
    request = installation.request_payment(dossier_code=dossier_code)
    installation.bank.choose(open_bank_page(installation, request), "pay")
    bring(installation, installation.bank.notices[-1])
    payment = shown(installation, request).settled_payment
    assert payment is not None
    return payment.id


def approved(installation: Installation, payment_id: str, amount_dong: int = 5_000) -> str:
    reference = request_refund(installation.gateway, payment_id, amount_dong, "thử", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    return reference


def told(engine: Engine, reference: str) -> tuple[str, int]:
    """The state of a refund, and what is reserved of its payment."""
    refund = next(row for row in rows(engine, "refunds") if row.reference == reference)
    payment = next(row for row in rows(engine, "payments") if row.id == refund.payment_id)
    return refund.state, payment.refunded_dong


def events(engine: Engine) -> list[str]:
    return [row.type for row in rows(engine, "events") if row.type.startswith("refund")]


def follow(installation: Installation, reference: str, days: int = 1) -> None:
    """Do what the job does, at the times at which it wants to be done."""
    until = installation.clock() + timedelta(days=days)
    again = send_refund(installation.gateway, reference)
    while again is not None and again <= until:
        installation.clock.moment = max(again, installation.clock.moment)
        again = send_refund(installation.gateway, reference)


def test_T24_a_refund_whose_answer_was_lost_stays_reserved_and_ends_done_once(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    line.lost.add("refund")
    line.broken["querydr"] = NoAnswer("the bank is away")
    follow(installation, reference)
    assert told(engine, reference) == ("unknown", 5_000)
    assert troubles(engine) == ["refund_unknown"]
    check_books(engine)
    del line.broken["querydr"]
    follow(installation, reference)
    assert told(engine, reference) == ("done", 5_000)
    assert (line.commands.count("refund"), events(engine), troubles(engine)) == (1, ["refund.done"], [])
    assert send_refund(installation.gateway, reference) is None
    check_books(engine)


def test_T25_a_refund_that_fails_after_it_was_accepted_frees_its_amount_and_is_told(
    engine: Engine, line: Line
) -> None:
    installation = at_bank(engine, line, RefundBehaviour.DECLINED)
    payment_id = paid(installation)
    reference = approved(installation, payment_id)
    send_refund(installation.gateway, reference)
    assert told(engine, reference) == ("sent", 5_000)
    follow(installation, reference)
    assert told(engine, reference) == ("failed", 0)
    assert (events(engine), troubles(engine)) == (["refund.failed"], ["refund_failed"])
    check_books(engine)
    # The amount is there to be given back anew, which closes the matter of the failed one.
    again = approved(installation, payment_id)
    assert (troubles(engine), told(engine, again)) == ([], ("approved", 5_000))
    check_books(engine)


def test_a_refund_that_the_bank_took_in_is_asked_about_until_it_is_done(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    first = send_refund(installation.gateway, reference)
    assert first is not None
    assert told(engine, reference) == ("sent", 5_000)
    installation.clock.moment = first
    second = send_refund(installation.gateway, reference)
    assert second is not None
    assert told(engine, reference) == ("sent", 5_000)
    installation.clock.advance(minutes=1)
    assert send_refund(installation.gateway, reference) is None
    assert told(engine, reference) == ("done", 5_000)
    assert line.commands == ["refund", "querydr", "querydr"]
    assert events(engine) == ["refund.done"]
    check_books(engine)


def test_the_questions_come_ever_more_seldom_but_go_on(
    installation: Installation, engine: Engine, line: Line
) -> None:
    line.broken["querydr"] = NoAnswer("the bank is away")
    reference = approved(installation, paid(installation))
    pauses = []
    for _ in range(30):
        again = send_refund(installation.gateway, reference)
        assert again is not None
        pauses.append(again - installation.clock())
        installation.clock.moment = again
    assert pauses[0] == timedelta(seconds=15)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)


def test_the_officers_are_told_once_of_a_refund_that_does_not_end(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    send_refund(installation.gateway, reference)
    line.broken["querydr"] = NoAnswer("the bank is away")
    installation.clock.moment += OVERDUE - timedelta(seconds=1)
    send_refund(installation.gateway, reference)
    assert troubles(engine) == []
    installation.clock.advance(seconds=1)
    for _ in range(3):
        assert send_refund(installation.gateway, reference) is not None
    assert (troubles(engine), told(engine, reference)) == (["refund_unknown"], ("sent", 5_000))
    line.broken.clear()
    send_refund(installation.gateway, reference)
    assert (troubles(engine), told(engine, reference)) == ([], ("done", 5_000))


def test_what_certainly_did_not_leave_is_sent_again_by_the_worker(
    installation: Installation, engine: Engine, line: Line
) -> None:
    worker = Worker(installation.gateway, make_handlers(lambda *_: pytest.fail("nothing is rendered here")))
    reference = approved(installation, paid(installation))
    line.broken["refund"] = NotSent("no connection")
    assert worker.run_once([JobKind.SEND_REFUND]) == 1
    assert told(engine, reference) == ("approved", 5_000)
    [job] = [row for row in rows(engine, "jobs") if row.kind == "send_refund"]
    assert (job.state, job.last_error) == ("queued", "NotSent: no connection")
    assert job.run_at > installation.clock()
    assert troubles(engine) == []
    check_books(engine)
    line.broken.clear()
    installation.clock.moment = job.run_at
    assert worker.run_once([JobKind.SEND_REFUND]) == 1
    assert told(engine, reference) == ("sent", 5_000)
    assert line.commands == ["refund"]


def test_of_two_workers_with_one_refund_one_sends_and_its_answer_counts(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    arrived, go_on = threading.Event(), threading.Event()

    def hold(command: str) -> None:
        if command == "refund":
            arrived.set()
            assert go_on.wait(20)

    line.meanwhile = hold
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send_refund, installation.gateway, reference)
        assert arrived.wait(20)
        # The second has the job because the lease ended, and takes the first for dead.
        assert send_refund(installation.gateway, reference) is not None
        assert told(engine, reference) == ("sent", 5_000)
        installation.clock.moment += LONGEST_SENDING
        send_refund(installation.gateway, reference)
        assert told(engine, reference)[0] == "unknown"
        go_on.set()
        first.result(timeout=20)
    assert told(engine, reference) == ("sent", 5_000)
    assert (line.commands.count("refund"), troubles(engine)) == (1, [])
    check_books(engine)


def test_many_workers_with_one_refund_send_it_once_and_none_of_them_fails(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    with ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda _: send_refund(installation.gateway, reference), range(6)))) == 6
    assert (line.commands.count("refund"), told(engine, reference)) == (1, ("sent", 5_000))
    check_books(engine)


def test_of_two_refunds_alike_each_ends_by_its_own_number(
    installation: Installation, engine: Engine, line: Line
) -> None:
    payment_id = paid(installation)
    first = approved(installation, payment_id, 1_000)
    send_refund(installation.gateway, first)
    installation.clock.advance(minutes=2)
    second = approved(installation, payment_id, 1_000)
    send_refund(installation.gateway, second)
    # The bank tells of the newest only; that says nothing about the first.
    assert send_refund(installation.gateway, first) is not None
    assert [told(engine, reference)[0] for reference in (first, second)] == ["sent", "sent"]
    installation.clock.advance(minutes=2)
    send_refund(installation.gateway, first)
    send_refund(installation.gateway, second)
    assert [told(engine, reference)[0] for reference in (first, second)] == ["sent", "done"]
    check_books(engine)


@pytest.mark.parametrize(
    ("happened", "state", "reserved_dong", "event"),
    [(True, "done", 5_000, "refund.done"), (False, "failed", 0, "refund.failed")],
)
@pytest.mark.parametrize("before", ["sent", "unknown"])
def test_an_officer_ends_a_refund_by_the_banks_evidence(
    happened: bool,
    state: str,
    reserved_dong: int,
    event: str,
    before: str,
    installation: Installation,
    engine: Engine,
    line: Line,
) -> None:
    if before == "unknown":
        line.lost.add("refund")
    reference = approved(installation, paid(installation))
    send_refund(installation.gateway, reference)
    assert told(engine, reference)[0] == before
    end_by_hand(installation.gateway, reference, OFFICER, happened=happened, evidence="Sao kê 22/11, dòng 7")
    assert told(engine, reference) == (state, reserved_dong)
    assert (events(engine), troubles(engine)) == ([event], [])
    [refund] = rows(engine, "refunds")
    assert (refund.ended_by, refund.evidence) == (OFFICER, "Sao kê 22/11, dòng 7")
    assert refund.ended_at is not None
    assert send_refund(installation.gateway, reference) is None
    check_books(engine)


def test_who_asked_for_a_refund_may_not_say_how_it_ended(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    send_refund(installation.gateway, reference)
    with pytest.raises(Conflict) as refused:
        end_by_hand(installation.gateway, reference, CLERK, happened=False, evidence="tôi biết")
    assert (refused.value.code, told(engine, reference)) == ("same_person", ("sent", 5_000))


def test_what_is_being_sent_or_has_ended_or_does_not_exist_cannot_be_ended(
    installation: Installation, engine: Engine, line: Line
) -> None:
    codes: list[str] = []

    def end_it(_command: str) -> None:
        try:
            end_by_hand(installation.gateway, reference, OFFICER, happened=False, evidence="gọi ngân hàng")
        except Conflict as refused:
            codes.append(refused.code)

    reference = approved(installation, paid(installation))
    line.meanwhile = end_it
    send_refund(installation.gateway, reference)
    assert (codes, told(engine, reference)) == (["refund_being_sent"], ("sent", 5_000))
    line.meanwhile = lambda _command: None
    end_it("")
    end_it("")
    assert codes == ["refund_being_sent", "refund_not_waiting"]
    with pytest.raises(NotFound):
        end_by_hand(installation.gateway, "RFNONE", OFFICER, happened=True, evidence="x")


def test_a_refund_that_cannot_be_sent_can_be_given_up_but_not_called_done(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    with pytest.raises(Conflict) as refused:
        end_by_hand(installation.gateway, reference, OFFICER, happened=True, evidence="?")
    assert refused.value.code == "refund_not_waiting"
    end_by_hand(installation.gateway, reference, OFFICER, happened=False, evidence="ngân hàng đóng cổng")
    assert told(engine, reference) == ("failed", 0)
    assert send_refund(installation.gateway, reference) is None
    assert line.commands == []
    check_books(engine)


def test_an_answer_that_contradicts_an_officer_is_told_and_changes_nothing(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    arrived, go_on = threading.Event(), threading.Event()

    def hold(command: str) -> None:
        arrived.set()
        assert go_on.wait(20)

    line.meanwhile = hold
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send_refund, installation.gateway, reference)
        assert arrived.wait(20)
        installation.clock.moment += LONGEST_SENDING
        send_refund(installation.gateway, reference)
        end_by_hand(installation.gateway, reference, OFFICER, happened=False, evidence="sao kê")
        go_on.set()
        assert first.result(timeout=20) is None
    assert told(engine, reference) == ("failed", 0)
    assert troubles(engine) == ["contradiction"]
    check_books(engine)


def test_money_held_for_another_amount_is_settled_as_a_matter_once_it_is_given_back(
    installation: Installation, engine: Engine, line: Line
) -> None:
    request = installation.request_payment()
    installation.bank.choose(open_bank_page(installation, request), "other_amount")
    bring(installation, installation.bank.notices[-1])
    [payment] = rows(engine, "payments")
    half = approved(installation, payment.id, 2_000)
    follow(installation, half)
    assert (told(engine, half)[0], troubles(engine)) == ("done", ["wrong_amount"])
    rest = approved(installation, payment.id, 4_000)
    follow(installation, rest)
    assert (told(engine, rest)[0], troubles(engine)) == ("done", [])
    check_books(engine)


def test_the_audit_log_says_who_ended_a_refund_and_by_what(
    installation: Installation, engine: Engine, line: Line
) -> None:
    reference = approved(installation, paid(installation))
    send_refund(installation.gateway, reference)
    end_by_hand(installation.gateway, reference, OFFICER, happened=False, evidence="Công văn 12/NH")
    [entry] = [row for row in rows(engine, "audit_log") if row.action == "refund_failed"]
    assert (entry.actor, entry.detail) == (OFFICER, {"refund": reference, "evidence": "Công văn 12/NH"})
