"""Conditions in words: ``{pages: {over: 2}}`` as “số trang trên 2”, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from payments.core.fees.exact import Number, write_number
from payments.core.fees.model_basics import Comparison
from payments.core.fees.schedule import Input
from payments.core.fees.words import FACT_WORDS

_CHANNELS: Mapping[tuple[str, str], str] = {
    ("online", "vi"): "nộp trực tuyến",
    ("online", "en"): "filed online",
    ("counter", "vi"): "nộp trực tiếp",
    ("counter", "en"): "filed at the counter",
    ("post", "vi"): "nộp qua bưu chính",
    ("post", "en"): "filed by post",
}
_FACTS: Mapping[tuple[str, str], str] = {
    ("territory", "vi"): "địa bàn",
    ("territory", "en"): "territory",
    ("area_of_place", "vi"): "khu vực",
    ("area_of_place", "en"): "area",
    ("collector_status", "vi"): "loại tổ chức thu",
    ("collector_status", "en"): "kind of collector",
    ("filed_on", "vi"): "ngày nộp hồ sơ",
    ("filed_on", "en"): "day of filing",
    ("paid_on", "vi"): "ngày nộp tiền",
    ("paid_on", "en"): "day of payment",
    ("received_on", "vi"): "ngày tiếp nhận",
    ("received_on", "en"): "day of receipt",
    ("event_on", "vi"): "ngày xảy ra sự việc",
    ("event_on", "en"): "day of the event",
    ("amount", "vi"): "số tiền phải nộp",
    ("amount", "en"): "amount due",
}
_COMPARED: Mapping[tuple[str, str], str] = {
    ("over", "vi"): "trên {}",
    ("over", "en"): "over {}",
    ("at_least", "vi"): "từ {} trở lên",
    ("at_least", "en"): "{} or more",
    ("under", "vi"): "dưới {}",
    ("under", "en"): "under {}",
    ("at_most", "vi"): "không quá {}",
    ("at_most", "en"): "{} at most",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How the inputs of one procedure, and the groups of a catalogue, are called in ``language``.

    ``called`` maps an item's name of an input to the procedure's, ``answers`` holds what the procedure answers by
    itself, ``computed`` how it makes the rest. ``groups``, ``items`` and ``rules`` give what a
    group and an item are called, and an item's rule.
    """

    language: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)

    @property
    def vietnamese(self) -> bool:
        return self.language == "vi"

    def choose(self, vi: str, en: str) -> str:
        return vi if self.vietnamese else en

    def question(self, name: str) -> Input | None:
        return self.inputs.get(self.called.get(name, name))

    def label(self, name: str) -> str:
        """What people read for the input or fact ``name``."""
        if (name, self.language) in _FACTS:
            return _FACTS[name, self.language]
        question = self.question(name)
        if question is None:
            return self.computed.get(name) or name.replace("_", " ")
        return self.choose(question.label_vi, question.label_en)

    def unit(self, name: str) -> str:
        """What ``name`` counts, one of it; empty where nothing is counted."""
        question = self.question(name)
        if question is None:
            return ""
        unit = self.choose(question.unit_vi, question.unit_en)
        return unit if self.vietnamese else unit.removesuffix("s")

    def is_money(self, name: object) -> bool:
        question = self.question(name) if isinstance(name, str) else None
        return name == "amount" or (question is not None and question.type == "money")

    def option(self, name: str, value: str) -> str:
        """What people read for the answer ``value`` to the question ``name``."""
        question = self.question(name)
        for option in question.options if question else ():
            if option.value == value:
                return self.choose(option.label_vi, option.label_en)
        if value in ("true", "false"):
            return self.choose("có", "yes") if value == "true" else self.choose("không", "no")
        if value == "any":
            return self.choose("các trường hợp khác", "all other cases")
        return value.replace("_", " ")

    def can_be(self, name: str, value: str) -> bool:
        """Whether the question ``name`` can be answered by ``value`` here."""
        question = self.question(name)
        if question is None or question.type != "option" or value == "any":
            return True
        return any(option.value == value for option in question.options)

    def group(self, code: str) -> str:
        return self.groups.get(code, code.replace("_", " "))

    def channel(self, code: str) -> str:
        return _CHANNELS.get((code, self.language), code)

    def either(self, texts: Sequence[str]) -> str:
        """“a, b hoặc c”."""
        *first, last = texts
        return f"{', '.join(first)} {self.choose('hoặc', 'or')} {last}" if first else last

    def number(self, value: Number, *, money: bool = False) -> str:
        text = write_number(value, self.language)
        return f"{text}\N{NO-BREAK SPACE}{self.choose('đ', 'VND')}" if money else text

    def day(self, day: date) -> str:
        return f"{day:%d/%m/%Y}"


def answered(condition: Mapping[str, Any], words: Vocabulary) -> bool:
    """Whether what the procedure answers by itself makes ``condition`` true."""
    return all(name in words.answers and _is(words.answers[name], asked) for name, asked in condition.items())


def can_hold(condition: Mapping[str, Any] | None, words: Vocabulary) -> bool:
    """Whether ``condition`` can be true here: what it asks is asked, answered, or known of every case."""
    return all(_can(name, asked, words) for name, asked in (condition or {}).items())


def _can(name: str, asked: Any, words: Vocabulary) -> bool:
    if name in words.answers:
        return isinstance(asked, Comparison) or _is(words.answers[name], asked)
    if name in FACT_WORDS or words.question(name) is not None:
        return True
    return isinstance(asked, Comparison) and (asked.given is False or asked.is_not is not None)


def _is(answer: str, asked: Any) -> bool:
    return answer == asked or (isinstance(asked, list) and answer in asked)


def condition_in_words(condition: Mapping[str, Any] | None, words: Vocabulary) -> str:
    """All parts of ``condition``, which hold together; empty for none, and for what the procedure has answered."""
    asked_here = {
        name: asked for name, asked in (condition or {}).items() if not answered({name: asked}, words)
    }
    return "; ".join(_constraint(name, asked, words) for name, asked in asked_here.items())


def _constraint(name: str, asked: Any, words: Vocabulary) -> str:
    if isinstance(asked, Comparison):
        return _comparison(name, asked, words)
    if isinstance(asked, bool):
        label = words.label(name)
        return f"{label}: {words.choose('có', 'yes') if asked else words.choose('không', 'no')}"
    listed = [asked] if isinstance(asked, str) else list(asked)
    listed = [value for value in listed if words.can_be(name, value)] or listed
    joined = words.either([_answer(name, value, words) for value in listed])
    if name in ("channel", "beneficiary"):
        return joined
    return f"{words.label(name)}: {joined}"


def _answer(name: str, value: str, words: Vocabulary) -> str:
    if name == "channel":
        return words.channel(value)
    return words.group(value) if name == "beneficiary" else words.option(name, value)


def _comparison(name: str, asked: Comparison, words: Vocabulary) -> str:
    label, parts = words.label(name), []
    if asked.given is not None:
        known = (
            words.choose("có khai", "is given") if asked.given else words.choose("không khai", "is not given")
        )
        parts.append(known)
    for bound in ("at_least", "over", "at_most", "under"):
        limit = getattr(asked, bound)
        if limit is not None:
            parts.append(_COMPARED[bound, words.language].format(_limit(name, limit, words)))
    for day, vi, en in ((asked.from_day, "từ", "from"), (asked.to_day, "đến", "to")):
        if day is not None:
            parts.append(f"{words.choose(vi, en)} {day.day}/{day.month}")
    if asked.is_not:
        listed = ", ".join(_answer(name, value, words) for value in asked.is_not)
        parts.append(f"{words.choose('không phải', 'not')} {listed}")
    return f"{label} {', '.join(parts)}"


def _limit(name: str, limit: Number | date, words: Vocabulary) -> str:
    return words.day(limit) if isinstance(limit, date) else words.number(limit, money=words.is_money(name))
