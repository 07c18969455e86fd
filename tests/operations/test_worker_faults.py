"""What goes wrong around a job neither ends its lane nor carries a payer's data into the table."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from payments import worker as workers
from payments.store.database import make_engine, reading, transaction
from payments.store.jobs import Job, JobKind, enqueue, fault_text
from payments.store.tables import jobs
from payments.use_cases.gateway import Gateway
from payments.worker import Worker
from tests.gateway import make_installation

PAYER = "Nguyễn Văn Ổn"
KIND = JobKind.SEND_REFUND


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PAUSE_SECONDS", 0.05)


def ask(gateway: Gateway) -> None:
    with transaction(gateway.engine) as connection:
        enqueue(connection, [Job(KIND, "A", gateway.now())], gateway.now())


def row(engine: Engine) -> tuple[str, str]:
    with reading(engine) as connection:
        found = connection.execute(select(jobs.c.state, jobs.c.last_error)).one()
    return found.state, found.last_error


@contextmanager
def serving(worker: Worker) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(10)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def small_engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine with few connections, which says soon that none is free."""
    engine = make_engine(database_url, most_connections=2)
    monkeypatch.setattr(engine.pool, "_timeout", 0.1)
    yield engine
    engine.dispose()


def take_every_connection(engine: Engine, held: ExitStack) -> None:
    with suppress(NoFreeConnection):
        while True:
            held.enter_context(engine.connect())


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_lane_without_a_free_connection_waits_and_goes_on(engine: Engine, small_engine: Engine) -> None:
    gateway = replace(make_installation(engine).gateway, engine=small_engine)
    ask(gateway)
    with ExitStack() as held:
        take_every_connection(small_engine, held)
        with serving(Worker(gateway, {KIND: lambda *_: None})) as thread:
            time.sleep(0.5)
            assert thread.is_alive()
            held.close()
            wait_until(lambda: row(engine)[0] == "done")


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_while_a_failure_is_written_down_does_not_end_the_lane(engine: Engine) -> None:
    gateway = make_installation(engine).gateway
    ask(gateway)
    broken = threading.Event()
    fit = gateway.draw

    def fail(*_: object) -> None:
        raise ValueError("the job is broken")

    def draw(size: int) -> bytes:
        if size == 2:  # what spreads the next try
            broken.set()
            raise OSError("no randomness is left")
        return fit(size)

    with serving(Worker(replace(gateway, draw=draw), {KIND: fail})) as thread:
        assert broken.wait(10)
        time.sleep(0.2)
        assert thread.is_alive()


def test_a_job_that_finds_no_free_connection_is_not_counted_as_failed(
    engine: Engine, small_engine: Engine
) -> None:
    gateway = replace(make_installation(engine).gateway, engine=small_engine)
    ask(gateway)

    def starve(_gateway: Gateway, _subject: str) -> None:
        with ExitStack() as held:
            while True:
                held.enter_context(small_engine.connect())

    with pytest.raises(NoFreeConnection):
        Worker(gateway, {KIND: starve}).run_once()
    assert row(engine) == ("running", "")


def lose_a_race(gateway: Gateway, _subject: str) -> None:
    """Be the one whom PostgreSQL chooses to end a deadlock."""
    with transaction(gateway.engine) as connection:
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'chosen' USING ERRCODE = '40P01'; END $$"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_job_that_lost_a_race_between_transactions_runs_again_at_once(engine: Engine) -> None:
    gateway = make_installation(engine).gateway
    ask(gateway)
    runs: list[str] = []

    def lose_once(gateway: Gateway, subject: str) -> None:
        runs.append(subject)
        if len(runs) == 1:
            lose_a_race(gateway, subject)

    worker = Worker(gateway, {KIND: lose_once})
    assert worker.run_once(most=1) == 1
    assert row(engine)[0] == "queued"
    assert worker.run_once(most=1) == 1
    assert (row(engine)[0], len(runs)) == ("done", 2)


def break_a_rule(gateway: Gateway, _subject: str) -> None:
    """Ask the database for a row that it refuses and, on PostgreSQL, quotes in its error's DETAIL."""
    with transaction(gateway.engine) as connection:
        connection.execute(text("CREATE TEMPORARY TABLE persons (name text, age integer CHECK (age > 0))"))
        connection.execute(text("INSERT INTO persons VALUES (:name, -1)"), {"name": PAYER})


def test_a_row_that_the_database_refuses_is_not_quoted_in_the_jobs_table(engine: Engine) -> None:
    gateway = make_installation(engine).gateway
    ask(gateway)
    with pytest.raises(IntegrityError) as caught:
        break_a_rule(gateway, "")
    assert (PAYER in str(caught.value)) == (engine.dialect.name == "postgresql"), "there is something to hide"
    Worker(gateway, {KIND: break_a_rule}).run_once()
    known = {
        "postgresql": "IntegrityError: CheckViolation, SQLSTATE 23514",
        "sqlite": "IntegrityError: IntegrityError, SQLITE_CONSTRAINT_CHECK",
    }
    assert row(engine) == ("queued", known[engine.dialect.name])


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ValueError("A is broken"), "ValueError: A is broken"),
        (ValueError(f"bad name\nDETAIL:  Failing row contains ({PAYER})."), "ValueError: bad name"),
        (ValueError(f"Failing row contains ({PAYER}, (1))."), "ValueError: Failing row contains …."),
        (KeyError(PAYER), "KeyError: …"),
        (ValueError(f"not a date: '{PAYER}' is not one"), "ValueError: not a date: … is not one"),
        (ValueError(f"the host's name is “{PAYER}”"), "ValueError: the host's name is …"),
        (ValueError(f'"{PAYER}'), "ValueError: …"),
        (ValueError("payer=Ổn of 079 201 001 234, on@example.vn"), "ValueError: payer… of …, …"),
        (ValueError("the bank answered HTTP 503 (ReadTimeout)"), None),
        (ValueError(), "ValueError"),
        (NoFreeConnection("QueuePool limit reached"), "TimeoutError"),
    ],
)
def test_of_an_error_its_class_and_first_line_are_kept_without_values(
    error: Exception, kept: str | None
) -> None:
    assert fault_text(error) == (kept or f"ValueError: {error}")
