"""Make a stored message fit to be shown: signatures, keys and cookies never leave the database.

What is masked goes by its name; a long run of hexadecimal or base-64 characters is masked whatever its name,
since providers call their signatures many things.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

MASK = "••••••"
MOST_BODY_CHARACTERS = 8_000

SECRET_NAME = re.compile(
    r"authori[sz]ation|cookie|hash|signature|sign$|^sig$|checksum|hmac|^mac$|token|secret|password|passwd|"
    r"api[-_]?key|access[-_]?key|card[-_]?(?:no|num|id|holder|date|token)|^pan$|cvv|otp",
    re.IGNORECASE,
)
LONG_SECRET = re.compile(r"\b(?:[0-9a-fA-F]{32,}|eyJ[\w.-]{20,}|[A-Za-z0-9+/]{40,}={0,2})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MaskedMessage:
    """A message as it arrived, without what is secret in it. ``body`` is for what has no fields."""

    method: str
    query: tuple[Field, ...]
    headers: tuple[Field, ...]
    fields: tuple[Field, ...]
    body: str


def mask_message(method: str, query_string: str, headers: Mapping[str, Any], body: bytes) -> MaskedMessage:
    """The stored message without its secrets; a body that is no text is only measured."""
    fields, text = _body(body)
    return MaskedMessage(
        method,
        _form(query_string),
        tuple(_field(name, value) for name, value in sorted(headers.items())),
        fields,
        text,
    )


def _form(text: str) -> tuple[Field, ...]:
    return tuple(_field(name, value) for name, value in parse_qsl(text, keep_blank_values=True))


def _field(name: str, value: object) -> Field:
    return Field(_shown(name), MASK if SECRET_NAME.search(name) else _shown(str(value)))


def _shown(text: str) -> str:
    """``text`` without signatures, and short enough for a page."""
    masked = LONG_SECRET.sub(MASK, text)
    return masked if len(masked) <= MOST_BODY_CHARACTERS else masked[:MOST_BODY_CHARACTERS] + "…"


def _body(body: bytes) -> tuple[tuple[Field, ...], str]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return (), f"({len(body)} byte)"
    document = _json(text)
    if document is not None:
        return (), _shown(json.dumps(_masked(document), ensure_ascii=False, indent=2))
    # One `name=value` at least, and nothing but text between: a form.
    if re.match(r"[\w.\[\]-]{1,32}=", text) and not re.search(r"[\s<{]", text):
        return _form(text), ""
    return (), _shown(text)


def _json(text: str) -> dict[str, Any] | list[Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, (dict, list)) else None


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: MASK if SECRET_NAME.search(name) and not isinstance(inner, (dict, list)) else _masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    if isinstance(value, str) and (nested := _json(value)) is not None:
        # Some providers put a document into a text of another one.
        return json.dumps(_masked(nested), ensure_ascii=False)
    return value
