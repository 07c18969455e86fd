"""Jobs in the table: claimed once, taken over when a lease ends, and never lost when asked for while running."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from payments.store.database import reading, transaction
from payments.store.jobs import Claim, Job, JobKind, any_due, bury, claim, enqueue, finish, postpone
from payments.store.tables import jobs

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ALL = tuple(JobKind)


def ask(
    engine: Engine, subject: str = "A", run_at: datetime = NOW, kind: JobKind = JobKind.ASK_PROVIDER
) -> None:
    with transaction(engine) as connection:
        enqueue(connection, [Job(kind, subject, run_at)], NOW)


def take(
    engine: Engine, now: datetime = NOW, kinds: Sequence[JobKind] = ALL, lease: str = "L1", most: int = 1
) -> list[Claim]:
    with transaction(engine) as connection:
        return claim(
            connection, kinds, now=now, leased_until=now + timedelta(minutes=5), lease=lease, most=most
        )


def row(engine: Engine, subject: str = "A") -> tuple[str, datetime, int, str]:
    with reading(engine) as connection:
        found = connection.execute(select(jobs).where(jobs.c.subject == subject)).one()
    return found.state, found.run_at, found.tries, found.last_error


def test_a_due_job_is_claimed_once_and_the_longest_waiting_first(engine: Engine) -> None:
    ask(engine, "B", NOW)
    ask(engine, "A", NOW - timedelta(seconds=1))
    assert [found.subject for found in take(engine)] == ["A"]
    assert [found.subject for found in take(engine)] == ["B"]
    assert take(engine) == []


def test_a_job_of_the_future_or_of_another_kind_is_left_alone(engine: Engine) -> None:
    ask(engine, run_at=NOW + timedelta(microseconds=1))
    assert take(engine) == []
    ask(engine)
    assert take(engine, kinds=[JobKind.DELIVER_WEBHOOK]) == []
    with reading(engine) as connection:
        assert any_due(connection, [JobKind.ASK_PROVIDER], NOW)
        assert not any_due(connection, [JobKind.DELIVER_WEBHOOK], NOW)


def test_workers_at_once_never_get_the_same_job(engine: Engine) -> None:
    for number in range(40):
        ask(engine, f"S{number}")

    def worker(name: int) -> list[str]:
        mine: list[str] = []
        while found := take(engine, lease=f"L{name}", most=2):
            mine += [each.subject for each in found]
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [subject for mine in pool.map(worker, range(4)) for subject in mine]
    assert sorted(taken) == sorted(f"S{number}" for number in range(40))


def test_the_job_of_a_dead_worker_is_taken_over_when_its_lease_ends(engine: Engine) -> None:
    ask(engine)
    (lost,) = take(engine)
    assert take(engine, LATER - timedelta(microseconds=1)) == []
    (found,) = take(engine, LATER, lease="L2")
    assert (found.subject, found.tries) == ("A", 2)
    with transaction(engine) as connection:
        assert not finish(connection, lost, LATER)
        assert not postpone(connection, lost, LATER)
        assert finish(connection, found, LATER)
    assert row(engine)[0] == "done"


def test_work_asked_for_again_while_it_runs_is_done_again(engine: Engine) -> None:
    for ended in (finish, lambda connection, found, now: bury(connection, found, "broken", now)):
        ask(engine)
        (found,) = take(engine)
        ask(engine, run_at=NOW + timedelta(minutes=1))
        with transaction(engine) as connection:
            ended(connection, found, NOW)
        assert row(engine)[:3] == ("queued", NOW + timedelta(minutes=1), 0)
        (again,) = take(engine, LATER)
        with transaction(engine) as connection:
            finish(connection, again, LATER)


def test_a_finished_or_buried_job_stays_ended_and_can_be_asked_for_again(engine: Engine) -> None:
    ask(engine)
    (found,) = take(engine)
    with transaction(engine) as connection:
        bury(connection, found, "x" * 1_000, NOW)
    state, _, tries, error = row(engine)
    assert (state, tries, error) == ("dead", 1, "x" * 500)
    assert take(engine, LATER) == []
    ask(engine, run_at=LATER)
    assert row(engine)[:3] == ("queued", LATER, 0)


def test_a_postponed_job_keeps_its_tries_only_when_it_failed(engine: Engine) -> None:
    ask(engine)
    (found,) = take(engine)
    with transaction(engine) as connection:
        postpone(connection, found, LATER, "no answer")
    assert row(engine) == ("queued", LATER, 1, "no answer")
    (found,) = take(engine, LATER)
    with transaction(engine) as connection:
        postpone(connection, found, LATER + timedelta(hours=1))
    assert row(engine) == ("queued", LATER + timedelta(hours=1), 0, "")


def test_the_earlier_of_two_wishes_wins(engine: Engine) -> None:
    ask(engine)
    (found,) = take(engine)
    ask(engine, run_at=LATER)
    with transaction(engine) as connection:
        postpone(connection, found, LATER + timedelta(hours=1))
    assert row(engine)[1] == LATER
    ask(engine, run_at=NOW + timedelta(seconds=1))
    ask(engine, run_at=LATER)
    assert row(engine)[1] == NOW + timedelta(seconds=1)
