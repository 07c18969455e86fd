"""Fixtures shared by every test: databases of both kinds, a browser, a port."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import settings
from playwright.sync_api import Browser
from sqlalchemy import Engine

from payments.store.database import make_engine
from payments.store.migrate import migrate
from tests.servers import network
from tests.servers.browser import chromium_browser
from tests.servers.directory import make_directory, use_for_temporary_files
from tests.servers.postgresql import PostgreSQL, connected_cluster, stop_cluster

if TYPE_CHECKING:
    from tests.gateway import Installation

DATABASES = ("sqlite", "postgresql")
MIGRATED = "migrated"

# How long one example takes says nothing on a machine that does other things as well.
settings.register_profile("thuphi", deadline=None, print_blob=True)
settings.load_profile("thuphi")

servers_directory_key = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Agree on one directory for the servers of this run; worker processes are told of it."""
    if not hasattr(config, "workerinput"):
        directory = make_directory()
        use_for_temporary_files(directory)
        config.stash[servers_directory_key] = directory
        # A build server that loses patience ends the run as Ctrl-C does, with its servers stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    log_errors_in_few_words()


def log_errors_in_few_words() -> None:
    """Print the plain traceback of a logged error: to show all its variables takes longer than many a test."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist where the servers of this run are."""
    node.workerinput["servers_directory"] = str(node.config.stash[servers_directory_key])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started, also after Ctrl-C: this runs in the first process, after all workers."""
    directory = config.stash.get(servers_directory_key, None)
    if directory is not None:
        stop_cluster(directory)
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def servers_directory(request: pytest.FixtureRequest) -> Path:
    workerinput: dict[str, str] | None = getattr(request.config, "workerinput", None)
    if workerinput is None:
        return request.config.stash[servers_directory_key]
    return Path(workerinput["servers_directory"])


@pytest.fixture(scope="session")
def postgresql(servers_directory: Path) -> Iterator[PostgreSQL]:
    """The PostgreSQL cluster of this run; ``postgresql.fresh()`` lends a database."""
    with connected_cluster(servers_directory) as cluster:
        yield cluster


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """An empty PostgreSQL database of its own."""
    with postgresql.fresh() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database of its own, in a file."""
    return f"sqlite:///{tmp_path / 'thuphi.sqlite3'}"


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database without any table, once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database to copy; nobody opens it."""
    path = tmp_path_factory.mktemp(MIGRATED) / "thuphi.sqlite3"
    migrate_database(f"sqlite:///{path}")
    return path


def migrate_database(url: str) -> None:
    """Bring an empty database to the schema of this version, and let go of it."""
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()


@contextmanager
def migrated_database(request: pytest.FixtureRequest, kind: str, directory: Path) -> Iterator[str]:
    """The URL of a migrated database of its own; made by copying, which is far quicker than migrating."""
    if kind == "sqlite":
        source: Path = request.getfixturevalue("migrated_sqlite_file")
        copy = shutil.copy(source, directory / "thuphi.sqlite3")
        yield f"sqlite:///{copy}"
    else:
        postgresql: PostgreSQL = request.getfixturevalue("postgresql")
        with postgresql.fresh(postgresql.template(MIGRATED, migrate_database)) as url:
            yield url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of its own, once on each kind."""
    with migrated_database(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database, once on each kind; disposed of afterwards."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def installation(engine: Engine) -> Installation:
    """A gateway with its world on a migrated database, once on each kind."""
    # Imported late: tests of the pure packages need none of it.
    from tests.gateway import make_installation

    return make_installation(engine)


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    return network.free_port()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless browser for one module of tests.

    Not for the whole run: Playwright keeps an event loop in this thread while it is open, and tests elsewhere
    that start one of their own would fail.
    """
    with chromium_browser() as browser:
        yield browser
