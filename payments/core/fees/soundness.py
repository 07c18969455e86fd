"""What makes a rule unsound by itself: bands that overlap or leave gaps, cases nobody can reach, rates above 100%.

Each function raises ValueError, and says how to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any, Protocol

from payments.core.fees.exact import NUMBER_TEXT, Number, read_number


class Stretch(Protocol):
    """A band of values; its ends are None where it is open."""

    @property
    def from_(self) -> Number | None: ...
    @property
    def over(self) -> Number | None: ...
    @property
    def to(self) -> Number | None: ...
    @property
    def under(self) -> Number | None: ...


def refuse_bands(bands: Sequence[Stretch], *, open_gaps: bool) -> None:
    """Each band has its ends the right way round; they rise, and none overlaps the next or leaves a gap to it."""
    for place, band in enumerate(bands, 1):
        _refuse_band(band, place)
    for place, (band, after) in enumerate(pairwise(bands), 1):
        _refuse_seam(band, after, f"bands {place} and {place + 1}", open_gaps)


def _refuse_band(band: Stretch, place: int) -> None:
    if band.from_ is not None and band.over is not None:
        raise ValueError(f"band {place} begins with from or with over, not with both")
    if band.to is not None and band.under is not None:
        raise ValueError(f"band {place} ends with to or with under, not with both")
    begin, end = _begin(band), _end(band)
    if begin is None or end is None:
        return
    single = begin == end and band.from_ is not None and band.to is not None
    if begin > end or (begin == end and not single):
        raise ValueError(f"band {place} holds no value: it ends at {end} and begins at {begin}")


def _refuse_seam(band: Stretch, after: Stretch, names: str, open_gaps: bool) -> None:
    end, begin = _end(band), _begin(after)
    if end is None or begin is None:
        raise ValueError(f"{names} overlap: write where the first ends and where the second begins")
    if begin < end or (begin == end and band.to is not None and after.from_ is not None):
        raise ValueError(
            f"{names} overlap at {begin}: let one of them end or begin there, or mend their order"
        )
    touching = begin == end and (band.to is not None or after.from_ is not None)
    next_whole = begin == end + 1 and band.to is not None and after.from_ is not None
    if not (touching or next_whole or open_gaps):
        where = f"at {end}" if begin == end else f"between {end} and {begin}"
        raise ValueError(
            f"{names} leave a gap {where}: mend the ends, or write “gaps: refuse” if the text has it"
        )


def _begin(band: Stretch) -> Number | None:
    return band.from_ if band.from_ is not None else band.over


def _end(band: Stretch) -> Number | None:
    return band.to if band.to is not None else band.under


def refuse_steps(throughs: Sequence[int | None]) -> None:
    """The steps of a price rise, and the last one has no end, so that no unit is left without a price."""
    for place, through in enumerate(throughs[:-1], 1):
        if through is None:
            raise ValueError(f"step {place} has no through, so that what follows can never be reached")
    if throughs and throughs[-1] is not None:
        raise ValueError("the last step has no through; write a step with price 0 for units that are free")
    ends = [through for through in throughs if through is not None]
    if any(second <= first for first, second in pairwise(ends)):
        raise ValueError("through must rise from one step to the next")


def refuse_hidden_cases(conditions: Sequence[Mapping[str, Any]]) -> None:
    """No case stands behind one that holds whenever it does."""
    for (first, earlier), (second, later) in combinations(enumerate(conditions, 1), 2):
        if all(name in later and later[name] == asked for name, asked in earlier.items()):
            raise ValueError(f"case {second} can never be reached: case {first} holds whenever it does")


def refuse_rate_above_one(rate: object) -> None:
    """A rate that stands in the text as a number is at most 100%."""
    written = isinstance(rate, int) or (isinstance(rate, str) and NUMBER_TEXT.fullmatch(rate) is not None)
    if written and not 0 <= read_number(str(rate)) <= 1:
        raise ValueError(f"the rate {rate} is not between 0 and 100%")
