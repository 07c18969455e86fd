"""What operators watch, for Prometheus.

Durations and results of this process are counted as they happen. What the database holds (requests, payments,
notices, jobs) is read when somebody asks, by a few grouped statements, and at most once in CACHE_SECONDS.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, Engine

from payments.store import measures
from payments.store.database import reading

CACHE_SECONDS = 10.0
REGISTRY = CollectorRegistry()

HTTP_SECONDS = Histogram(
    "thuphi_http_request_seconds",
    "Time from a request to the end of its answer.",
    ("area", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
JOB_SECONDS = Histogram(
    "thuphi_job_seconds",
    "Time a job ran, by its kind and what became of it.",
    ("kind", "outcome"),
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60),
    registry=REGISTRY,
)
PROVIDER_FAULTS = Counter(
    "thuphi_provider_faults_total",
    "Calls to a provider that brought no usable answer.",
    ("account",),
    registry=REGISTRY,
)

# metric name → (what it tells, its labels, how it is read)
GAUGES: tuple[tuple[str, str, tuple[str, ...], Callable[[Connection, datetime], measures.Figures]], ...] = (
    ("thuphi_payment_requests", "Payment requests by state.", ("state",), measures.requests_by_state),
    (
        "thuphi_payments",
        "Sums of money that arrived, by provider account and whether they are settled or in suspense.",
        ("account", "disposition"),
        measures.payments_by_account,
    ),
    (
        "thuphi_attempts",
        "Tries at a provider, by provider account and state.",
        ("account", "state"),
        measures.attempts_by_account,
    ),
    (
        "thuphi_notices",
        "Messages from providers within the last day, by account and what they were answered.",
        ("account", "result"),
        measures.notices_by_result,
    ),
    (
        "thuphi_discrepancies_open",
        "Discrepancies that wait for an officer.",
        ("kind",),
        measures.discrepancies_open,
    ),
    ("thuphi_jobs", "Jobs by kind and state; those done are not counted.", ("kind", "state"), measures.jobs),
    (
        "thuphi_job_age_seconds",
        "How long the oldest due job of a kind has waited.",
        ("kind",),
        measures.job_ages,
    ),
)


class Measures:
    """Reads the figures of one database, at most once in CACHE_SECONDS."""

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._now = now
        self._tick = tick
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._families: list[Metric] = []

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(REGISTRY) + generate_latest(registry)

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if self._read_at is None or self._tick() - self._read_at >= CACHE_SECONDS:
                self._families = self._read()
                self._read_at = self._tick()
            return list(self._families)

    def _read(self) -> list[Metric]:
        families: list[Metric] = []
        now = self._now()
        with reading(self._engine) as connection:
            for name, text, labels, read in GAUGES:
                family = GaugeMetricFamily(name, text, labels=labels)
                for values, figure in read(connection, now):
                    family.add_metric(values, figure)
                families.append(family)
        return families
