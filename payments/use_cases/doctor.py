"""Examine an installation and say how to mend what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from payments.store.database import reading
from payments.store.faults import explain
from payments.store.migrate import pending
from payments.store.preparation import every_agency
from payments.use_cases.gateway import Gateway
from payments.use_cases.set_up_collectors import problems_of_agencies
from providers.protocol import ProviderError, Request
from receipts.pdf import check_renderer

MIGRATE = "run `thuphi migrate`."
LEAST_FREE_BYTES = 1 << 30
MOST_CLOCK_ERROR = timedelta(seconds=30)
CERTIFICATE_WARNING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined. ``problem`` is empty when it is well, and otherwise says how to mend it."""

    subject: str
    problem: str = ""


def examine_data(engine: Engine, directory: Path) -> list[Finding]:
    """The database, who collects by it, and the disk on which ``directory`` lies."""
    problem = check_database(engine)
    agencies = [] if problem else _each("agencies", check_agencies(engine))
    return [Finding("database", problem), *agencies, Finding("disk", check_disk(directory))]


def check_agencies(engine: Engine) -> list[str]:
    """What stands wrongly about agencies, and would stand so on receipts."""
    with reading(engine) as connection:
        return problems_of_agencies(every_agency(connection))


def examine_papers() -> list[Finding]:
    """The libraries and fonts that receipts are made with."""
    return _each("receipts", check_renderer())


def examine_gateway(gateway: Gateway) -> list[Finding]:
    """What the settings, well enough to make ``gateway``, lead to: certificate, providers, clock."""
    findings = [Finding("sealing certificate", check_certificate(gateway))]
    clocks = {code: ask_clock(gateway, code) for code in sorted(gateway.accounts)}
    if not clocks:
        findings.append(Finding("provider accounts", "None is set up: add one to the setting accounts."))
    findings += [Finding(f"provider account {code}", answer.problem) for code, answer in clocks.items()]
    findings.append(Finding("clock", check_clock(answer for answer in clocks.values())))
    return findings


def _each(subject: str, problems: list[str]) -> list[Finding]:
    return [Finding(subject, problem) for problem in problems] or [Finding(subject)]


def check_database(engine: Engine) -> str:
    """What is wrong with the database, or nothing."""
    try:
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT 1")
        missing = pending(engine)
    except SQLAlchemyError as error:
        return explain(engine, error)
    if missing:
        return f"The database lacks {len(missing)} migration(s): {MIGRATE}"
    return ""


def check_certificate(gateway: Gateway) -> str:
    """Whether the sealing certificate is valid now and for some time to come."""
    now = gateway.now()
    if not gateway.sealer.valid_at(now):
        return "The sealing certificate is not valid today: put a valid one in sealing_certificate."
    if not gateway.sealer.valid_at(now + CERTIFICATE_WARNING):
        return f"The sealing certificate ends within {CERTIFICATE_WARNING.days} days: renew it."
    return ""


def check_disk(directory: Path) -> str:
    """Whether there is room for a while."""
    free_bytes = shutil.disk_usage(directory).free
    if free_bytes >= LEAST_FREE_BYTES:
        return ""
    return f"Only {free_bytes >> 20} MiB are free where the data are kept: make room."


@dataclass(frozen=True, slots=True)
class ProviderClock:
    """What a provider's server says the time is, and ours at that moment."""

    problem: str = ""
    theirs: datetime | None = None
    ours: datetime | None = None


def ask_clock(gateway: Gateway, account_code: str) -> ProviderClock:
    """Reach the account's provider and read its clock; any HTTP answer shows that it can be reached."""
    address = getattr(gateway.accounts[account_code].provider, "api_url", "")
    if not address:
        return ProviderClock()
    try:
        reply = gateway.send(account_code, Request("GET", address, timeout_seconds=10.0, may_repeat=True))
    except ProviderError as error:
        return ProviderClock(f"Its server cannot be reached: {error}. Check the address and the firewall.")
    ours = gateway.now()
    try:
        return ProviderClock("", parsedate_to_datetime(reply.headers.get("date", "")), ours)
    except ValueError:
        return ProviderClock()


def check_clock(answers: Iterable[ProviderClock]) -> str:
    """Whether our clock agrees with the providers': a wrong one lets signatures and deadlines fail."""
    for answer in answers:
        if answer.theirs is None or answer.ours is None:
            continue
        apart = abs(answer.theirs - answer.ours)
        if apart > MOST_CLOCK_ERROR:
            seconds = int(apart.total_seconds())
            return (
                f"This clock and a provider's are {seconds} seconds apart: let the system keep time by NTP."
            )
    return ""
