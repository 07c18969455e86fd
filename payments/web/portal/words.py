"""The kinds of value that requests and answers of the API are made of."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from payments.core.money import MOST_DONG

MOST_INPUTS = 60
MOST_OPTIONS = 200
MOST_INPUT_LETTERS = 500


class Asked(BaseModel):
    """Base of what a portal sends: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Searched(BaseModel):
    """Base of query parameters, which are always text; unknown ones are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """Base of what Thuphi answers, made from the views of the use cases."""

    model_config = ConfigDict(from_attributes=True, frozen=True, populate_by_name=True)


def fault(vi: str, en: str) -> PydanticCustomError:
    """A fault with its own sentences."""
    return PydanticCustomError("thuphi", "invalid", {"vi": vi, "en": en})


def _composed(text: str) -> str:
    """One code point per letter, so that the same name typed on two systems is the same text."""
    return unicodedata.normalize("NFC", text)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise fault("Không được để trống.", "This must not be blank.")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise fault("Phải viết trên một dòng.", "This must be one line.")
    return text.strip()


def _check_input(value: Any) -> Any:
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, str) and len(value) <= MOST_INPUT_LETTERS:
        return _composed(value)
    if isinstance(value, dict) and len(value) <= MOST_OPTIONS and all(map(_is_quantity, value.values())):
        return value
    raise fault(
        "Phải là số nguyên, chuỗi ngắn, true/false, hoặc bảng tên và số lượng.",
        "This must be a whole number, a short text, true or false, or a table of names and quantities.",
    )


def _is_quantity(value: Any) -> bool:
    return type(value) is int or isinstance(value, str)


def _check_web_address(text: str) -> str:
    rest = text.removeprefix("https://").removeprefix("http://")
    if rest == text or not rest or any(letter.isspace() for letter in text) or rest[0] in "/?#@":
        raise fault(
            "Phải là địa chỉ web bắt đầu bằng https:// hoặc http://.",
            "This must be a web address that begins with https:// or http://.",
        )
    return text


Text = Annotated[str, AfterValidator(_composed), AfterValidator(_one_line)]
FilledText = Annotated[Text, AfterValidator(_not_blank)]
Dong = Annotated[int, Field(ge=1, le=MOST_DONG, description="Whole đồng.", examples=[1250000])]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
WebAddress = Annotated[str, Field(max_length=1000), AfterValidator(_check_web_address)]
Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
InputName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
InputValue = Annotated[
    Any,
    BeforeValidator(_check_input),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {"type": "string", "maxLength": MOST_INPUT_LETTERS},
                {"type": "boolean"},
                {"type": "null"},
                {
                    "type": "object",
                    "additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                },
            ]
        }
    ),
]
