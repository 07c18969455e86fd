"""The arithmetic that every kind of rule is made of.

A :class:`Node` holds two functions of a case: ``value`` computes, ``explain`` makes the same computation as a
:class:`Step`. The kinds of rule in :mod:`payments.core.fees.compile` only put nodes together, so a new kind
brings its explanation with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from payments.core.fees.context import Context
from payments.core.fees.durations import Count, DurationUnit, time_between
from payments.core.fees.exact import Number, Rounding, round_to, simplest
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.trace import DONG, NO_UNIT, RATE, Operation, Step, Unit
from payments.core.refusals import Problem

if TYPE_CHECKING:
    from payments.core.fees.clauses import Area


@dataclass(frozen=True, slots=True)
class Node:
    value: Callable[[Context], Number]
    explain: Callable[[Context], Step]


def constant(number: Number, unit: Unit = NO_UNIT, label: str = "") -> Node:
    number = simplest(number)
    step = Step("number", number, unit=unit, label=label)
    return Node(lambda context: number, lambda context: step)


def reading(name: str) -> Node:
    """An input of the case."""
    return Node(lambda context: context.number(name), lambda context: context.explain(name))


def add(nodes: Sequence[Node]) -> Node:
    values = tuple(node.value for node in nodes)

    def value(context: Context) -> Number:
        total: Number = 0
        for part in values:
            total += part(context)
        return total

    return Node(value, lambda context: _operation("add", nodes, context))


def subtract(left: Node, right: Node) -> Node:
    return Node(
        lambda context: left.value(context) - right.value(context),
        lambda context: _operation("subtract", (left, right), context),
    )


def multiply(nodes: Sequence[Node]) -> Node:
    values = tuple(node.value for node in nodes)

    def value(context: Context) -> Number:
        product: Number = 1
        for part in values:
            product *= part(context)
        return product

    return Node(value, lambda context: _operation("multiply", nodes, context))


def divide(left: Node, right: Node) -> Node:
    def value(context: Context) -> Number:
        return _quotient(left.value(context), right.value(context))

    return Node(value, lambda context: _operation("divide", (left, right), context))


def chosen(note: str, nodes: Sequence[Node]) -> Node:
    """The least of ``nodes`` (a cap, the lowest) or the greatest (a floor, the highest)."""
    operation: Operation = "least" if note in ("cap", "lowest") else "greatest"
    pick = min if operation == "least" else max
    return Node(
        lambda context: pick(node.value(context) for node in nodes),
        lambda context: replace(_operation(operation, nodes, context), note=note),
    )


def limited(node: Node, floor: Node | None, cap: Node | None) -> Node:
    if floor is not None:
        node = chosen("floor", (node, floor))
    return chosen("cap", (node, cap)) if cap is not None else node


def rounded(node: Node, to: Number, way: Rounding) -> Node:
    def explain(context: Context) -> Step:
        inner = node.explain(context)
        number = round_to(inner.value, to, way)
        if number == inner.value:
            return inner
        return Step("round", number, (inner,), inner.unit, f"{way} {to}")

    return Node(lambda context: round_to(node.value(context), to, way), explain)


def stretch(node: Node, above: int, through: int | None) -> Node:
    """The part of a count that lies above ``above`` and not beyond ``through``."""

    def cut(number: Number) -> Number:
        upper = number if through is None else min(number, through)
        return max(upper - above, 0)

    def explain(context: Context) -> Step:
        inner = node.explain(context)
        return Step("number", cut(inner.value), unit=inner.unit, label=inner.label)

    return Node(lambda context: cut(node.value(context)), explain)


def elapsed(start: str, end: str, unit: DurationUnit, count: Count, *, both_days: bool) -> Node:
    """The time between two dates of the case."""

    def value(context: Context) -> Number:
        try:
            return time_between(context.day(start), context.day(end), unit, count, both_days=both_days)
        except ValueError:
            raise _backwards(start, end) from None

    def explain(context: Context) -> Step:
        days = f"{context.day(start)} {context.day(end)} {unit} {count}" + (" both_days" if both_days else "")
        return Step("elapsed", value(context), unit=_DURATIONS[unit], note=days)

    return Node(value, explain)


_DURATIONS: dict[DurationUnit, Unit] = {
    "days": ("ngày", "days"),
    "months": ("tháng", "months"),
    "years": ("năm", "years"),
}


def _backwards(start: str, end: str) -> FeeRefusal:
    problem = Problem(end, f"“{end}” phải không sớm hơn “{start}”.", f"{end} must not lie before {start}.")
    return FeeRefusal("input_invalid", problem.message_vi, problem.message_en, (problem,))


def scoped(node: Node, areas: Sequence[Area], computed: Mapping[str, Node]) -> Node:
    """The same, seen with the areas and the computed names of another item."""
    return Node(
        lambda context: node.value(context.within(areas, computed)),
        lambda context: node.explain(context.within(areas, computed)),
    )


def picked(choose: Callable[[Context], Node]) -> Node:
    """Whatever node the case chooses."""
    return Node(
        lambda context: choose(context).value(context), lambda context: choose(context).explain(context)
    )


def refused(code: str, message_vi: str, message_en: str) -> Node:
    def refuse(context: Context) -> Number:
        raise FeeRefusal(code, message_vi, message_en)

    def explain(context: Context) -> Step:
        raise FeeRefusal(code, message_vi, message_en)

    return Node(refuse, explain)


def interpolated(by: Node, points: Sequence[tuple[Number, Number]]) -> Node:
    """A rate on straight lines between ``points``; level outside them."""

    def ends(number: Number) -> tuple[tuple[Number, Number], tuple[Number, Number]]:
        if number <= points[0][0]:
            return points[0], points[0]
        for lower, upper in pairwise(points):
            if number <= upper[0]:
                return lower, upper
        return points[-1], points[-1]

    def rate(number: Number) -> Number:
        (start, first), (end, last) = ends(number)
        if start == end:
            return last
        return simplest(first + Fraction(last - first) * Fraction(number - start) / Fraction(end - start))

    def explain(context: Context) -> Step:
        inner = by.explain(context)
        (start, first), (end, last) = ends(inner.value)
        result = rate(inner.value)
        if result in (first, last):
            return Step("number", result, unit=RATE)
        points_read = [(start, inner.unit), (first, RATE), (end, inner.unit), (last, RATE)]
        steps = tuple(Step("number", number, unit=unit) for number, unit in points_read)
        return Step("interpolate", result, (inner, *steps), RATE)

    return Node(lambda context: rate(by.value(context)), explain)


def _operation(operation: Operation, nodes: Sequence[Node], context: Context) -> Step:
    parts = tuple(node.explain(context) for node in nodes)
    return Step(operation, compute(operation, [part.value for part in parts]), parts, _unit(operation, parts))


def compute(
    operation: Literal["add", "subtract", "multiply", "divide", "least", "greatest"] | Operation,
    numbers: Sequence[Number],
) -> Number:
    """One operation over numbers, as a trace means it."""
    result = numbers[0]
    for number in numbers[1:]:
        result = _ARITHMETIC[operation](result, number)
    return simplest(result)


def _quotient(left: Number, right: Number) -> Number:
    if right == 0:
        raise FeeRefusal("input_invalid", "Không thể chia cho 0.", "A divisor must not be nought.")
    return simplest(Fraction(left) / right)


_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "add": lambda left, right: left + right,
    "subtract": lambda left, right: left - right,
    "multiply": lambda left, right: left * right,
    "divide": _quotient,
    "least": min,
    "greatest": max,
}


def _unit(operation: Operation, parts: Sequence[Step]) -> Unit:
    """Đồng win over everything; otherwise like units stay and mixed ones have none."""
    units = [part.unit for part in parts]
    if DONG in units:
        return DONG
    alike = operation not in ("multiply", "divide") and len(set(units)) == 1
    return units[0] if alike else NO_UNIT
