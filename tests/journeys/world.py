"""The world a citizen pays in: gateway, worker and the look-alike bank, as real servers that speak HTTP.

The clock runs, but from the moment at which all tests begin, so that laws, series and certificates are those of
that day whenever the tests are run.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from payments.app import make_web
from payments.demo.standing import JUSTICE, PROVINCE
from payments.transport import Transport
from payments.use_cases.read_requests import get_request
from payments.use_cases.views import PaymentRequestView
from payments.worker import RunningWorker
from providers.sandbox.vnpay import SandboxVnPay, Terminal, make_app
from tests.gateway import (
    ACCOUNT,
    HASH_SECRET,
    PORTAL,
    TERMINAL,
    Clock,
    Installation,
    make_installation,
    vnpay_account,
)
from tests.servers.http import serve
from tests.servers.network import LOOPBACK, free_port

# Money for the province's own bodies may also come through a second account at the same bank.
SECOND_ACCOUNT = "vnpay-province"
SECOND_TERMINAL = "THUPHI02"
SECOND_SECRET = "SANDBOXSECRETSANDBOXSECRET000002"
LATE_NOTICE_SECONDS = 1.5


class RunningClock(Clock):
    """Begins at the moment of all tests and goes on from there."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = time.monotonic()

    def __call__(self) -> datetime:
        return self.moment + timedelta(seconds=time.monotonic() - self.begun)


@dataclass(frozen=True)
class World:
    """What a test needs of the world: its installation, and where the citizen's pages are."""

    installation: Installation
    url: str

    def owe(self, **wishes: Any) -> tuple[PaymentRequestView, str]:
        """A new payment request and the address of its page."""
        view = self.installation.request_payment(**wishes)
        return view, view.checkout_url

    def now_of(self, request: PaymentRequestView) -> PaymentRequestView:
        """The request as the database knows it now."""
        return get_request(self.installation.gateway, PORTAL, request.id)


@contextmanager
def open_world(engine: Engine) -> Iterator[World]:
    """Start every server on ``engine``'s migrated database; stop them at the end of the block."""
    gateway_port, bank_port = free_port(), free_port()
    url = f"http://{LOOPBACK}:{gateway_port}"
    clock = RunningClock()
    transport = Transport()
    with ExitStack() as stack:
        stack.callback(transport.close)
        bank_url = stack.enter_context(serve(make_app(_bank(url), clock), bank_port))
        installation = make_installation(
            engine,
            clock=clock,
            accounts=_accounts(bank_url),
            send=transport.send,
            draw=secrets.token_bytes,
            public_url=url,
        )
        stack.enter_context(RunningWorker(installation.gateway, threads_per_lane=1))
        stack.enter_context(serve(make_web(installation.gateway), gateway_port))
        yield World(installation, url)


def _bank(gateway_url: str) -> SandboxVnPay:
    callback = f"{gateway_url}/providers/{{}}/callback"
    return SandboxVnPay(
        terminals=(
            Terminal(TERMINAL, HASH_SECRET, callback.format(ACCOUNT)),
            Terminal(SECOND_TERMINAL, SECOND_SECRET, callback.format(SECOND_ACCOUNT)),
        ),
        late_notice_seconds=LATE_NOTICE_SECONDS,
        retry_interval_seconds=1,
    )


def _accounts(bank_url: str) -> tuple[Any, ...]:
    return (
        vnpay_account(bank_url=bank_url),
        vnpay_account(
            SECOND_ACCOUNT,
            terminal=SECOND_TERMINAL,
            secret=SECOND_SECRET,
            bank_url=bank_url,
            agencies=frozenset({JUSTICE.code, PROVINCE.code}),
        ),
    )
