"""What pydantic found, as sentences in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from payments.core.refusals import Invalid, Problem
from payments.web.edge import EdgeRefusal
from payments.web.portal.strict_json import invalid_fields
from payments.web.portal.words import CODE, CURSOR, IDEMPOTENCY_KEY, INPUT_NAME, SUB_ITEM, TAX_CODE

QUOTED = re.compile(r"'([^']*)'")
UNKNOWN_SHAPE = ("giá trị đúng định dạng", "a value of the documented form")

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
    "string_pattern_mismatch": ("Phải là {shape_vi}.", "This must be {shape_en}."),
    "timezone_aware": (
        "Thời điểm cần múi giờ, ví dụ 2026-01-31T00:00:00Z.",
        "A moment needs its time zone, such as 2026-01-31T00:00:00Z.",
    ),
}
# What a pattern demands, for people; a test finds patterns that are missing here.
SHAPES: Mapping[str, tuple[str, str]] = {
    TAX_CODE: (
        "mã số thuế 10 hoặc 13 chữ số (0101234567-001), hoặc số định danh cá nhân 12 chữ số",
        "a tax code of 10 or 13 digits (0101234567-001), or a personal identification number of 12",
    ),
    SUB_ITEM: ("tiểu mục ngân sách gồm 4 chữ số", "a budget sub-item of 4 digits"),
    CODE: (
        "mã gồm 1–40 chữ không dấu, chữ số, dấu chấm, gạch dưới, gạch nối",
        "a code of 1 to 40 letters without accents, digits, dots, underscores and hyphens",
    ),
    INPUT_NAME: (
        "tên gồm chữ thường không dấu, chữ số, gạch dưới, bắt đầu bằng chữ, không quá 60 ký tự",
        "a name of at most 60 small letters, digits and underscores that begins with a letter",
    ),
    CURSOR: ("giá trị next_cursor của trang trước", "the next_cursor of the page before"),
    IDEMPOTENCY_KEY: (
        "1–255 ký tự ASCII nhìn thấy được, không có khoảng trắng",
        "1 to 255 visible ASCII characters without blanks",
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
    faults = error.errors(include_url=False)
    # Entries that are wrong themselves are counted as absent: the list is not short, they are to be mended.
    entered = {fault["loc"][:place] for fault in faults for place in range(len(fault["loc"]))}
    told = [fault for fault in faults if fault["type"] != "too_short" or fault["loc"] not in entered]
    return invalid_fields(tuple(problem(fault) for fault in told))


def problem(fault: Mapping[str, Any]) -> Problem:
    """One fault. A validator of our own brings its sentences in ``ctx``: ``vi`` and ``en``."""
    context = fault.get("ctx", {})
    if "vi" in context and "en" in context:
        return Problem(path(fault["loc"]), context["vi"], context["en"])
    vi, en = _sentences(fault["type"])
    said_vi, said_en = _said(context)
    return Problem(path(fault["loc"]), vi.format(**said_vi), en.format(**said_en))


def _said(context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Limits, choices and patterns as each language writes them."""
    vi, en = dict(context), dict(context)
    for name, value in context.items():
        if type(value) is int:
            vi[name], en[name] = f"{value:,}".replace(",", "."), f"{value:,}"
    if "expected" in context:  # pydantic's own English: 'a', 'b' or 'c'
        vi["expected"] = en["expected"] = ", ".join(QUOTED.findall(str(context["expected"])))
    if "pattern" in context:
        vi["shape_vi"], en["shape_en"] = SHAPES.get(str(context["pattern"]), UNKNOWN_SHAPE)
    return vi, en


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
