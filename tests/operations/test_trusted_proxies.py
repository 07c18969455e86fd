"""Who calls? Only a proxy of our own is believed when it speaks for somebody else."""

from __future__ import annotations

import socket

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from payments.serving import served
from tests.servers.network import LOOPBACK

CITIZEN = "198.51.100.7"


async def tell_caller(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        client = Request(scope).client
        await PlainTextResponse(client.host if client else "nobody")(scope, receive, send)


def caller_seen(trusted_proxies: tuple[str, ...], forwarded_for: str) -> str:
    listener = socket.create_server((LOOPBACK, 0))
    with served(tell_caller, listener, "test server", trusted_proxies):
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}/"
        return httpx.get(url, headers={"X-Forwarded-For": forwarded_for}).text


@pytest.mark.parametrize(
    ("trusted_proxies", "forwarded_for", "seen"),
    [
        ((), CITIZEN, LOOPBACK),
        (("10.0.0.5",), CITIZEN, LOOPBACK),
        ((LOOPBACK,), CITIZEN, CITIZEN),
        (("127.0.0.0/8",), CITIZEN, CITIZEN),
        ((LOOPBACK,), f"203.0.113.1, {CITIZEN}", CITIZEN),  # what the citizen wrote stands before it
        ((LOOPBACK, "10.0.0.0/8"), f"203.0.113.1, {CITIZEN}, 10.1.2.3", CITIZEN),
        ((LOOPBACK,), "2001:db8::7", "2001:db8::7"),
        ((LOOPBACK,), "", LOOPBACK),
    ],
)
def test_only_a_trusted_proxy_says_who_calls(
    trusted_proxies: tuple[str, ...], forwarded_for: str, seen: str
) -> None:
    assert caller_seen(trusted_proxies, forwarded_for) == seen


def test_a_variable_of_the_server_library_makes_nobody_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert caller_seen((), CITIZEN) == LOOPBACK
    assert caller_seen(("10.0.0.5",), CITIZEN) == LOOPBACK
