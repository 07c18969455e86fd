"""The first page leads on, in both languages."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import Engine

from payments.app import make_web
from tests.gateway import make_test_gateway


@pytest.mark.parametrize(
    ("address", "heading"),
    [("/", "Cổng nộp phí, lệ phí"), ("/?lang=en", "Fees and charges of administrative procedures")],
)
def test_who_only_knows_the_address_is_led_on(engine: Engine, address: str, heading: str) -> None:
    response = asyncio.run(_get(engine, address))
    assert response.status_code == 200
    assert f"<h1>{heading}</h1>" in response.text
    for target in ("/verify", "/console", "/docs"):
        assert f'href="{target}' in response.text


async def _get(engine: Engine, address: str) -> httpx.Response:
    transport = httpx.ASGITransport(make_web(make_test_gateway(engine)))
    async with httpx.AsyncClient(transport=transport, base_url="http://thuphi.test") as client:
        return await client.get(address)
