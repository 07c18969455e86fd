"""Whole đồng.

The đồng has no smaller unit in use, so an amount is a whole number. ``Money`` checks that once, where a value
enters the core; floats never become money.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_DONG = 10**12
"""The largest amount one request may ask for: a thousand billion đồng."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """A non-negative number of đồng, at most :data:`MOST_DONG`.

    Raises TypeError for anything but an ``int`` and ValueError for an amount out of bounds.
    """

    dong: int

    def __post_init__(self) -> None:
        if type(self.dong) is not int:
            raise TypeError(f"an amount is a whole number of đồng, not {type(self.dong).__name__}")
        if not 0 <= self.dong <= MOST_DONG:
            raise ValueError(f"an amount lies between 0 and {MOST_DONG} đồng")

    def __add__(self, other: Money) -> Money:
        return Money(self.dong + other.dong)

    def __sub__(self, other: Money) -> Money:
        return Money(self.dong - other.dong)

    def __str__(self) -> str:
        return format_dong(self.dong)


def total_dong(amounts: Iterable[int]) -> int:
    """The sum of whole-đồng amounts, checked like :class:`Money`."""
    return Money(sum(amounts)).dong


def format_dong(dong: int) -> str:
    """Write ``dong`` as people in Vietnam do: ``1.250.000 đ``, with a space that does not break."""
    return f"{dong:,}".replace(",", ".") + "\N{NO-BREAK SPACE}đ"
