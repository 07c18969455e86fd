"""A calculation as it was made: small arithmetic steps, as data and as a sentence.

A :class:`Step` is a number or one operation over steps. As data anyone can compute it again; as text it
is what a citizen reads: ``3 trang × 2.000 đ = 6.000 đ``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from payments.core.fees.exact import Number, write_number, write_percent

Operation = Literal[
    "number", "add", "subtract", "multiply", "divide", "least", "greatest", "round", "interpolate", "elapsed"
]
Unit = tuple[str, str]  # in Vietnamese and in English

DONG: Unit = ("đ", "VND")
RATE: Unit = ("%", "%")
NO_UNIT: Unit = ("", "")
NBSP = "\N{NO-BREAK SPACE}"

_SIGNS: Mapping[str, str] = {"add": " + ", "subtract": " − ", "multiply": " × ", "divide": " : "}
_BINDING: Mapping[str, int] = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2}
_WORDS: Mapping[tuple[str, str], str] = {
    ("cap", "vi"): "mức tối đa {chosen} (tính đủ là {full})",
    ("cap", "en"): "at most {chosen} (in full {full})",
    ("floor", "vi"): "mức tối thiểu {chosen} (tính ra là {full})",
    ("floor", "en"): "at least {chosen} (computed {full})",
    ("highest", "vi"): "mức cao nhất trong ({all})",
    ("highest", "en"): "the highest of ({all})",
    ("lowest", "vi"): "mức thấp nhất trong ({all})",
    ("lowest", "en"): "the lowest of ({all})",
    ("round", "vi"): "{value} (làm tròn từ {full})",
    ("round", "en"): "{value} (rounded from {full})",
    ("elapsed", "vi"): "{value} (từ {start} đến {end})",
    ("elapsed", "en"): "{value} (from {start} to {end})",
    ("interpolate", "vi"): "{value} (nội suy tại {0} giữa {1}: {2} và {3}: {4})",
    ("interpolate", "en"): "{value} (interpolated at {0} between {1}: {2} and {3}: {4})",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One operation and its result; ``note`` tells a cap from a choice, ``label`` names an input."""

    operation: Operation
    value: Number
    parts: tuple[Step, ...] = ()
    unit: Unit = NO_UNIT
    note: str = ""
    label: str = ""

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON; numbers are exact texts such as ``"1/3"``."""
        data: dict[str, Any] = {"operation": self.operation, "value": str(Fraction(self.value))}
        if self.parts:
            data["parts"] = [part.as_data() for part in self.parts]
        if self.unit != NO_UNIT:
            data["unit"] = self.unit[1]
        return data | {key: text for key, text in (("note", self.note), ("label", self.label)) if text}

    def result(self, language: str) -> str:
        """The value with its unit, for example ``200.000 đ``."""
        if self.unit == RATE:
            return write_percent(self.value, language)
        unit = self.unit[language == "en"]
        if self.value == 1 and language == "en":
            unit = _singular(unit)
        return write_number(self.value, language) + (NBSP + unit if unit else "")


def _singular(unit: str) -> str:
    return unit.removesuffix("ies") + "y" if unit.endswith("ies") else unit.removesuffix("s")


def sentence(step: Step, language: str) -> str:
    """The calculation and its result, for example ``3 trang × 2.000 đ = 6.000 đ``."""
    text, result = _text(step, language), step.result(language)
    return result if text == result else f"{text} = {result}"


def _visible(step: Step) -> Step:
    """Leave out what changes nothing: a limit that does not bind, terms that are nought."""
    if step.note in ("cap", "floor") and step.value == step.parts[0].value:
        return _visible(step.parts[0])
    if step.operation == "add":
        parts = tuple(part for part in step.parts if part.value != 0) or step.parts[:1]
        return _visible(parts[0]) if len(parts) == 1 else replace(step, parts=parts)
    if step.operation == "multiply":
        parts = (
            tuple(part for part in step.parts if (part.value, part.unit) != (1, NO_UNIT)) or step.parts[:1]
        )
        return _visible(parts[0]) if len(parts) == 1 else replace(step, parts=parts)
    return step


def _text(step: Step, language: str) -> str:
    step = _visible(step)
    if step.operation in _SIGNS:
        return _chain(step, language)
    if step.operation in ("least", "greatest"):
        return _choice(step, language)
    if step.operation == "round":
        full = _text(step.parts[0], language)
        return _WORDS["round", language].format(value=step.result(language), full=full)
    if step.operation == "elapsed":
        start, end = (_day(word, language) for word in step.note.split()[:2])
        return _WORDS["elapsed", language].format(value=step.result(language), start=start, end=end)
    if step.operation == "interpolate":
        points = [part.result(language) for part in step.parts]
        return _WORDS["interpolate", language].format(*points, value=step.result(language))
    return step.result(language)


def _day(text: str, language: str) -> str:
    return "/".join(reversed(text.split("-"))) if language == "vi" else text


def _chain(step: Step, language: str) -> str:
    parts = enumerate(_visible(part) for part in step.parts)
    texts = [_bracketed(part, step.operation, place, language) for place, part in parts]
    return _SIGNS[step.operation].join(texts)


def _bracketed(part: Step, around: str, place: int, language: str) -> str:
    text = _text(part, language)
    inner = _BINDING.get(part.operation, 9)
    looser = inner < _BINDING[around] or (place > 0 and inner == _BINDING[around] and around in _BACKWARD)
    return f"({text})" if looser else text


_BACKWARD = frozenset({"subtract", "divide"})


def _choice(step: Step, language: str) -> str:
    """A limit that binds, with what it replaces; or a choice, with what it was made from."""
    if step.note in ("cap", "floor"):
        full, limit = step.parts
        words = _WORDS[step.note, language]
        return words.format(chosen=limit.result(language), full=sentence(full, language))
    everything = "; ".join(_text(part, language) for part in step.parts)
    return _WORDS[step.note, language].format(all=everything)
