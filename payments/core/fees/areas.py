"""Territories, and the areas that a text makes of them: all communes of two provinces except special zones.

A territory is a path from the wide to the narrow: ``31`` (a province), ``31/30`` (a former province in it),
``31/31/cat-hai`` (a place in that).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

from payments.core.fees.refusals import FeeRefusal
from payments.core.refusals import Problem


class Named(Protocol):
    """An area: its name, what it is made of, and what does not belong to it."""

    @property
    def name(self) -> str: ...
    @property
    def within(self) -> Sequence[str]: ...
    @property
    def without(self) -> Sequence[str]: ...


def within_territory(place: str, around: str) -> bool:
    """Whether a place lies in a territory; everything lies in the whole country (``""``)."""
    return not around or place == around or place.startswith(around + "/")


def area_of(areas: Sequence[Named], place: str) -> str | None:
    """The area that a place lies in, None where no area covers it.

    Raises FeeRefusal (``input_missing``) where the place is wider than an area's border, so that it may lie on
    either side.
    """
    inner = sorted(edge for edge in borders(areas) if edge != place and within_territory(edge, place))
    if inner:
        raise _too_wide(place, inner)
    rest = None
    for area in areas:
        if not area.within:
            rest = area.name
        elif _covers(area, place):
            return area.name
    return rest


def borders(areas: Sequence[Named]) -> frozenset[str]:
    """Every territory that an area names."""
    return frozenset(place for area in areas for place in (*area.within, *area.without))


def refuse_areas(areas: Sequence[Named]) -> None:
    """Areas have different names and do not overlap. Raises ValueError."""
    names = [area.name for area in areas]
    if len(names) != len(set(names)):
        raise ValueError("two areas have one name")
    if sum(not area.within for area in areas) > 1:
        raise ValueError("only one area can be everything that no other covers (without within)")
    for area in areas:
        for place in area.without:
            if not any(within_territory(place, around) for around in area.within):
                raise ValueError(f"area {area.name} excepts {place}, which is not in it")
    for first, second in combinations(areas, 2):
        for place in (*first.within, *second.within):
            if _covers(first, place) and _covers(second, place):
                raise ValueError(
                    f"areas {first.name} and {second.name} overlap at {place}; except it from one"
                )


def _covers(area: Named, place: str) -> bool:
    inside = any(within_territory(place, around) for around in area.within)
    return inside and not any(within_territory(place, around) for around in area.without)


def _too_wide(place: str, inner: Sequence[str]) -> FeeRefusal:
    words = ", ".join(inner[:12])
    vi = f"Địa bàn “{place or 'cả nước'}” chưa đủ rõ: mức thu khác nhau bên trong ({words}). Hãy nêu địa bàn hẹp hơn."
    en = f"“{place or 'the whole country'}” is too wide: rates differ inside it ({words}). Name the place more closely."
    return FeeRefusal("input_missing", vi, en, (Problem("territory", vi, en),))
