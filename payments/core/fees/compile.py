"""From the words of a rule to functions, once per schedule.

Each kind of rule is a few lines that put :mod:`payments.core.fees.algebra` together; ``KINDS`` is the whole
list. Whole numbers that stand for prices are đồng; the ends of bands are in the unit of what they divide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from payments.core.fees import rule_model as model
from payments.core.fees.algebra import (
    Node,
    add,
    chosen,
    constant,
    divide,
    elapsed,
    interpolated,
    limited,
    multiply,
    picked,
    reading,
    refused,
    rounded,
    stretch,
    subtract,
)
from payments.core.fees.conditions import compile_condition
from payments.core.fees.context import Context
from payments.core.fees.exact import NUMBER_TEXT, Number, read_number
from payments.core.fees.model_basics import Strict
from payments.core.fees.refusals import FeeRefusal, missing
from payments.core.fees.trace import DONG, NO_UNIT, RATE, Step, Unit

_NOT_COVERED = (
    "value_not_covered",
    "Văn bản không quy định mức thu cho trường hợp này; cần hỏi cán bộ.",
    "The text sets no rate for this case; ask an officer.",
)


def compile_rule(expression: Any, unit: Unit = NO_UNIT) -> Node:
    """The node of ``expression``; ``unit`` is what a bare whole number there stands for."""
    if isinstance(expression, int):
        return constant(expression, unit)
    if isinstance(expression, str):
        return _text(expression, unit)
    return KINDS[type(expression)](expression, unit)


def _text(text: str, unit: Unit) -> Node:
    if NUMBER_TEXT.fullmatch(text):
        return constant(read_number(text), RATE if text.endswith("%") else unit)
    return reading(text)


def _optional(expression: Any) -> Node | None:
    return None if expression is None else compile_rule(expression, DONG)


def _per_unit(rule: model.PerUnit, unit: Unit) -> Node:
    counted = compile_rule(rule.unit)
    if rule.price is not None:
        return multiply((counted, compile_rule(rule.price, DONG)))
    parts: list[Node] = []
    above = 0
    for step in rule.steps or ():
        part = stretch(counted, above, step.through)
        parts.append(multiply((part, compile_rule(step.price, DONG))))
        above = step.through or above
    return add(parts)


def _first_and_next(rule: model.FirstAndNext, unit: Unit) -> Node:
    count = compile_rule(rule.count)
    first = multiply((stretch(count, 0, 1), compile_rule(rule.first, DONG)))
    return add((first, multiply((stretch(count, 1, None), compile_rule(rule.next, DONG)))))


def _extra(rule: model.Extra, unit: Unit) -> Node:
    further = stretch(compile_rule(rule.unit), rule.included, None)
    return add((compile_rule(rule.base, DONG), multiply((further, compile_rule(rule.price, DONG)))))


def _covers(band: model.Band) -> Callable[[Number], bool]:
    def covers(number: Number) -> bool:
        above = (band.from_ is None or number >= band.from_) and (band.over is None or number > band.over)
        return (
            above and (band.to is None or number <= band.to) and (band.under is None or number < band.under)
        )

    return covers


def _band_of(by: Node, bands: list[tuple[Callable[[Number], bool], Node]]) -> Node:
    def choose(context: Context) -> Node:
        number = by.value(context)
        for covers, node in bands:
            if covers(number):
                return node
        raise FeeRefusal(*_NOT_COVERED)

    return picked(choose)


def _slabs(rule: model.Slabs, unit: Unit) -> Node:
    bands = [(_covers(band), compile_rule(band.amount, unit)) for band in rule.bands]
    return _band_of(compile_rule(rule.by), bands)


def _tiers(rule: model.Tiers, unit: Unit) -> Node:
    by = compile_rule(rule.by)
    return _band_of(by, [(_covers(band), _tier(band, by)) for band in rule.bands])


def _tier(band: model.Tier, by: Node) -> Node:
    base, rate = compile_rule(band.base, DONG), compile_rule(band.rate)
    start = band.over if band.over is not None else band.from_
    if band.rate == 0:
        return base
    counted = by if band.rate_on == "whole" or not start else subtract(by, constant(start, DONG))
    part = multiply((rate, counted))
    return part if band.base == 0 else add((base, part))


def _percent(rule: model.Percent, unit: Unit) -> Node:
    return multiply((compile_rule(rule.rate), compile_rule(rule.of, DONG)))


def _limit(rule: model.Limit, unit: Unit) -> Node:
    return limited(compile_rule(rule.value, DONG), _optional(rule.floor), _optional(rule.cap))


def _interpolate(rule: model.Interpolate, unit: Unit) -> Node:
    points = [(point.at, read_number(str(point.rate))) for point in rule.points]
    return interpolated(compile_rule(rule.by), points)


def _add(rule: model.Add, unit: Unit) -> Node:
    return add([compile_rule(part, unit) for part in rule.parts])


def _subtract(rule: model.Subtract, unit: Unit) -> Node:
    return subtract(compile_rule(rule.value, unit), compile_rule(rule.less, unit))


def _multiply(rule: model.Multiply, unit: Unit) -> Node:
    return multiply([compile_rule(factor) for factor in rule.factors])


def _divide(rule: model.Divide, unit: Unit) -> Node:
    return divide(compile_rule(rule.value, unit), compile_rule(rule.by))


def _highest(rule: model.Highest, unit: Unit) -> Node:
    """Operands that are bare inputs, and that nobody supplied, do not take part."""
    nodes = [(part, compile_rule(part, unit)) for part in rule.of]

    def choose(context: Context) -> Node:
        there = [node for part, node in nodes if not _is_absent(part, context)]
        if not there:
            raise missing(next(str(part) for part in rule.of if isinstance(part, str)))
        return chosen(rule.type, there) if len(there) > 1 else there[0]

    return picked(choose)


def _is_absent(part: Any, context: Context) -> bool:
    if isinstance(part, str):
        return not NUMBER_TEXT.fullmatch(part) and context.known.get(part) is None
    inner = getattr(part, "factors", None)
    return inner is not None and any(_is_absent(factor, context) for factor in inner)


def _round(rule: model.Round, unit: Unit) -> Node:
    return rounded(compile_rule(rule.value, unit), read_number(str(rule.to)), rule.way)


def _time_between(rule: model.TimeBetween, unit: Unit) -> Node:
    return elapsed(rule.start, rule.end, rule.in_, rule.count, both_days=rule.both_days)


def _choose(rule: model.Choose, unit: Unit) -> Node:
    cases = [(compile_condition(case.when), compile_rule(case.then, unit)) for case in rule.cases]
    otherwise = refused(*_NOT_COVERED) if rule.otherwise is None else compile_rule(rule.otherwise, unit)

    def choose(context: Context) -> Node:
        for holds, node in cases:
            if holds(context):
                return node
        return otherwise

    return picked(choose)


def _lookup(rule: model.Lookup, unit: Unit) -> Node:
    table = _cells(rule.table, unit)

    def choose(context: Context) -> Node:
        found: Any = table
        for name in rule.by:
            option = context.read(name)
            if option is None:
                raise missing(name)
            found = _cell(found, option)
        if not isinstance(found, Node):
            raise FeeRefusal(*_NOT_COVERED)
        return found

    return picked(choose)


def _cell(rows: Any, option: Any) -> Any:
    """The row of ``option``, or that of ``any``. A single cell stands for every option of what follows."""
    if isinstance(rows, Node):
        return rows
    word = ("true" if option else "false") if isinstance(option, bool) else str(option)
    found = rows.get(word, rows.get("any"))
    if found is None:
        raise FeeRefusal(*_NOT_COVERED)
    return found


def _cells(rows: model.Rows, unit: Unit) -> dict[str, Any]:
    return {
        option: _cells(cell, unit) if isinstance(cell, model.Rows) else compile_rule(cell, unit)
        for option, cell in rows.root.items()
    }


def _sum_over(rule: model.SumOver, unit: Unit) -> Node:
    times = compile_rule(rule.times)

    def choose(context: Context) -> Node:
        quantities = context.known.get(rule.input)
        if not isinstance(quantities, dict):
            raise missing(rule.input)
        if not quantities.keys() <= rule.rates.keys():
            raise FeeRefusal(*_NOT_COVERED)
        unit_vi, unit_en = context.unit(rule.input)
        return add(
            [
                _weighed(number, (f"{unit_vi} {name}", f"{unit_en} {name}"), rule.rates[name], times)
                for name, number in quantities.items()
            ]
        )

    return picked(choose)


def _weighed(number: Number, unit: Unit, rate_dong: int, times: Node) -> Node:
    return multiply((constant(number, unit), times, constant(rate_dong, DONG)))


def _refer(rule: model.Refer, unit: Unit) -> Node:
    renamed = {name: compile_rule(part) for name, part in rule.inputs.items()}

    def inside(context: Context) -> tuple[Node, Context]:
        steps = {name: node.explain(context) for name, node in renamed.items()}
        return context.find_rule(rule.item, context), context.deeper().renamed(steps, {})

    def value(context: Context) -> Number:
        node, there = inside(context)
        return node.value(there)

    def explain(context: Context) -> Step:
        node, there = inside(context)
        return node.explain(there)

    return Node(value, explain)


def _parameter(rule: model.Parameter, unit: Unit) -> Node:
    def value(context: Context) -> Number:
        return context.find_parameter(rule.code, context)

    def explain(context: Context) -> Step:
        number = value(context)
        return Step("number", number, unit=RATE if 0 < number < 1 else unit, label=rule.code)

    return Node(value, explain)


def _currency(rule: model.Currency, unit: Unit) -> Node:
    amount = compile_rule(rule.amount, (rule.currency, rule.currency))
    return multiply((amount, reading(rule.rate)))


def _refuse(rule: model.Refuse, unit: Unit) -> Node:
    return refused(rule.code, rule.message_vi, rule.message_en)


KINDS: Mapping[type[Strict], Callable[[Any, Unit], Node]] = {
    model.PerUnit: _per_unit,
    model.FirstAndNext: _first_and_next,
    model.Extra: _extra,
    model.Slabs: _slabs,
    model.Tiers: _tiers,
    model.Percent: _percent,
    model.Limit: _limit,
    model.Interpolate: _interpolate,
    model.Add: _add,
    model.Subtract: _subtract,
    model.Multiply: _multiply,
    model.Divide: _divide,
    model.Highest: _highest,
    model.Round: _round,
    model.TimeBetween: _time_between,
    model.Choose: _choose,
    model.Lookup: _lookup,
    model.SumOver: _sum_over,
    model.Refer: _refer,
    model.Parameter: _parameter,
    model.Currency: _currency,
    model.Refuse: _refuse,
}
