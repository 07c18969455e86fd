"""Reads a rule as its author would: straight from the data of the file, slowly, and without the engine."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

Given = Mapping[str, Fraction]


class NotCovered(Exception):
    """The rule says nothing about this case."""


def number(text: int | str) -> Fraction:
    return Fraction(text) if isinstance(text, int) or "%" not in text else Fraction(text.rstrip("%")) / 100


def amount(rule: Any, given: Given) -> Fraction:
    """What ``rule`` comes to."""
    if isinstance(rule, int):
        return Fraction(rule)
    if isinstance(rule, str):
        return given[rule] if rule in given else number(rule)
    found: Fraction = READERS[rule["type"]](rule, given)
    return found


def per_unit(rule: Any, given: Given) -> Fraction:
    count = amount(rule["unit"], given)
    if "price" in rule:
        return count * amount(rule["price"], given)
    total, done = Fraction(0), Fraction(0)
    for step in rule["steps"]:
        upto = min(count, Fraction(step.get("through", count)))
        if upto > done:
            total += (upto - done) * amount(step["price"], given)
            done = upto
    return total


def banded(rule: Any, given: Given) -> tuple[Any, Fraction]:
    value = amount(rule["by"], given)
    for band in rule["bands"]:
        if "from" in band and value < number(band["from"]):
            continue
        if "over" in band and value <= number(band["over"]):
            continue
        if "to" in band and value > number(band["to"]):
            continue
        if "under" in band and value >= number(band["under"]):
            continue
        return band, value
    raise NotCovered


def slabs(rule: Any, given: Given) -> Fraction:
    return amount(banded(rule, given)[0]["amount"], given)


def tiers(rule: Any, given: Given) -> Fraction:
    band, value = banded(rule, given)
    start = number(band.get("over", band.get("from", 0)))
    counted = value if band.get("rate_on") == "whole" else value - start
    return amount(band.get("base", 0), given) + amount(band.get("rate", 0), given) * counted


def interpolate(rule: Any, given: Given) -> Fraction:
    value = amount(rule["by"], given)
    points = [(number(point["at"]), number(point["rate"])) for point in rule["points"]]
    if value <= points[0][0]:
        return points[0][1]
    if value >= points[-1][0]:
        return points[-1][1]
    (x0, y0) = max(point for point in points if point[0] <= value)
    (x1, y1) = min(point for point in points if point[0] > value)
    return y0 + (y1 - y0) * (value - x0) / (x1 - x0)


def limit(rule: Any, given: Given) -> Fraction:
    value = amount(rule["value"], given)
    if "floor" in rule:
        value = max(value, amount(rule["floor"], given))
    return min(value, amount(rule["cap"], given)) if "cap" in rule else value


def multiply(rule: Any, given: Given) -> Fraction:
    product = Fraction(1)
    for factor in rule["factors"]:
        product *= amount(factor, given)
    return product


READERS: Mapping[str, Any] = {
    "per_unit": per_unit,
    "slabs": slabs,
    "tiers": tiers,
    "interpolate": interpolate,
    "limit": limit,
    "multiply": multiply,
    "add": lambda rule, given: sum((amount(part, given) for part in rule["parts"]), Fraction(0)),
    "percent": lambda rule, given: amount(rule["rate"], given) * amount(rule["of"], given),
    "highest": lambda rule, given: max(amount(part, given) for part in rule["of"]),
    "lowest": lambda rule, given: min(amount(part, given) for part in rule["of"]),
    "subtract": lambda rule, given: amount(rule["value"], given) - amount(rule["less"], given),
    "divide": lambda rule, given: amount(rule["value"], given) / amount(rule["by"], given),
    "first_and_next": lambda rule, given: (
        min(amount(rule["count"], given), Fraction(1)) * amount(rule["first"], given)
        + max(amount(rule["count"], given) - 1, Fraction(0)) * amount(rule["next"], given)
    ),
    "threshold_extra": lambda rule, given: (
        amount(rule["base"], given)
        + max(amount(rule["unit"], given) - rule["included"], Fraction(0)) * amount(rule["price"], given)
    ),
}
