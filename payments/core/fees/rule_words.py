"""A fee rule in words: a table that a citizen reads, made from the same tree that computes.

A rule becomes rows: on the left the case, on the right what is due. What needs a table of its own stands in rows
one level deeper. What the procedure has answered already is followed, and not asked again. Nothing here computes;
what a rule says is only written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from payments.core.fees import rule_model as model
from payments.core.fees.condition_words import Vocabulary, answered, condition_in_words
from payments.core.fees.exact import read_number
from payments.core.fees.rule_lines import Unit, bracketed, inside, line, price_of_each

MOST_DEPTH = 8
Table = tuple[str, list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a tariff: the case it is for, what is due, and how deep it stands."""

    case: str
    due: str
    depth: int = 0


def rule_in_words(rule: Any, words: Vocabulary) -> tuple[Row, ...]:
    """The rows of ``rule``; at least one."""
    return tuple(_rows("", rule, words, 0, "dong"))


@dataclass(frozen=True, slots=True)
class _Said:
    """A row whose words are ready."""

    text: str


@dataclass(frozen=True, slots=True)
class _Cells:
    """A further level of a table."""

    by: tuple[str, ...]
    rows: model.Rows


def _rows(case: str, rule: Any, words: Vocabulary, depth: int, unit: Unit) -> Iterator[Row]:
    """``rule`` for ``case``: one row where it fits on one line, otherwise a heading and rows below it."""
    rule = _followed(rule, words)
    if isinstance(rule, model.Refer) and rule.item in words.rules and depth < MOST_DEPTH:
        yield from _referred(case, rule, words, depth)
        return
    if not _is_table(rule):
        yield Row(case, rule.text if isinstance(rule, _Said) else line(rule, words, unit), depth)
        return
    heading, rows = _TABLES[type(rule)](rule, words)
    if case or heading:
        yield Row(case, heading, depth)
    inner = depth + 1 if case or heading else depth
    below = _UNITS_BELOW.get(type(rule), unit)
    for inner_case, inner_rule in rows:
        yield from _rows(inner_case, inner_rule, words, inner, "share" if _is_share(inner_rule) else below)


def _referred(case: str, rule: model.Refer, words: Vocabulary, depth: int) -> Iterator[Row]:
    """The other item's rule, its inputs called as they are called here."""
    yield Row(case, line(rule, words), depth)
    renamed = {name: words.called.get(to, to) for name, to in rule.inputs.items() if isinstance(to, str)}
    there = replace(words, called={**words.called, **renamed})
    yield from _rows("", words.rules[rule.item], there, depth + 1, "dong")


def _followed(rule: Any, words: Vocabulary) -> Any:
    """``rule`` with what is answered already followed to where it leads."""
    while True:
        if isinstance(rule, model.Lookup):
            rule = _Cells(tuple(rule.by), rule.table)
        if isinstance(rule, _Cells) and rule.by[0] in words.answers:
            cells = rule.rows.root
            found = cells.get(words.answers[rule.by[0]], cells.get("any"))
            if found is None:
                return _Said(
                    words.choose("văn bản không quy định mức cho trường hợp này", "the text sets no rate")
                )
            rule = _Cells(rule.by[1:], found) if isinstance(found, model.Rows) else found
        elif isinstance(rule, model.Choose) and answered(rule.cases[0].when, words):
            rule = rule.cases[0].then
        else:
            return rule


def _parts(rule: Any) -> list[Any]:
    """What stands inside a calculation and may need more than one line."""
    match rule:
        case model.PerUnit():
            return [rule.price]
        case model.Percent():
            return [rule.rate, rule.of]
        case model.Add():
            return list(rule.parts)
        case model.Multiply():
            return list(rule.factors)
        case model.Subtract():
            return [rule.value, rule.less]
        case model.Divide():
            return [rule.value, rule.by]
        case model.Round():
            return [rule.value]
        case model.Currency():
            return [rule.amount]
    return []


def _is_table(rule: Any) -> bool:
    """Whether ``rule`` needs more than one line."""
    if isinstance(rule, model.PerUnit) and rule.steps:
        return True
    parts = _parts(rule)
    return any(_is_table(part) for part in parts) if parts else type(rule) in _TABLES


def _per_unit(rule: model.PerUnit, words: Vocabulary) -> Table:
    if not rule.steps:
        unit = words.unit(rule.unit) if isinstance(rule.unit, str) else ""
        counted = unit or line(rule.unit, words)
        return words.choose(f"Mỗi {counted}:", f"For each {counted}:"), [("", rule.price)]
    counted, first = inside(line(rule.unit, words)), 1
    rows: list[tuple[str, Any]] = []
    for step in rule.steps or ():
        price = _Said(price_of_each(step.price, rule.unit, words))
        if step.through is None:
            case = words.choose(f"từ thứ {words.number(first)} trở đi", f"from no. {words.number(first)} on")
        elif step.through == first:
            case = words.choose(f"thứ {words.number(first)}", f"no. {words.number(first)}")
        else:
            span = f"{words.number(first)}–{words.number(step.through)}"
            case = words.choose(f"thứ {span}", f"nos. {span}")
        rows.append((case, price))
        first = (step.through or first) + 1
    return words.choose(f"Theo {counted}:", f"By {counted}:"), rows


def _first_and_next(rule: model.FirstAndNext, words: Vocabulary) -> Table:
    return line(rule.count, words), [
        (words.choose("bản đầu tiên", "the first"), rule.first),
        (words.choose("mỗi bản tiếp theo", "each further one"), rule.next),
    ]


def _extra(rule: model.Extra, words: Vocabulary) -> Table:
    counted, included = inside(line(rule.unit, words)), words.number(rule.included)
    return "", [
        (words.choose(f"đến hết {included} ({counted})", f"up to {included} ({counted})"), rule.base),
        (
            words.choose(f"mỗi đơn vị vượt {included}", f"for each beyond {included}"),
            _Said(words.choose("thêm ", "another ") + line(rule.price, words, "dong")),
        ),
    ]


def _band(band: model.Band, words: Vocabulary, *, money: bool) -> str:
    parts = []
    for bound, vi, en in (
        (band.from_, "từ {}", "from {}"),
        (band.over, "trên {}", "over {}"),
        (band.to, "đến {}", "up to {}"),
        (
            band.under,
            "đến dưới {}" if band.from_ is not None or band.over is not None else "dưới {}",
            "under {}",
        ),
    ):
        if bound is not None:
            parts.append(words.choose(vi, en).format(words.number(bound, money=money)))
    return " ".join(parts) or words.choose("mọi giá trị", "any value")


def _slabs(rule: model.Slabs, words: Vocabulary) -> Table:
    money = words.is_money(rule.by)
    heading = words.choose("Theo {}:", "By {}:").format(inside(line(rule.by, words)))
    return heading, [(_band(band, words, money=money), band.amount) for band in rule.bands]


def _tiers(rule: model.Tiers, words: Vocabulary) -> Table:
    heading = words.choose("Theo {}:", "By {}:").format(inside(line(rule.by, words)))
    return heading, [
        (_band(band, words, money=True), _Said(_tier(band, rule.by, words))) for band in rule.bands
    ]


def _tier(band: model.Tier, by: Any, words: Vocabulary) -> str:
    parts = [line(band.base, words, "dong")] if band.base != 0 else []
    if band.rate != 0:
        start = band.from_ if band.from_ is not None else band.over
        rate = line(band.rate, words)
        if band.rate_on == "whole" or not start:
            parts.append(words.choose(f"{rate} của toàn bộ giá trị", f"{rate} of the whole value"))
        else:
            beyond = words.number(start, money=True)
            parts.append(
                words.choose(f"{rate} của phần vượt {beyond}", f"{rate} of the part beyond {beyond}")
            )
    return " + ".join(parts) or words.number(0, money=True)


def _limit(rule: model.Limit, words: Vocabulary) -> Table:
    rows: list[tuple[str, Any]] = [("", rule.value)]
    if rule.floor is not None:
        rows.append((words.choose("ít nhất", "at least"), rule.floor))
    if rule.cap is not None:
        rows.append((words.choose("nhiều nhất", "at most"), rule.cap))
    return "", rows


def _interpolate(rule: model.Interpolate, words: Vocabulary) -> Table:
    by = inside(line(rule.by, words))
    heading = words.choose(
        f"Tỷ lệ theo {by}, nội suy giữa các mức:", f"A rate by {by}, interpolated between these points:"
    )
    money = words.is_money(rule.by)
    return heading, [
        (words.number(point.at, money=money), _Said(line(str(point.rate), words))) for point in rule.points
    ]


def _add(rule: model.Add, words: Vocabulary) -> Table:
    plus = words.choose("cộng", "plus")
    return "", [(plus if place else "", part) for place, part in enumerate(rule.parts)]


def _multiply(rule: model.Multiply, words: Vocabulary) -> Table:
    """The short factors on a line, below it the prices, and last the shares that they are multiplied by."""
    short = [part for part in rule.factors if not _is_table(part)]
    long = sorted((part for part in rule.factors if _is_table(part)), key=_is_share)
    times, share = words.choose("nhân với", "times"), words.choose("nhân với hệ số", "times a share")
    heading = " × ".join(bracketed(part, words, "factor") for part in short)
    rest = words.choose("mức sau:", "the following:")
    rows = [(share if _is_share(part) else times if place else "", part) for place, part in enumerate(long)]
    return (f"{heading} × {rest}" if short else ""), rows


def _is_share(rule: Any) -> bool:
    """Whether ``rule`` chooses between percentages, or leaves everything as it is."""
    if not isinstance(rule, model.Choose):
        return False
    parts = [*(case.then for case in rule.cases), rule.otherwise]
    return all(part in (None, 1) or (isinstance(part, str) and part.endswith("%")) for part in parts)


def _percent(rule: model.Percent, words: Vocabulary) -> Table:
    if _is_table(rule.rate):
        of = line(rule.of, words, "dong")
        return words.choose(f"{of} × tỷ lệ:", f"{of} × the rate:"), [("", rule.rate)]
    rate = line(rule.rate, words)
    return words.choose(f"{rate} của mức sau:", f"{rate} of the following:"), [("", rule.of)]


def _subtract(rule: model.Subtract, words: Vocabulary) -> Table:
    return "", [("", rule.value), (words.choose("trừ", "less"), rule.less)]


def _divide(rule: model.Divide, words: Vocabulary) -> Table:
    return "", [("", rule.value), (words.choose("chia cho", "divided by"), _Said(line(rule.by, words)))]


def _round(rule: model.Round, words: Vocabulary) -> Table:
    to = words.number(read_number(str(rule.to)))
    return words.choose(f"Làm tròn đến {to}:", f"Rounded to {to}:"), [("", rule.value)]


def _currency(rule: model.Currency, words: Vocabulary) -> Table:
    rate = inside(words.label(rule.rate))
    heading = words.choose(f"Số {rule.currency} sau đây × {rate}:", f"{rule.currency} as follows × {rate}:")
    return heading, [("", rule.amount)]


def _highest(rule: model.Highest, words: Vocabulary) -> Table:
    highest = rule.type == "highest"
    heading = (
        words.choose("Mức cao nhất trong:", "The highest of:")
        if highest
        else words.choose("Mức thấp nhất trong:", "The lowest of:")
    )
    return heading, [("", part) for part in rule.of]


def _choose(rule: model.Choose, words: Vocabulary) -> Table:
    rows = [(condition_in_words(case.when, words), case.then) for case in rule.cases]
    if rule.otherwise is not None:
        rows.append((words.choose("các trường hợp khác", "in every other case"), rule.otherwise))
    return "", rows


def _cells(cells: _Cells, words: Vocabulary) -> Table:
    name, *further = cells.by
    heading = words.choose("Theo {}:", "By {}:").format(inside(words.label(name)))
    return heading, [
        (words.option(name, option), _Cells(tuple(further), cell) if isinstance(cell, model.Rows) else cell)
        for option, cell in cells.rows.root.items()
        if words.can_be(name, option)
    ]


def _sum_over(rule: model.SumOver, words: Vocabulary) -> Table:
    heading = words.choose("Tổng của {} × mức từng loại", "Sum of {} × the rate of each").format(
        inside(words.label(rule.input))
    )
    if rule.times != 1:
        heading += f" × {line(rule.times, words)}"
    return f"{heading}:", [(words.option(rule.input, option), price) for option, price in rule.rates.items()]


_TABLES: Mapping[type, Callable[[Any, Vocabulary], Table]] = {
    model.PerUnit: _per_unit,
    model.FirstAndNext: _first_and_next,
    model.Extra: _extra,
    model.Slabs: _slabs,
    model.Tiers: _tiers,
    model.Limit: _limit,
    model.Interpolate: _interpolate,
    model.Add: _add,
    model.Multiply: _multiply,
    model.Percent: _percent,
    model.Subtract: _subtract,
    model.Divide: _divide,
    model.Round: _round,
    model.Currency: _currency,
    model.Highest: _highest,
    model.Choose: _choose,
    model.Lookup: _cells,
    model.SumOver: _sum_over,
    _Cells: _cells,
}

_UNITS_BELOW: Mapping[type, Unit] = {model.Multiply: "factor", model.Currency: "number"}
