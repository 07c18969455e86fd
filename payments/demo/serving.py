"""The demonstration's servers in one process: gateway, worker, look-alike bank and example portal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import uvicorn
from starlette.types import ASGIApp

from payments.app import make_web, utc_now
from payments.demo.directory import owned
from payments.demo.portal import GatewayApi, Portal, make_portal
from payments.demo.portal_memory import PortalMemory
from payments.demo.world import TERMINAL, Secrets, World, open_world
from payments.logs import configure_logs
from payments.serving import make_server, open_port, served
from payments.worker import RunningWorker
from providers.sandbox.vnpay import SandboxVnPay, Terminal, make_app

LOG = "thuphi.log"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What has been started; ``gateway_server`` is to be run by the caller on ``listener``."""

    world: World
    secrets: Secrets
    gateway_server: uvicorn.Server
    listener: socket


@contextmanager
def demonstration(world: World) -> Iterator[Demonstration]:
    """Open the ports, fill the database, start the worker, the bank and the portal.

    Raises CannotListen or CannotUseDirectory before anything is changed.
    """
    with ExitStack() as stack:
        gateway_port, bank_port, portal_port = (
            stack.enter_context(open_port(world.host, port, "--port"))
            for port in (world.port, world.bank_port, world.portal_port)
        )
        stack.enter_context(owned(world.directory))
        stack.enter_context(_logs_in(world.file(LOG)))
        gateway, kept = open_world(world)
        stack.callback(gateway.engine.dispose)
        stack.enter_context(served(_bank(world, kept), bank_port, "sandbox bank"))
        stack.enter_context(served(_portal(world, kept), portal_port, "example portal"))
        stack.enter_context(RunningWorker(gateway))
        yield Demonstration(world, kept, make_server(make_web(gateway)), gateway_port)


@contextmanager
def _logs_in(file: Path) -> Iterator[None]:
    """Write the logs into ``file`` meanwhile, so that the screen keeps what it was told; made anew at each start."""
    with open(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", buffering=1, encoding="utf-8"
    ) as log:
        configure_logs(log)
        try:
            yield
        finally:
            configure_logs()


def _bank(world: World, kept: Secrets) -> ASGIApp:
    terminal = Terminal(TERMINAL, kept.bank_secret, world.callback_url, "Trung tâm HCC tỉnh Thử Phí")
    return make_app(
        SandboxVnPay(terminals=(terminal,), file=world.file("bank.sqlite3"), retry_interval_seconds=15)
    )


def _portal(world: World, kept: Secrets) -> ASGIApp:
    portal = Portal(
        GatewayApi(world.gateway_url, kept.api_key),
        kept.webhook_secret,
        PortalMemory(world.file("portal.sqlite3")),
        own_url=world.portal_url,
        now=utc_now,
    )
    return make_portal(portal)
