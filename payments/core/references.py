"""The identifiers Thuphi gives to things.

Randomness is an argument: every function takes ``draw``, which yields random bytes (``secrets.token_bytes`` in
production, a seeded source in tests).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Draw = Callable[[int], bytes]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a citizen can read a code out over the telephone."""


PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)  # two digits for ten bits


def encode(data: bytes, length: int) -> str:
    """The lowest ``length`` base-32 digits of ``data``."""
    number = int.from_bytes(data, "big")
    pairs = [PAIRS[number >> shift & 0x3FF] for shift in range((length - 1) // 2 * 10, -1, -10)]
    return "".join(pairs)[-length:]


def sortable(now: datetime, draw: Draw) -> str:
    """26 characters that sort by time: 48 bits of milliseconds, then 80 random bits (the ULID layout)."""
    milliseconds = int(now.astimezone(UTC).timestamp() * 1000)
    return encode(milliseconds.to_bytes(6, "big") + draw(10), 26)


def request_id(now: datetime, draw: Draw) -> str:
    return "pr_" + sortable(now, draw)


def attempt_reference(now: datetime, draw: Draw) -> str:
    """The reference a provider echoes: letters and digits only, unique for ever."""
    return "TP" + sortable(now, draw)


def refund_reference(now: datetime, draw: Draw) -> str:
    return "RF" + sortable(now, draw)


def question_id(draw: Draw) -> str:
    """Unique per question to a provider: 26 letters and digits."""
    return encode(draw(17), 26)


def checkout_token(draw: Draw) -> str:
    """The unguessable part of a checkout link: 130 random bits."""
    return encode(draw(17), 26)


def lookup_code(draw: Draw) -> str:
    """What a holder types to check a receipt: 12 digits of 60 random bits, read in groups of four."""
    return encode(draw(8), 12)


def api_key(draw: Draw) -> str:
    """A portal's secret key; only its digest is stored."""
    return "thuphi_" + encode(draw(32), 51)
