"""Callback → committed → answered, beside what PostgreSQL itself can do on the same machine in the same minutes.

The limit is ``pgbench`` carrying out the bare kernel of a callback's transaction, statement by statement: read the
payment, update it, insert an event, two ledger rows and a job. Thuphi's own transaction also writes the message, the
money, a chained ledger, a numbered receipt, the outbox and the audit log. Each callback is another payment, with a
signature to verify; each is answered after its commit. Before it is measured, a gateway settles a number of payments
and the database gathers its statistics, as it does by itself within a minute of use.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url

from benchmarks.payments_to_make import prepare
from payments.store.database import make_engine, reading, transaction
from payments.store.migrate import migrate
from payments.store.tables import payments
from tests.servers.network import LOOPBACK, free_port
from tests.servers.postgresql import PostgreSQL, connected_cluster, stop_cluster

CONNECTIONS = 64
PGBENCH_CLIENTS = 16
SECONDS = 8
WARM_UP_PAYMENTS = 2_000
WARM_UP_SECONDS = 2
MOST_PAYMENTS = 40_000
ROUNDS = 3

DURABLE = ("fsync", "full_page_writes", "synchronous_commit")

KERNEL_TABLES = """
CREATE TABLE pay (id bigint PRIMARY KEY, state text NOT NULL, amount bigint NOT NULL);
INSERT INTO pay SELECT id, 'open', 5000 FROM generate_series(1, 200000) id;
CREATE TABLE event (id bigserial PRIMARY KEY, pay bigint NOT NULL, body text NOT NULL);
CREATE TABLE ledger (id bigserial PRIMARY KEY, pay bigint NOT NULL, account text NOT NULL, amount bigint NOT NULL);
CREATE TABLE job (id bigserial PRIMARY KEY, pay bigint NOT NULL, kind text NOT NULL);
"""
KERNEL = r"""
\set id random(1, 200000)
BEGIN;
SELECT state, amount FROM pay WHERE id = :id FOR UPDATE;
UPDATE pay SET state = 'paid' WHERE id = :id;
INSERT INTO event (pay, body) VALUES (:id, 'paid');
INSERT INTO ledger (pay, account, amount) VALUES (:id, 'receivable', 5000);
INSERT INTO ledger (pay, account, amount) VALUES (:id, 'revenue', -5000);
INSERT INTO job (pay, kind) VALUES (:id, 'receipt');
COMMIT;
"""
WRK_SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local next_path = 0
request = function()
    next_path = next_path + 1
    return wrk.format("GET", paths[(next_path - 1) %% #paths + 1])
end
"""


@dataclass(frozen=True)
class Run:
    """Callbacks answered a second, and the median and 99th percentile of their latency."""

    per_second: float
    median: str
    p99: str


def measure() -> str:
    """The table, medians of ROUNDS rounds in which limit and gateway take turns."""
    with tempfile.TemporaryDirectory(prefix="thuphi-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        with _durable_cluster(directory) as cluster:
            limits, runs = [], []
            for number in range(ROUNDS):
                limits.append(_pgbench(cluster, directory, number))
                runs.append(_gateway(cluster.create(f"gateway_{number}"), directory))
        on_sqlite = [
            _gateway(f"sqlite:///{directory / f'{number}.sqlite3'}", directory) for number in range(ROUNDS)
        ]
    return _table(limits, runs, on_sqlite)


@contextmanager
def _durable_cluster(directory: Path) -> Iterator[PostgreSQL]:
    """A cluster that flushes every commit to the disk, as in real use."""
    try:
        with connected_cluster(directory) as cluster:
            for setting in DURABLE:
                cluster.administration.execute(f"ALTER SYSTEM SET {setting} = on")
            cluster.administration.execute("SELECT pg_reload_conf()")
            yield cluster
    finally:
        stop_cluster(directory)


def _pgbench(cluster: PostgreSQL, directory: Path, number: int) -> float:
    """Kernel transactions a second."""
    url = _plain(cluster.create(f"kernel_{number}"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(KERNEL_TABLES)
    script = directory / "kernel.sql"
    script.write_text(KERNEL)
    program = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))[-1]
    command = [program, "-n", "-f", script, "-c", PGBENCH_CLIENTS, "-j", 2, "-T", SECONDS, url]
    found = _found(r"tps = ([0-9.]+)", _output(command))
    return float(found)


def _gateway(url: str, directory: Path) -> Run:
    """Callbacks a second over HTTP, as the database counts them afterwards."""
    engine = make_engine(url)
    migrate(engine)
    queries = prepare(engine, MOST_PAYMENTS)
    port = free_port()
    with _served(url, port):
        _call(port, queries[:WARM_UP_PAYMENTS], directory, WARM_UP_SECONDS)
        with transaction(engine) as connection:
            connection.execute(text("ANALYZE"))
        before = _settled(engine)
        started = time.monotonic()
        output = _call(port, queries[WARM_UP_PAYMENTS:], directory, SECONDS)
        seconds = time.monotonic() - started
    settled = _settled(engine) - before
    engine.dispose()
    if settled >= MOST_PAYMENTS - WARM_UP_PAYMENTS:
        raise RuntimeError("the payments to make ran out; raise MOST_PAYMENTS")
    return Run(
        settled / min(seconds, SECONDS + 0.2),
        _found(r"\n +50% +(\S+)", output),
        _found(r"\n +99% +(\S+)", output),
    )


def _call(port: int, queries: list[str], directory: Path, seconds: int) -> str:
    """Bring callbacks for so long over CONNECTIONS connections at once; what wrk says of it."""
    paths = directory / "paths.txt"
    paths.write_text("".join(f"/providers/vnpay/callback?{query}\n" for query in queries))
    script = directory / "callbacks.lua"
    script.write_text(WRK_SCRIPT % paths)
    address = f"http://{LOOPBACK}:{port}"
    output = _output(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script, address])
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"not every callback was answered:\n{output}")
    return output


def _settled(engine: Engine) -> int:
    query = select(func.count()).where(payments.c.disposition == "settled")
    with reading(engine) as connection:
        return connection.scalar(query) or 0


@contextmanager
def _served(url: str, port: int) -> Iterator[None]:
    """One web process of the gateway."""
    command = [sys.executable, "-m", "benchmarks.serve", url, str(port)]
    # The log goes into a file, as where it is in use: a line or two are written for every callback.
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the gateway did not start")
            yield
        finally:
            process.terminate()
            process.wait(20)


def _table(limits: list[float], runs: list[Run], on_sqlite: list[Run]) -> str:
    limit = _middle(limits)
    rows = [
        "| What | per second | median | p99 | ratio to pgbench |",
        "|---|---|---|---|---|",
        f"| pgbench, kernel statement by statement, {PGBENCH_CLIENTS} clients | {limit:,.0f} | – | – | 1.00 |",
    ]
    for title, measured in (("PostgreSQL", runs), ("SQLite", on_sqlite)):
        run = sorted(measured, key=lambda each: each.per_second)[len(measured) // 2]
        rows.append(
            f"| callbacks over HTTP, {CONNECTIONS} connections, one process, {title} | {run.per_second:,.0f} "
            f"| {run.median} | {run.p99} | {run.per_second / limit:.2f} |"
        )
    return "\n".join(["", f"Callbacks: medians of {ROUNDS} rounds of {SECONDS} s", "", *rows])


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _output(command: list[object]) -> str:
    program = str(command[0])
    if shutil.which(program) is None:
        raise RuntimeError(f"{program} is not installed: `make bench` installs it")
    ended = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=SECONDS * 10, check=False
    )
    if ended.returncode != 0:
        raise RuntimeError(f"{program} failed: {ended.stderr}")
    return ended.stdout


def _found(pattern: str, output: str) -> str:
    match = re.search(pattern, output)
    if match is None:
        raise RuntimeError(f"no {pattern} in:\n{output}")
    return match.group(1)
