"""The IPN calls of the look-alike, over real HTTP."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from providers.sandbox.vnpay_calls import call, get, is_final
from tests.servers.http import serve
from tests.servers.network import free_port


@pytest.mark.parametrize(
    ("status", "body", "final"),
    [
        (200, b'{"RspCode":"00"}', True),
        (200, b'{"RspCode":"02","Message":"Order already confirmed"}', True),
        (200, b'{"RspCode":"01"}', False),
        (200, b'{"RspCode":"04"}', False),
        (200, b'{"RspCode":"97"}', False),
        (200, b'{"RspCode":"99"}', False),
        (200, b'{"RspCode":0}', False),
        (500, b'{"RspCode":"00"}', False),
        (200, b'["00"]', False),
        (200, b"", False),
        (200, b"\xff", False),
    ],
)
def test_only_00_and_02_with_status_200_end_the_calls(status: int, body: bytes, final: bool) -> None:
    assert is_final(status, body) is final


def test_a_call_is_a_get_with_the_whole_query_string() -> None:
    seen: list[str] = []

    async def take(request: Request) -> Response:
        seen.append(f"{request.method} {request.url.path}?{request.url.query}")
        return Response(b'{"RspCode":"00"}')

    with serve(Starlette(routes=[Route("/ipn", take)])) as address:
        assert asyncio.run(get(f"{address}/ipn?a=b+c&d=%2F")) == (200, b'{"RspCode":"00"}')
        assert asyncio.run(call(f"{address}/ipn?n=1", get, 0)) == 1
    assert seen == ["GET /ipn?a=b+c&d=%2F", "GET /ipn?n=1"]


def test_who_cannot_be_reached_is_called_again_and_then_given_up() -> None:
    assert asyncio.run(call(f"http://127.0.0.1:{free_port()}/ipn", get, 0, most_calls=3)) == 3


def test_the_calls_keep_their_distance() -> None:
    times: list[float] = []

    async def refuse(_url: str) -> tuple[int, bytes]:
        times.append(asyncio.get_running_loop().time())
        return 503, b""

    assert asyncio.run(call("http://127.0.0.1/ipn", refuse, 0.02, most_calls=3)) == 3
    assert all(later - earlier >= 0.019 for earlier, later in pairwise(times))
