"""Conditions, compiled once to functions of a case.

All constraints of a condition must hold. Something that was not supplied satisfies no constraint, except
``given: false`` and a plain ``false``: an unticked box is a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Any, Protocol

from payments.core.fees.areas import within_territory
from payments.core.fees.model_basics import Comparison, DayOfYear
from payments.core.fees.words import FACT_WORDS


class Readable(Protocol):
    """A case, as far as conditions ask about it."""

    def read(self, name: str) -> Any:
        """What ``name`` is in this case, None when it was not supplied."""


Predicate = Callable[[Readable], bool]
Test = Callable[[Any], bool]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"over": gt, "at_least": ge, "under": lt, "at_most": le}


def compile_condition(condition: Mapping[str, Any] | None) -> Predicate:
    """A function that says whether ``condition`` holds; without a condition it always does."""
    tests = [(name, _test(name, constraint)) for name, constraint in (condition or {}).items()]
    if len(tests) == 1:
        name, test = tests[0]
        return lambda context: test(context.read(name))
    return lambda context: all(test(context.read(name)) for name, test in tests)


def inputs_of_condition(condition: Mapping[str, Any] | None) -> Iterator[str]:
    """The inputs that a condition asks about."""
    return (name for name in condition or {} if name not in FACT_WORDS)


def _test(name: str, constraint: Any) -> Test:
    one_of = _inside if name == "territory" else _one_of
    if isinstance(constraint, Comparison):
        return _comparison(constraint, one_of)
    if isinstance(constraint, bool):
        return lambda value: (value is True) == constraint
    return one_of(frozenset([constraint] if isinstance(constraint, str) else constraint))


def _inside(territories: frozenset[str]) -> Test:
    """A territory is asked for with all that lies in it."""
    return lambda place: any(within_territory(place, around) for around in territories)


def _one_of(words: frozenset[str]) -> Test:
    def test(value: Any) -> bool:
        return not words.isdisjoint(value) if isinstance(value, frozenset) else value in words

    return test


def _comparison(wanted: Comparison, one_of: Callable[[frozenset[str]], Test]) -> Test:
    given = wanted.given
    if given is not None:
        return lambda value: (value is not None) == given
    excluded = one_of(frozenset(wanted.is_not or ()))
    limits = [(order, limit) for key, order in _ORDERS.items() if (limit := getattr(wanted, key)) is not None]
    days = [(order, day) for order, day in ((ge, wanted.from_day), (le, wanted.to_day)) if day is not None]

    def test(value: Any) -> bool:
        if value is None or excluded(value):
            return False
        if not all(_in_year(value, order, day) for order, day in days):
            return False
        return all(_comparable(value, limit) and order(value, limit) for order, limit in limits)

    return test


def _in_year(value: Any, order: Callable[[Any, Any], bool], day: DayOfYear) -> bool:
    """Whatever the year is; 29 February lies between 28 February and 1 March."""
    return isinstance(value, date) and order((value.month, value.day), (day.month, day.day))


def _comparable(value: Any, limit: int | Fraction | date) -> bool:
    if isinstance(limit, date):
        return isinstance(value, date)
    return isinstance(value, int | Fraction)
