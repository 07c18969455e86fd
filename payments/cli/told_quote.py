"""A quote as lines of text: what is due, why, by which law, and on demand every step and share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from payments.core.fees.exact import Number, write_number, write_percent
from payments.core.fees.quote import Quote, QuoteLine
from payments.core.fees.trace import NBSP

_WORDS: Mapping[tuple[str, str], str] = {
    ("total", "vi"): "Tổng cộng",
    ("total", "en"): "Total",
    ("subsidised", "vi"): "ngân sách trả thay",
    ("subsidised", "en"): "paid by a budget",
    ("retained", "vi"): "để lại",
    ("retained", "en"): "retained",
    ("remitted", "vi"): "nộp ngân sách nhà nước",
    ("remitted", "en"): "remitted to the State budget",
    ("text", "vi"): "văn bản",
    ("text", "en"): "text",
    ("add", "vi"): "cộng",
    ("add", "en"): "sum",
    ("subtract", "vi"): "trừ",
    ("subtract", "en"): "difference",
    ("multiply", "vi"): "nhân",
    ("multiply", "en"): "product",
    ("divide", "vi"): "chia",
    ("divide", "en"): "quotient",
    ("least", "vi"): "số nhỏ nhất",
    ("least", "en"): "the least of",
    ("greatest", "vi"): "số lớn nhất",
    ("greatest", "en"): "the greatest of",
    ("round", "vi"): "làm tròn",
    ("round", "en"): "rounded",
    ("interpolate", "vi"): "nội suy",
    ("interpolate", "en"): "interpolated",
}


def tell(answer: Quote, language: str, *, with_steps: bool) -> Iterator[str]:
    """The lines of ``answer``; ``with_steps`` adds the calculation, the shares and the exact texts."""
    vietnamese = language == "vi"
    name = answer.procedure_name_vi if vietnamese else answer.procedure_name_en
    yield f"{answer.procedure_code}  {name}"
    for line in answer.lines:
        yield f"  {line.name_vi if vietnamese else line.name_en}: {_dong(line.amount_dong, language)}"
        yield f"    {line.explanation_vi if vietnamese else line.explanation_en}"
        if with_steps:
            yield from _details(line, language)
    yield f"  {_WORDS['total', language]}: {_dong(answer.total_dong, language)}"


def _details(line: QuoteLine, language: str) -> Iterator[str]:
    if "calculation" in line.trace:
        yield from _steps(line.trace["calculation"], language, 6)
    for key, amount_dong in (
        ("subsidised", line.subsidised_dong),
        ("retained", line.retained_dong),
        ("remitted", line.remitted_dong),
    ):
        if amount_dong:
            yield f"    {_WORDS[key, language]}: {_dong(amount_dong, language)}"
    yield f"    {_WORDS['text', language]}: {line.schedule_id}, {line.schedule_version}"


def _steps(step: Mapping[str, Any], language: str, depth: int) -> Iterator[str]:
    """One step a line, its parts below it."""
    word = _WORDS.get((step["operation"], language), step.get("label", ""))
    yield " " * depth + f"{_value(step, language)}  {word}".rstrip()
    for part in step.get("parts", ()):
        yield from _steps(part, language, depth + 2)


def _value(step: Mapping[str, Any], language: str) -> str:
    value, unit = Fraction(step["value"]), step.get("unit", "")
    if unit == "%":
        return write_percent(value, language)
    if unit == "VND":
        return _dong(value, language)
    return write_number(value, language)


def _dong(amount_dong: Number, language: str) -> str:
    return write_number(amount_dong, language) + NBSP + ("đ" if language == "vi" else "VND")
