"""The worker: a loop around ``run_once()``.

Any number of workers on any number of hosts may run against one database; a job is leased to one at a time, and one
whose worker died is taken over when the lease ends. Jobs run at least once, so every use case here may be repeated.

Jobs are sorted into lanes with threads of their own, so that a bank or a portal that does not answer delays only
what has to do with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from payments.core.references import encode
from payments.metrics import JOB_SECONDS
from payments.render_pool import RenderPool
from payments.store import jobs as store
from payments.store.database import lost_a_race, reading, transaction
from payments.store.jobs import Claim, JobKind, fault_text
from payments.use_cases.ask_provider import ask_provider, reconsider_notice
from payments.use_cases.deliver_webhook import deliver_webhook
from payments.use_cases.expire_payment import expire_payment
from payments.use_cases.gateway import Gateway
from payments.use_cases.issue_receipt import Render, make_receipt_files
from payments.use_cases.send_refund import send_refund

Handler = Callable[[Gateway, str], datetime | None]
"""A use case: its subject → when to run it again, or None when it is done. Raises when it failed."""

LEASE = timedelta(minutes=5)
IDLE_SECONDS = 0.25
PAUSE_SECONDS = 5.0
JITTER = 0.2
DATABASE_AWAY = (OperationalError, NoFreeConnection)

LANES: Mapping[str, tuple[JobKind, ...]] = {
    "providers": (JobKind.ASK_PROVIDER, JobKind.SEND_REFUND),
    "portals": (JobKind.DELIVER_WEBHOOK,),
    "papers": (JobKind.RENDER_RECEIPT,),
    "books": (JobKind.EXPIRE_REQUEST, JobKind.RECONSIDER_NOTICE),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait after the first failure, the longest wait (each doubles), and the most tries."""

    first: timedelta
    longest: timedelta
    tries: int


# What fails for good ends in the console, where an officer can start it again.
PATIENCE: Mapping[JobKind, Patience] = {
    JobKind.ASK_PROVIDER: Patience(timedelta(seconds=15), timedelta(hours=6), 60),
    JobKind.SEND_REFUND: Patience(timedelta(minutes=1), timedelta(hours=6), 60),
    JobKind.DELIVER_WEBHOOK: Patience(timedelta(seconds=30), timedelta(hours=1), 100),
    JobKind.RENDER_RECEIPT: Patience(timedelta(seconds=5), timedelta(minutes=10), 1_000),
    JobKind.EXPIRE_REQUEST: Patience(timedelta(seconds=30), timedelta(hours=1), 100),
    JobKind.RECONSIDER_NOTICE: Patience(timedelta(seconds=5), timedelta(hours=1), 50),
}

log = structlog.get_logger("payments.worker")


def make_handlers(render: Render) -> Mapping[JobKind, Handler]:
    """Which use case does which kind of job."""

    def papers(gateway: Gateway, receipt_id: str) -> None:
        make_receipt_files(gateway, receipt_id, render)

    def reconsider(gateway: Gateway, notice_id: str) -> None:
        reconsider_notice(gateway, notice_id)

    return {
        JobKind.ASK_PROVIDER: ask_provider,
        JobKind.EXPIRE_REQUEST: expire_payment,
        JobKind.RENDER_RECEIPT: papers,
        JobKind.DELIVER_WEBHOOK: deliver_webhook,
        JobKind.RECONSIDER_NOTICE: reconsider,
        JobKind.SEND_REFUND: send_refund,
    }


def retry_at(kind: JobKind, tries: int, now: datetime, fraction: float) -> datetime:
    """When to try again after ``tries`` failures; ``fraction`` (0 to 1) spreads what failed together."""
    patience = PATIENCE[kind]
    doubled = patience.first * 2 ** min(tries - 1, 32) if tries < 32 else patience.longest
    return now + min(doubled, patience.longest) * (1 + JITTER * fraction)


class Worker:
    """Runs the jobs of one gateway."""

    def __init__(self, gateway: Gateway, handlers: Mapping[JobKind, Handler]) -> None:
        self.gateway = gateway
        self.handlers = handlers

    def run_once(self, kinds: Collection[JobKind] | None = None, most: int = 10) -> int:
        """Run up to ``most`` due jobs of ``kinds`` (all, if absent) and return how many those were."""
        wanted = tuple(self.handlers if kinds is None else kinds)
        for number in range(most):
            claimed = self._claim(wanted)
            if claimed is None:
                return number
            self._run(claimed)
        return most

    def run(self, stop: threading.Event, kinds: Collection[JobKind] | None = None) -> None:
        """Run jobs until ``stop`` is set. Whatever goes wrong around them is logged, and after a pause they go on."""
        while not stop.is_set():
            try:
                busy = self.run_once(kinds)
            except Exception as error:
                # Whatever it is: were this thread to end, its lane would never be served again.
                log.error("jobs interrupted", cause=fault_text(error), exc_info=error)
                stop.wait(PAUSE_SECONDS)
                continue
            if not busy:
                stop.wait(IDLE_SECONDS)

    def _claim(self, kinds: Collection[JobKind]) -> Claim | None:
        now = self.gateway.now()
        # Looking first keeps an idle worker from taking SQLite's only write lock four times a second.
        with reading(self.gateway.engine) as connection:
            if not store.any_due(connection, kinds, now):
                return None
        lease = encode(self.gateway.draw(17), 26)
        with transaction(self.gateway.engine) as connection:
            found = store.claim(connection, kinds, now=now, leased_until=now + LEASE, lease=lease)
        return found[0] if found else None

    def _run(self, claimed: Claim) -> None:
        begun = time.perf_counter()
        with structlog.contextvars.bound_contextvars(job=claimed.kind, subject=claimed.subject):
            outcome = self._attempt(claimed)
        JOB_SECONDS.labels(claimed.kind, outcome).observe(time.perf_counter() - begun)

    def _attempt(self, claimed: Claim) -> str:
        if claimed.tries > PATIENCE[claimed.kind].tries:
            # Only a job that keeps ending its worker's process comes here.
            return self._failed(claimed, "the worker ended each time it ran this")
        try:
            again_at = self.handlers[claimed.kind](self.gateway, claimed.subject)
        except Exception as error:
            if isinstance(error, DATABASE_AWAY) and not lost_a_race(error):
                raise  # nothing can be written down now, and the lease will end
            log.warning("job failed", tries=claimed.tries, exc_info=error)
            return self._failed(claimed, fault_text(error), at_once=lost_a_race(error))
        with transaction(self.gateway.engine) as connection:
            if again_at is None:
                store.finish(connection, claimed, self.gateway.now())
                return "done"
            store.postpone(connection, claimed, again_at)
        return "again"

    def _failed(self, claimed: Claim, error: str, *, at_once: bool = False) -> str:
        now = self.gateway.now()
        with transaction(self.gateway.engine) as connection:
            if claimed.tries >= PATIENCE[claimed.kind].tries:
                store.bury(connection, claimed, error, now)
                log.error("job given up", tries=claimed.tries)
                return "dead"
            fraction = int.from_bytes(self.gateway.draw(2), "big") / 0xFFFF
            again_at = now if at_once else retry_at(claimed.kind, claimed.tries, now, fraction)
            store.postpone(connection, claimed, again_at, error)
        return "failed"


class RunningWorker(AbstractContextManager["RunningWorker"]):
    """A worker with its threads and its renderer, from ``with`` to the end of the block.

    ``threads_per_lane`` threads serve each lane. Ending waits for the jobs that run.
    """

    def __init__(self, gateway: Gateway, *, threads_per_lane: int = 2, render_processes: int = 1) -> None:
        self._pool = RenderPool(render_processes)
        self._worker = Worker(gateway, make_handlers(self._pool.render))
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._worker.run, args=(self._stop, kinds), name=f"worker {lane} {number}"
            )
            for lane, kinds in LANES.items()
            for number in range(threads_per_lane)
        ]

    def __enter__(self) -> RunningWorker:
        self._pool.warm()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as stack:
            stack.callback(self._pool.close)
            self._stop.set()
            for thread in self._threads:
                thread.join()
