"""The worker: what fails is tried again with patience, what keeps failing is buried, what is slow holds up nobody."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.tables import jobs
from payments.use_cases.gateway import Gateway
from payments.worker import LANES, LEASE, PATIENCE, RunningWorker, Worker, make_handlers, retry_at
from tests.gateway import START, Installation
from tests.use_cases.money import bring, open_bank_page


def ask(installation: Installation, kind: JobKind = JobKind.SEND_REFUND, subject: str = "A") -> None:
    now = installation.clock()
    with transaction(installation.gateway.engine) as connection:
        enqueue(connection, [Job(kind, subject, now)], now)


def state(installation: Installation, subject: str = "A") -> tuple[str, int, str]:
    with reading(installation.gateway.engine) as connection:
        row = connection.execute(select(jobs).where(jobs.c.subject == subject)).one()
    return row.state, row.tries, row.last_error


class Failing:
    """A use case that fails as often as it is told, then does its work."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.ran = 0

    def __call__(self, _gateway: Gateway, subject: str) -> datetime | None:
        self.ran += 1
        if self.ran <= self.times:
            raise ValueError(f"{subject} is broken")
        return None


def test_every_kind_of_job_has_a_handler_a_lane_and_a_patience() -> None:
    lanes = [kind for kinds in LANES.values() for kind in kinds]
    assert sorted(lanes) == sorted(JobKind)
    assert set(make_handlers(lambda *_: b"")) == set(PATIENCE) == set(JobKind)


def test_a_job_that_fails_is_tried_again_later_and_then_done(installation: Installation) -> None:
    failing = Failing(2)
    worker = Worker(installation.gateway, {JobKind.SEND_REFUND: failing})
    ask(installation)
    assert worker.run_once() == 1
    assert state(installation) == ("queued", 1, "ValueError: A is broken")
    assert worker.run_once() == 0, "the next try waits"
    for _ in range(2):
        installation.clock.advance(hours=6)
        assert worker.run_once() == 1
    assert state(installation)[0] == "done"
    assert failing.ran == 3


def test_a_job_that_never_succeeds_is_buried_with_its_error(installation: Installation) -> None:
    worker = Worker(installation.gateway, {JobKind.SEND_REFUND: Failing(10_000)})
    ask(installation)
    for _ in range(PATIENCE[JobKind.SEND_REFUND].tries):
        assert worker.run_once() == 1
        installation.clock.advance(hours=8)
    assert worker.run_once() == 0
    assert state(installation) == ("dead", PATIENCE[JobKind.SEND_REFUND].tries, "ValueError: A is broken")


def test_a_job_that_kills_its_worker_every_time_is_buried_too(installation: Installation) -> None:
    def die(_gateway: Gateway, _subject: str) -> None:
        raise SystemExit

    worker = Worker(installation.gateway, {JobKind.SEND_REFUND: die})
    ask(installation)
    for _ in range(PATIENCE[JobKind.SEND_REFUND].tries):
        with pytest.raises(SystemExit):
            worker.run_once()
        installation.clock.advance(seconds=LEASE.total_seconds())
    assert worker.run_once() == 1
    assert state(installation)[0] == "dead"


def test_a_use_case_may_say_when_it_wants_to_run_again(installation: Installation) -> None:
    def in_seven_minutes(gateway: Gateway, _subject: str) -> datetime:
        return gateway.now() + timedelta(minutes=7)

    worker = Worker(installation.gateway, {JobKind.SEND_REFUND: in_seven_minutes})
    ask(installation)
    worker.run_once()
    installation.clock.advance(minutes=6, seconds=59)
    assert worker.run_once() == 0
    installation.clock.advance(seconds=1)
    assert worker.run_once() == 1
    assert state(installation)[1] == 0


def test_one_round_ends_after_the_most_jobs_it_was_given(installation: Installation) -> None:
    worker = Worker(installation.gateway, {JobKind.SEND_REFUND: Failing(0)})
    for number in range(5):
        ask(installation, subject=f"S{number}")
    assert worker.run_once(most=3) == 3
    assert worker.run_once(most=3) == 2


@given(st.sampled_from(list(JobKind)), st.integers(1, 5_000), st.floats(0, 1))
def test_waits_grow_to_a_bound_and_are_never_nought(kind: JobKind, tries: int, fraction: float) -> None:
    patience = PATIENCE[kind]
    wait = retry_at(kind, tries, START, fraction) - START
    assert patience.first <= wait <= patience.longest * 1.2
    assert retry_at(kind, tries + 1, START, fraction) - START >= wait


def test_waits_double_and_spread() -> None:
    kind = JobKind.SEND_REFUND
    assert [retry_at(kind, tries, START, 0) - START for tries in (1, 2, 3)] == [
        timedelta(minutes=1),
        timedelta(minutes=2),
        timedelta(minutes=4),
    ]
    assert retry_at(kind, 1, START, 1) - START == timedelta(minutes=1, seconds=12)


def test_threads_run_what_is_due_until_they_are_told_to_stop(installation: Installation) -> None:
    request = installation.request_payment()
    installation.bank.choose(open_bank_page(installation, request), "silent")
    installation.clock.advance(minutes=30)
    with RunningWorker(installation.gateway, threads_per_lane=1):
        deadline = time.monotonic() + 20
        while not installation.bank.requests:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("worker ")]


def test_a_slow_bank_holds_up_no_webhook(installation: Installation) -> None:
    answered = threading.Event()
    told = threading.Event()

    def slow_bank(_gateway: Gateway, _subject: str) -> None:
        answered.wait(10)

    def tell(_gateway: Gateway, _subject: str) -> None:
        told.set()

    worker = Worker(installation.gateway, {JobKind.ASK_PROVIDER: slow_bank, JobKind.DELIVER_WEBHOOK: tell})
    ask(installation, JobKind.ASK_PROVIDER, "slow")
    ask(installation, JobKind.DELIVER_WEBHOOK, "quick")
    stop = threading.Event()
    threads = [
        threading.Thread(target=worker.run, args=(stop, (kind,)))
        for kind in (JobKind.ASK_PROVIDER, JobKind.DELIVER_WEBHOOK)
    ]
    for thread in threads:
        thread.start()
    assert told.wait(10)
    stop.set()
    answered.set()
    for thread in threads:
        thread.join()
    assert state(installation, "slow")[0] == "done"


def test_all_the_work_of_a_payment_ends_well(installation: Installation) -> None:
    request = installation.request_payment()
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    worker = Worker(installation.gateway, make_handlers(lambda *_: b"%PDF-not-sealed"))
    while worker.run_once((JobKind.ASK_PROVIDER, JobKind.DELIVER_WEBHOOK)):
        pass
    installation.clock.advance(minutes=30)
    assert worker.run_once((JobKind.ASK_PROVIDER,)) == 1
    assert worker.run_once((JobKind.ASK_PROVIDER,)) == 0
