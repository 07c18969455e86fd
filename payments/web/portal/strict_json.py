"""Read a JSON body without guessing.

Refused here, before any model looks at it: text that is not UTF-8 or not JSON, a key given twice, a number
with a point or an exponent (amounts are whole đồng, exact decimals travel in quotes), a number too long to be
meant, nesting without end, and characters that no name needs: control characters, halves of a surrogate pair
and marks that turn the direction of writing around.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from payments.core.money import MOST_DONG
from payments.core.refusals import Invalid, Problem
from payments.web.edge import EdgeRefusal

MOST_DIGITS = 18
MOST_DEPTH = 16
STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity')
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _NotWhole:
    """Stands where a number was that has a point or an exponent."""


@dataclass(frozen=True, slots=True)
class _TooLong:
    """Stands where a whole number was that has more digits than anybody means; ``below`` zero or above."""

    below: bool


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Stands where an object was that gives some keys twice."""

    keys: tuple[str, ...]


def read_object(body: bytes) -> dict[str, Any]:
    """The one JSON object in ``body``. Raises EdgeRefusal (400) or Invalid naming every bad place."""
    try:
        text = body.decode("utf-8")
        found = json.loads(
            text,
            parse_float=lambda _: _NotWhole(),
            parse_int=_whole,
            parse_constant=partial(_constant, text),
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise _malformed(error.msg, error.lineno, error.colno) from None
    except UnicodeDecodeError as error:
        before = body[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise _malformed("This is not UTF-8", line, column) from None
    except RecursionError:
        raise _malformed("Nested too deeply", 1, 1) from None
    problems = tuple(_problems(found, "", 0))
    if problems:
        raise invalid_fields(problems)
    if not isinstance(found, dict):
        raise _malformed("The body must be one JSON object", 1, 1)
    return found


def invalid_fields(problems: tuple[Problem, ...]) -> Invalid:
    """The refusal that lists every wrong field at once."""
    fields = ", ".join(problem.field for problem in problems[:5]) + (", …" if len(problems) > 5 else "")
    return Invalid("invalid_fields", f"Cần sửa: {fields}.", f"Please correct: {fields}.", problems)


def _whole(digits: str) -> int | _TooLong:
    return int(digits) if len(digits) <= MOST_DIGITS else _TooLong(below=digits.startswith("-"))


def _constant(text: str, name: str) -> Any:
    """Refuse NaN and its like: the first that stands outside a string, for so far the text was sound."""
    found = next(match for match in STRING_OR_CONSTANT.finditer(text) if not match[0].startswith('"'))
    before = text[: found.start()]
    column = found.start() - before.rfind("\n")
    raise _malformed(f"{name} is not JSON", before.count("\n") + 1, column)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    read = dict(pairs)
    if len(read) == len(pairs):
        return read
    keys = [key for key, _ in pairs]
    return _Repeated(tuple(sorted({key for key in keys if keys.count(key) > 1})))


def _problems(value: Any, path: str, depth: int) -> Iterator[Problem]:
    if depth > MOST_DEPTH:
        raise _malformed("Nested too deeply", 1, 1)
    match value:
        case list():
            for place, each in enumerate(value):
                yield from _problems(each, f"{path}[{place}]", depth + 1)
        case dict():
            for key, each in value.items():
                yield from _unwanted(key, _below(path, key))
                yield from _problems(each, _below(path, key), depth + 1)
        case str():
            yield from _unwanted(value, path)
        case _Repeated(keys):
            for key in keys:
                yield Problem(_below(path, key), "Trường này bị lặp lại.", "This key is given twice.")
        case _NotWhole() | _TooLong():
            yield _misread_number(value, path or "body")


def _misread_number(value: _NotWhole | _TooLong, path: str) -> Problem:
    if isinstance(value, _NotWhole):
        return Problem(
            path,
            "Phải là số nguyên; số thập phân hãy viết trong dấu nháy, ví dụ “0.5”.",
            'This must be a whole number; write a decimal in quotes, such as "0.5".',
        )
    if value.below:
        return Problem(path, "Số này quá nhỏ.", "This number is too small.")
    most = f"{MOST_DONG:,}"
    return Problem(
        path,
        f"Số này quá lớn; không số nào được vượt {most.replace(',', '.')}.",
        f"This number is too large: none may be above {most}.",
    )


def _unwanted(text: str, path: str) -> Iterator[Problem]:
    if UNWANTED.search(text):
        yield Problem(
            path or "body", "Có ký tự điều khiển không được phép.", "Control characters are not allowed."
        )


def _below(path: str, key: str) -> str:
    shown = UNWANTED.sub("?", key)[:60]
    return f"{path}.{shown}" if path else shown


def _malformed(what: str, line: int, column: int) -> EdgeRefusal:
    return EdgeRefusal(
        400,
        "malformed_json",
        f"Nội dung không phải JSON hợp lệ (dòng {line}, cột {column}).",
        f"{what} (line {line}, column {column}).",
    )
