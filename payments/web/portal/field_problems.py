"""What pydantic found, as sentences in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from payments.core.refusals import Invalid, Problem
from payments.web.edge import EdgeRefusal
from payments.web.portal.strict_json import invalid_fields

# By pydantic's own names of faults; {places} are what it says about the limit that was broken.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("Trường này là bắt buộc.", "This field is required."),
    "extra_forbidden": ("Không có trường này.", "There is no such field."),
    "int_type": (
        "Phải là số nguyên, không đặt trong dấu nháy.",
        "This must be a whole number, not in quotes.",
    ),
    "int_parsing": ("Phải là số nguyên.", "This must be a whole number."),
    "string_type": ("Phải là chuỗi ký tự.", "This must be text."),
    "bool_type": ("Phải là true hoặc false.", "This must be true or false."),
    "model_type": ("Phải là một đối tượng JSON.", "This must be a JSON object."),
    "dict_type": ("Phải là một đối tượng JSON.", "This must be a JSON object."),
    "list_type": ("Phải là một danh sách.", "This must be a list."),
    "tuple_type": ("Phải là một danh sách.", "This must be a list."),
    "frozen_set_type": ("Phải là một danh sách.", "This must be a list."),
    "enum": ("Phải là một trong: {expected}.", "Use one of: {expected}."),
    "literal_error": ("Phải là một trong: {expected}.", "Use one of: {expected}."),
    "greater_than_equal": ("Không được nhỏ hơn {ge}.", "This must be at least {ge}."),
    "less_than_equal": ("Không được lớn hơn {le}.", "This must be at most {le}."),
    "string_too_short": ("Cần ít nhất {min_length} ký tự.", "At least {min_length} characters are needed."),
    "string_too_long": ("Không quá {max_length} ký tự.", "At most {max_length} characters are allowed."),
    "too_short": ("Cần ít nhất {min_length} mục.", "At least {min_length} entries are needed."),
    "too_long": ("Không quá {max_length} mục.", "At most {max_length} entries are allowed."),
    "string_pattern_mismatch": ("Sai định dạng; mẫu: {pattern}", "This does not match the pattern {pattern}"),
    "timezone_aware": (
        "Thời điểm cần múi giờ, ví dụ 2026-01-31T00:00:00Z.",
        "A moment needs its time zone, such as 2026-01-31T00:00:00Z.",
    ),
}
BY_BEGINNING: Mapping[str, tuple[str, str]] = {
    "date_": ("Phải là ngày dạng 2026-12-31.", "This must be a date such as 2026-12-31."),
    "datetime_": (
        "Phải là thời điểm dạng 2026-01-31T00:00:00Z (dấu + viết là %2B).",
        "This must be a moment such as 2026-01-31T00:00:00Z (write + as %2B).",
    ),
}


def refusal(error: ValidationError) -> Invalid | EdgeRefusal:
    """Every fault in ``error`` at once, each with the path of its field."""
    return invalid_fields(tuple(problem(fault) for fault in error.errors(include_url=False)))


def problem(fault: Mapping[str, Any]) -> Problem:
    """One fault. A validator of our own brings its sentences in ``ctx``: ``vi`` and ``en``."""
    context = fault.get("ctx", {})
    if "vi" in context and "en" in context:
        return Problem(path(fault["loc"]), context["vi"], context["en"])
    vi, en = _sentences(fault["type"])
    return Problem(path(fault["loc"]), vi.format(**context), en.format(**context))


def path(location: tuple[int | str, ...]) -> str:
    """``("lines", 0, "amount_dong")`` as ``lines[0].amount_dong``."""
    text = ""
    for part in location:
        if part == "[key]":  # pydantic's word for a key of a table; the part before already names it
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{str(part)[:60]}"
    return text.removeprefix(".") or "body"


def _sentences(kind: str) -> tuple[str, str]:
    if kind in SENTENCES:
        return SENTENCES[kind]
    beginnings = (words for start, words in BY_BEGINNING.items() if kind.startswith(start))
    return next(beginnings, ("Giá trị không hợp lệ.", "This value is not valid."))
