"""What differs between two versions of a schedule, or between two texts, place by place.

Items, benefits and parameters are compared by their codes, so that a new order is no difference; bands, steps and
cases by their position, which is part of what they mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from payments.core.fees.schedule import Schedule

Kind = Literal["added", "removed", "changed"]
SHOWN = 200  # characters of a value; a whole rule need not be read in one line

_KEYS = ("code", "name", "event")  # what names a part of a list, where it has a name
_WORDS: Mapping[tuple[Kind, str], str] = {
    ("added", "vi"): "thêm {place}: {new}",
    ("added", "en"): "{place} is added: {new}",
    ("removed", "vi"): "bỏ {place}: {old}",
    ("removed", "en"): "{place} is removed: {old}",
    ("changed", "vi"): "{place}: {old} → {new}",
    ("changed", "en"): "{place}: {old} → {new}",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs. ``place`` is written as in the file, with codes for positions where there are
    codes; ``old`` and ``new`` are the values as JSON, empty where there is none."""

    kind: Kind
    place: str
    old: str
    new: str

    def told(self, language: str) -> str:
        """One line for people."""
        return _WORDS[self.kind, language].format(place=self.place, old=self.old, new=self.new)


def differences(old: Schedule | None, new: Schedule) -> tuple[Difference, ...]:
    """Every difference, in the order of the file. Without ``old`` everything is new."""
    before = {} if old is None else _plain(old)
    return tuple(_compare((), before, _plain(new)))


def _plain(schedule: Schedule) -> dict[str, Any]:
    return schedule.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _compare(place: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    before, after = _table(old), _table(new)
    if before is None or after is None:
        yield Difference("changed", _written(place), _value(old), _value(new))
        return
    for name in [*before, *(name for name in after if name not in before)]:
        there = (*place, name)
        if name not in after:
            yield Difference("removed", _written(there), _value(before[name]), "")
        elif name not in before:
            yield Difference("added", _written(there), "", _value(after[name]))
        else:
            yield from _compare(there, before[name], after[name])


def _table(value: Any) -> Mapping[str, Any] | None:
    """``value`` as parts by name, or None where it has no parts."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {f"[{_name(part, place)}]": part for place, part in enumerate(value, start=1)}
    return None


def _name(part: Any, place: int) -> str:
    if isinstance(part, Mapping):
        for key in _KEYS:
            if key in part:
                return str(part[key])
    return str(place)


def _written(place: tuple[str, ...]) -> str:
    return ".".join(place).replace(".[", "[")


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
