"""The engine and the transaction: the only two doors to the database.

Embedded default: SQLite in WAL mode, where a transaction that reads and then writes begins with ``BEGIN
IMMEDIATE`` so that twenty callbacks at once queue instead of failing. Real use: PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

BUSY_TIMEOUT_SECONDS = 30

LOST_RACES = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for a transaction that it undid for another's sake: serialization failure, deadlock."""
MOST_RACES = 3

Result = TypeVar("Result")

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def make_engine(url: str, *, most_connections: int = 20) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://…``; nothing is opened yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            hide_parameters=True,  # what a statement carries must not reach a log through an error
            poolclass=QueuePool,
            pool_size=most_connections,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=most_connections,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 10},
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed when the block ends well, rolled back otherwise."""
    with engine.connect() as connection:
        connection = connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads; on SQLite it never waits for a writer."""
    with engine.connect() as connection, connection.begin():
        yield connection


def lost_a_race(error: BaseException) -> bool:
    """Whether the database undid a transaction for another's sake: done again, it succeeds."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in LOST_RACES


def again_after_races(work: Callable[[], Result]) -> Result:
    """Do ``work``, which is one whole transaction, and do it again at once where it lost a race."""
    for _ in range(MOST_RACES):
        try:
            return work()
        except DBAPIError as error:
            if not lost_a_race(error):
                raise
    return work()


def _prepare_sqlite(raw: Any, _record: object) -> None:
    # The driver's own transaction handling would begin too late and too weakly; we say BEGIN ourselves.
    raw.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        raw.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
