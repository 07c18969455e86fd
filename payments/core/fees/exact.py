"""Exact numbers: reading them, rounding them once, writing them for people.

Inside the engine a number is an ``int`` or a ``Fraction``; a float never becomes one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal

Number = int | Fraction
Rounding = Literal["half_up", "half_even", "up", "down"]

NUMBER_TEXT = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,18})?(%?)", re.ASCII)


def read_number(text: str) -> Number:
    """Read ``"12"``, ``"0.05"`` or ``"0.06%"`` exactly; raises ValueError for anything else."""
    found = NUMBER_TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a plain decimal number or a percentage")
    value = Fraction(text.rstrip("%"))
    return simplest(value / 100 if found[3] else value)


def simplest(number: Number) -> Number:
    """The same number, as ``int`` where it is whole."""
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


def _half_up(number: Fraction) -> int:
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


def _half_even(number: Fraction) -> int:
    return round(number)


def _up(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)


def _down(number: Fraction) -> int:
    return number.numerator // number.denominator


_WAYS: dict[Rounding, Callable[[Fraction], int]] = {
    "half_up": _half_up,
    "half_even": _half_even,
    "up": _up,
    "down": _down,
}


def round_to(number: Number, step: Number = 1, way: Rounding = "half_up") -> Number:
    """``number`` rounded to a multiple of ``step``; a half goes up."""
    if step == 1 and isinstance(number, int):
        return number
    return simplest(_WAYS[way](Fraction(number) / step) * step)


def _places(denominator: int) -> int | None:
    """How many decimals write 1/``denominator`` exactly, or None when no number of them does."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def write_number(number: Number, language: str) -> str:
    """``1250.5`` as ``1.250,5`` in Vietnamese and ``1,250.5`` in English; thirds stay ``1/3``."""
    value = Fraction(number)
    places = _places(value.denominator)
    if places is None:
        return f"{write_number(value.numerator, language)}/{write_number(value.denominator, language)}"
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value.numerator) * 10**places // value.denominator, 10**places)
    text = f"{whole:,}" + (f".{rest:0{places}d}" if places else "")
    return sign + (text if language == "en" else text.translate(str.maketrans(",.", ".,")))


def write_percent(number: Number, language: str) -> str:
    """A rate as a percentage, for example ``0,06%``."""
    return write_number(Fraction(number) * 100, language) + "%"
