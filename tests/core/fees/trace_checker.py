"""Computes a trace again from its data alone. It imports nothing of the engine, so that both can be compared."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import reduce
from typing import Any

OPERATIONS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": lambda left, right: left + right,
    "subtract": lambda left, right: left - right,
    "multiply": lambda left, right: left * right,
    "divide": lambda left, right: left / right,
    "least": min,
    "greatest": max,
}


def again(step: Mapping[str, Any]) -> Fraction:
    """The value of a step, from its parts."""
    parts = [again(part) for part in step.get("parts", ())]
    match step["operation"]:
        case "number":
            return Fraction(step["value"])
        case "elapsed":
            return Fraction(elapsed(*step["note"].split()))
        case "interpolate":
            x, start, first, end, last = parts
            return first + (last - first) * (x - start) / (end - start)
        case "round":
            way, size = step["note"].split()
            return rounded(parts[0], Fraction(size), way)
    return reduce(OPERATIONS[step["operation"]], parts)


def rounded(number: Fraction, size: Fraction, way: str) -> Fraction:
    whole, rest = divmod(number, size)
    half = size / 2
    even = rest > half or (rest == half and whole % 2 == 1)
    up = {"half_up": rest >= half, "half_even": even, "up": rest > 0, "down": False}
    return (whole + up[way]) * size


def elapsed(start: str, end: str, unit: str, count: str, both_days: str = "") -> int:
    """Step by step from the first day, as one counts on a calendar."""
    first, last = date.fromisoformat(start), date.fromisoformat(end) + timedelta(days=bool(both_days))
    units = 0
    while reached(first, unit, units + 1) <= last:
        units += 1
    return units + (count == "begun" and reached(first, unit, units) < last)


def reached(first: date, unit: str, units: int) -> date:
    if unit == "days":
        return first + timedelta(days=units)
    year, month = divmod(first.year * 12 + first.month - 1 + units * (12 if unit == "years" else 1), 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


def every_step(step: Mapping[str, Any]) -> None:
    """Each step says what its parts come to."""
    assert again(step) == Fraction(step["value"]), step
    for part in step.get("parts", ()):
        every_step(part)


def check_trace(trace: Mapping[str, Any], amount_dong: int) -> None:
    """The calculation, rounded as the trace says, is the amount."""
    calculation = trace.get("calculation")
    if calculation is None:
        assert amount_dong == 0
        return
    every_step(calculation)
    rule = trace["rounding"]
    found = rounded(again(calculation), Fraction(rule["to_dong"]), rule["way"])
    assert found == amount_dong
