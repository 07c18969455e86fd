"""Conditions, compiled once to functions of a case.

All constraints of a condition must hold. Something that was not supplied satisfies no constraint, except
``given: false`` and a plain ``false``: an unticked box is a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Any

from payments.core.fees.context import FACT_NAMES, Context
from payments.core.fees.rule_model import Comparison

Predicate = Callable[[Context], bool]
Test = Callable[[Any], bool]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"over": gt, "at_least": ge, "under": lt, "at_most": le}


def compile_condition(condition: Mapping[str, Any] | None) -> Predicate:
    """A function that says whether ``condition`` holds; without a condition it always does."""
    tests = [(name, _test(constraint)) for name, constraint in (condition or {}).items()]
    if len(tests) == 1:
        name, test = tests[0]
        return lambda context: test(context.read(name))
    return lambda context: all(test(context.read(name)) for name, test in tests)


def inputs_of_condition(condition: Mapping[str, Any] | None) -> Iterator[str]:
    """The inputs that a condition asks about."""
    return (name for name in condition or {} if name not in FACT_NAMES)


def _test(constraint: Any) -> Test:
    if isinstance(constraint, Comparison):
        return _comparison(constraint)
    if isinstance(constraint, bool):
        return lambda value: (value is True) == constraint
    return _one_of(frozenset([constraint] if isinstance(constraint, str) else constraint))


def _one_of(words: frozenset[str]) -> Test:
    def test(value: Any) -> bool:
        return not words.isdisjoint(value) if isinstance(value, frozenset) else value in words

    return test


def _comparison(wanted: Comparison) -> Test:
    given = wanted.given
    if given is not None:
        return lambda value: (value is not None) == given
    excluded = _one_of(frozenset(wanted.is_not or ()))
    limits = [(order, limit) for key, order in _ORDERS.items() if (limit := getattr(wanted, key)) is not None]

    def test(value: Any) -> bool:
        if value is None or excluded(value):
            return False
        return all(_comparable(value, limit) and order(value, limit) for order, limit in limits)

    return test


def _comparable(value: Any, limit: int | date) -> bool:
    if isinstance(limit, date):
        return isinstance(value, date)
    return isinstance(value, int | Fraction)
