"""The IPN calls of the look-alike VNPAY: repeated until they are acknowledged, at most ten times."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import anyio.to_thread

Send = Callable[[str], Awaitable[tuple[int, bytes]]]

MOST_CALLS = 10
TIMEOUT_SECONDS = 15.0
MOST_ANSWER_BYTES = 65_536
FINAL_CODES = frozenset({"00", "02"})  # every other answer brings another call


async def get(url: str) -> tuple[int, bytes]:
    """GET ``url`` and return the status and the body. Raises OSError or HTTPException when it fails."""
    return await anyio.to_thread.run_sync(_get, url, abandon_on_cancel=True)


def _get(url: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{parts.path or '/'}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_ANSWER_BYTES)
    finally:
        connection.close()


def is_final(status: int, body: bytes) -> bool:
    """Whether an answer ends the calls: HTTP 200 and RspCode 00 or 02."""
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return status == 200 and isinstance(answer, dict) and answer.get("RspCode") in FINAL_CODES


async def call(url: str, send: Send, interval_seconds: float, most_calls: int = MOST_CALLS) -> int:
    """Call ``url`` until it is acknowledged; returns how many calls were made."""
    for made in range(1, most_calls + 1):
        if await _acknowledged(url, send):
            return made
        if made < most_calls:
            await asyncio.sleep(interval_seconds)
    return most_calls


async def _acknowledged(url: str, send: Send) -> bool:
    try:
        return is_final(*await send(url))
    except (OSError, http.client.HTTPException):
        return False  # not reached: as good as a wrong answer, so it is called again
