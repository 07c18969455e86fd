"""The kinds of value that requests and answers of the API are made of."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from payments.core.money import MOST_DONG
from payments.core.references import ALPHABET

MOST_INPUTS = 60
MOST_OPTIONS = 200
MOST_INPUT_LETTERS = 500
FIRST_YEAR = 2000
LAST_YEAR = 2200
# A host and perhaps a port, then anything. A user name would disguise the host; a backslash counts as a slash in
# some browsers.
WEB_ADDRESS = re.compile(
    r"https?://(?:[^\s/?#@\\:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][^\s\\]*)?"
)

TAX_CODE = r"^([0-9]{10}(-?[0-9]{3})?|[0-9]{12})?$"
SUB_ITEM = r"^[0-9]{4}$"
CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
CURSOR = rf"^pr_[{ALPHABET}]{{26}}$"
INPUT_NAME = r"^[a-z][a-z0-9_]{0,59}$"
IDEMPOTENCY_KEY = r"^[!-~]{1,255}$"


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


def _reachable(code: str) -> str:
    """Clients resolve ``.`` and ``..`` in an address, so a dossier named so could never be asked about."""
    if {".", ".."} & set(code.split("/")):
        raise fault(
            "Mã hồ sơ không được là “.” hoặc “..”, kể cả giữa hai dấu “/”.",
            "A dossier code may not be “.” or “..”, nor have one of them between slashes.",
        )
    return code


def _of_this_age(moment: datetime) -> datetime:
    """Far enough from both ends of the calendar that no time zone leads beyond them."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise fault(
            f"Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}.",
            f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.",
        )
    return moment


def _check_web_address(text: str) -> str:
    if WEB_ADDRESS.fullmatch(text) is None:
        raise fault(
            "Phải là địa chỉ web bắt đầu bằng https:// hoặc http://, không kèm tên đăng nhập.",
            "This must be a web address that begins with https:// or http://, without user name or backslash.",
        )
    return text


Text = Annotated[str, AfterValidator(_composed), AfterValidator(_one_line)]
FilledText = Annotated[Text, AfterValidator(_not_blank)]
DossierCode = Annotated[FilledText, AfterValidator(_reachable)]
Moment = Annotated[AwareDatetime, AfterValidator(_of_this_age)]
Dong = Annotated[int, Field(ge=1, le=MOST_DONG, description="Whole đồng.", examples=[1250000])]
Code = Annotated[str, Field(pattern=CODE)]
WebAddress = Annotated[str, Field(max_length=1000), AfterValidator(_check_web_address)]
Cursor = Annotated[str, Field(pattern=CURSOR)]
InputName = Annotated[str, Field(pattern=INPUT_NAME)]
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
