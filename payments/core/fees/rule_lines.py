"""Expressions of a fee rule on one line: “2.000 đ / trang”, “0,5% × giá trị”, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from payments.core.fees import rule_model as model
from payments.core.fees.condition_words import Vocabulary, condition_in_words
from payments.core.fees.exact import NUMBER_TEXT, read_number, write_percent

Unit = Literal["dong", "number", "factor", "share"]
"""What a bare whole number stands for. A factor is a number where it is small, and a price otherwise; of shares 1 is
the whole."""

LEAST_PRICE_DONG = 100


def inside(text: str) -> str:
    """``text`` inside a sentence; names that begin with two capitals stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _number(value: int, words: Vocabulary, unit: Unit) -> str:
    if unit == "share":
        return write_percent(value, words.language)
    return words.number(value, money=unit == "dong" or (unit == "factor" and abs(value) >= LEAST_PRICE_DONG))


def line(expression: Any, words: Vocabulary, unit: Unit = "number") -> str:
    """``expression`` on one line."""
    if isinstance(expression, int):
        return _number(expression, words, unit)
    if isinstance(expression, str):
        return _word(expression, words, unit)
    return _LINES.get(type(expression), _by_table)(expression, words, unit)


def _word(text: str, words: Vocabulary, unit: Unit) -> str:
    if not NUMBER_TEXT.fullmatch(text):
        return inside(words.label(text))
    number = read_number(text)
    if text.endswith("%"):
        return write_percent(number, words.language)
    return words.number(number, money=unit == "dong")


def price_of_each(price: Any, counted: Any, words: Vocabulary) -> str:
    """A price for each unit, such as ``2.000 đ / trang``."""
    due = line(price, words, "dong")
    unit = words.unit(counted) if isinstance(counted, str) else ""
    if unit:
        return f"{due} / {unit}"
    return f"{due} × {line(counted, words)}"


def _signed(sign: str, parts: list[Any], words: Vocabulary, unit: Unit) -> str:
    return sign.join(bracketed(part, words, unit) for part in parts)


def bracketed(part: Any, words: Vocabulary, unit: Unit) -> str:
    text = line(part, words, unit)
    return (
        f"({text})" if isinstance(part, model.Add | model.Subtract | model.Multiply | model.Divide) else text
    )


def _percent_line(rule: model.Percent, words: Vocabulary, unit: Unit) -> str:
    rate, of = line(rule.rate, words), line(rule.of, words, "dong")
    return f"{rate} × {of}"


def _round_line(rule: model.Round, words: Vocabulary, unit: Unit) -> str:
    to = words.number(read_number(str(rule.to)))
    return words.choose("{} (làm tròn đến {})", "{} (rounded to {})").format(
        line(rule.value, words, unit), to
    )


def _time_line(rule: model.TimeBetween, words: Vocabulary, unit: Unit) -> str:
    length = {"days": ("số ngày", "days"), "months": ("số tháng", "months"), "years": ("số năm", "years")}
    vi, en = length[rule.in_]
    start, end = inside(words.label(rule.start)), inside(words.label(rule.end))
    return words.choose(f"{vi} từ {start} đến {end}", f"{en} from {start} to {end}")


def _refer_line(rule: model.Refer, words: Vocabulary, unit: Unit) -> str:
    name = words.items.get(rule.item, rule.item)
    return words.choose(f"theo mức “{name}”", f"as “{name}”")


def _parameter_line(rule: model.Parameter, words: Vocabulary, unit: Unit) -> str:
    return words.items.get(rule.code, rule.code.replace("_", " "))


def _currency_line(rule: model.Currency, words: Vocabulary, unit: Unit) -> str:
    amount, rate = line(rule.amount, words), inside(words.label(rule.rate))
    return f"{amount}\N{NO-BREAK SPACE}{rule.currency} × {rate}"


def _refuse_line(rule: model.Refuse, words: Vocabulary, unit: Unit) -> str:
    return words.choose(rule.message_vi, rule.message_en)


def _limit_line(rule: model.Limit, words: Vocabulary, unit: Unit) -> str:
    parts = [line(rule.value, words, unit)]
    if rule.floor is not None:
        parts.append(words.choose("ít nhất ", "at least ") + line(rule.floor, words, unit))
    if rule.cap is not None:
        parts.append(words.choose("nhiều nhất ", "at most ") + line(rule.cap, words, unit))
    return ", ".join(parts)


def _highest_line(rule: model.Highest, words: Vocabulary, unit: Unit) -> str:
    named = {
        "highest": ("mức cao nhất trong", "the highest of"),
        "lowest": ("mức thấp nhất trong", "the lowest of"),
    }
    listed = "; ".join(line(part, words, unit) for part in rule.of)
    return f"{words.choose(*named[rule.type])} ({listed})"


def _choose_line(rule: model.Choose, words: Vocabulary, unit: Unit) -> str:
    cases = [
        f"{line(case.then, words, unit)} ({condition_in_words(case.when, words)})" for case in rule.cases
    ]
    if rule.otherwise is not None:
        cases.append(words.choose("còn lại ", "otherwise ") + line(rule.otherwise, words, unit))
    return "; ".join(cases)


def _by_table(rule: Any, words: Vocabulary, unit: Unit) -> str:
    return words.choose("giá trị tra theo bảng của văn bản", "a value from the table of the text")


_LINES: Mapping[type, Callable[[Any, Vocabulary, Unit], str]] = {
    model.PerUnit: lambda rule, words, unit: price_of_each(rule.price, rule.unit, words),
    model.Percent: _percent_line,
    model.Limit: _limit_line,
    model.Highest: _highest_line,
    model.Choose: _choose_line,
    model.Add: lambda rule, words, unit: _signed(" + ", rule.parts, words, unit),
    model.Subtract: lambda rule, words, unit: _signed(" − ", [rule.value, rule.less], words, unit),
    model.Multiply: lambda rule, words, unit: _signed(" × ", rule.factors, words, "factor"),
    model.Divide: lambda rule, words, unit: _signed(" : ", [rule.value, rule.by], words, "number"),
    model.Round: _round_line,
    model.TimeBetween: _time_line,
    model.Refer: _refer_line,
    model.Parameter: _parameter_line,
    model.Currency: _currency_line,
    model.Refuse: _refuse_line,
}
