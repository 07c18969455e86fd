"""The words in which a case may claim something: groups of beneficiaries, and territories.

A claim that no text knows is refused. Taken silently, a misspelt exemption would cost its holder the full fee.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from payments.core.fees.areas import borders
from payments.core.fees.provinces import Province
from payments.core.fees.schedule import ProcedureText, Schedule


@dataclass(frozen=True, slots=True)
class Claimable:
    """Every group and every territory that the texts of a catalogue name, the former provinces (code → name)
    inside each province, and the communes inside these."""

    beneficiaries: frozenset[str]
    territories: frozenset[str]
    former: Mapping[str, Mapping[str, str]]
    communes: frozenset[str] = frozenset()


def claimable(
    schedules: Iterable[Schedule], procedures: Iterable[ProcedureText], provinces: Iterable[Province] = ()
) -> Claimable:
    """What may be claimed at all where these texts are in force."""
    tariffs, listed = list(schedules), list(provinces)
    texts: list[Schedule | ProcedureText] = [*tariffs, *procedures]
    named = {text.territory for text in texts}.union(*(borders(tariff.areas) for tariff in tariffs))
    return Claimable(
        frozenset(group for text in texts for group in _groups_in(text.model_dump(exclude={"cases"}))),
        frozenset(named - {""}),
        {province.code: province.former for province in listed},
        frozenset(place for province in listed for place in province.places()),
    )


def groups_by_item(schedules: Iterable[Schedule]) -> Mapping[str, frozenset[str]]:
    """The groups that each item, or a benefit that another text grants on it, names."""
    found: dict[str, set[str]] = defaultdict(set)
    for schedule in schedules:
        for item in schedule.items:
            found[item.code].update(_groups_in(item.model_dump()))
        for benefit in schedule.benefits:
            for code in benefit.applies_to or ():
                found[code].update(_groups_in(benefit.model_dump()))
    return {code: frozenset(groups) for code, groups in found.items()}


def groups_of_procedure(text: ProcedureText, by_item: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The groups that make a difference to what the procedure charges, in order of the alphabet."""
    charged = [by_item.get(each.item, frozenset()) for each in text.items]
    return tuple(sorted(frozenset(_groups_in(text.model_dump())).union(*charged)))


def _groups_in(part: Any) -> Iterator[str]:
    """The groups that a benefit lists or a condition asks for, anywhere inside ``part``."""
    if isinstance(part, Mapping):
        for name, inner in part.items():
            if name in ("beneficiaries", "beneficiary"):
                yield from _words(inner)
            else:
                yield from _groups_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _groups_in(inner)


def _words(constraint: Any) -> Iterable[str]:
    match constraint:
        case str():
            return (constraint,)
        case list():
            return constraint
        case {"is_not": list(words)}:
            return words
    return ()
