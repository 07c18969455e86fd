"""One PostgreSQL cluster for a whole test run, however many processes share it.

The process that runs pytest names a directory and, at the very end, stops whatever was started in it. The
first test that needs PostgreSQL, in whichever worker process, makes and starts the cluster there under a file
lock; the others find it running. A test gets a database of its own, copied from a template.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.network import LOOPBACK, free_port

SUPERUSER = "thuphi"
SYSTEM_USER = "postgres"  # PostgreSQL refuses to run as root; Debian's package brings this user
PROGRAM_TIMEOUT_SECONDS = 60

# A test database may be lost at any moment, so nothing is flushed to the disk.
CLUSTER_SETTINGS = (
    "fsync = off",
    "full_page_writes = off",
    "synchronous_commit = off",
    "max_connections = 200",
    "shared_buffers = 64MB",
    "unix_socket_directories = ''",
    "timezone = 'UTC'",
)


class PostgreSQLMissing(RuntimeError):
    """The PostgreSQL programs are not installed; `make test` installs them."""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running cluster in ``directory``, reachable on the loopback interface only."""

    directory: Path
    port: int
    password: str
    administration: psycopg.Connection = field(repr=False)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of ``database``."""
        return f"postgresql+psycopg://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Create ``database`` as a copy of ``template`` and return its URL."""
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove ``database``, also when connections to it are still open."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """The URL of a database that exists within the ``with`` block only."""
        database = next(_database_names)
        try:
            yield self.create(database, template)
        finally:
            self.drop(database)

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """The database ``name``, made once per run by ``fill(url)``, to be copied by the tests."""
        made = self.directory / f"{name}.made"
        with locked(self.directory / f"{name}.lock"):
            if not made.exists():
                self.drop(name)
                fill(self.create(name))
                made.touch()
        return name

    def _administer(self, statement: sql.Composed) -> None:
        self.administration.execute(statement)


_database_names = (f"test_{os.getpid()}_{number}" for number in itertools.count(1))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on ``path``; other processes wait."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def connected_cluster(directory: Path) -> Iterator[PostgreSQL]:
    """The cluster of this run, started in ``directory`` by whoever comes first."""
    with locked(directory / "postgresql.lock"):
        if not _port_file(directory).exists():
            _start(directory)
    port = int(_port_file(directory).read_text())
    password = _password_file(directory).read_text()
    with psycopg.connect(
        host=LOOPBACK, port=port, user=SUPERUSER, password=password, dbname="postgres", autocommit=True
    ) as administration:
        yield PostgreSQL(directory, port, password, administration)


def stop_cluster(directory: Path) -> None:
    """Stop the cluster in ``directory``, whether it runs, half started or was never asked for."""
    if (_data(directory) / "postmaster.pid").exists():
        _run("pg_ctl", "stop", "--pgdata", _data(directory), "--mode", "immediate", "--wait")


def _start(directory: Path) -> None:
    """Make a new cluster and wait until it accepts connections."""
    shutil.rmtree(_data(directory), ignore_errors=True)
    _password_file(directory).write_text(secrets.token_hex(16))
    _data(directory).mkdir(mode=0o700)
    _give_to_system_user(_data(directory), _password_file(directory))
    _run(
        "initdb",
        *("--pgdata", _data(directory), "--username", SUPERUSER, "--pwfile", _password_file(directory)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    )
    port = free_port()
    settings = (*CLUSTER_SETTINGS, f"listen_addresses = '{LOOPBACK}'", f"port = {port}")
    with (_data(directory) / "postgresql.conf").open("a") as file:
        file.writelines(f"{setting}\n" for setting in settings)
    _run("pg_ctl", "start", "--pgdata", _data(directory), "--wait")
    _port_file(directory).write_text(str(port))


def _data(directory: Path) -> Path:
    return directory / "postgresql"


def _port_file(directory: Path) -> Path:
    return directory / "postgresql.port"


def _password_file(directory: Path) -> Path:
    return directory / "postgresql.password"


def _give_to_system_user(*paths: Path) -> None:
    """Let the server's user own its files, where it is another one than ours."""
    if os.geteuid() == 0:
        for path in paths:
            shutil.chown(path, SYSTEM_USER, SYSTEM_USER)


def _run(program: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs; raise with its own words when it fails."""
    command = [*_as_system_user(), str(_program(program)), *map(str, arguments)]
    # A file, not a pipe: the server inherits the output and would keep a pipe open for ever.
    output_path = Path(str(arguments[1 + arguments.index("--pgdata")])).with_suffix(f".{program}.log")
    with output_path.open("w") as output:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=PROGRAM_TIMEOUT_SECONDS,
            cwd="/",
            check=False,
        )
    if ended.returncode != 0:
        raise RuntimeError(f"{program} failed: {output_path.read_text()}")


def _as_system_user() -> Sequence[str]:
    if os.geteuid() != 0:
        return ()
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError as missing:
        raise PostgreSQLMissing(f"there is no user {SYSTEM_USER}: install postgresql") from missing
    return ("setpriv", f"--reuid={SYSTEM_USER}", f"--regid={SYSTEM_USER}", "--init-groups", "--")


def _program(name: str) -> Path:
    """The newest installed version of a PostgreSQL program."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parent.parent.name)
    )
    if found:
        return found[-1]
    on_path = shutil.which(name)
    if on_path is None:
        raise PostgreSQLMissing(f"{name} was not found: install postgresql, or let `make test` do it")
    return Path(on_path)
