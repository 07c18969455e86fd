"""What every model of a file is made of: names, days, exact bounds, and the conditions that rules ask."""

from __future__ import annotations

import calendar
import re
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    StrictInt,
    StrictStr,
    Tag,
    WithJsonSchema,
    model_validator,
)

from payments.core.fees.exact import NUMBER_TEXT, Number, read_number, write_number

Name = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Code = Annotated[StrictStr, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9_]+)*$", max_length=80)]
Sentence = Annotated[StrictStr, Field(min_length=1, max_length=2000)]


class Strict(BaseModel):
    """Base of every model of a file: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_DAY_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _read_day(value: Any) -> Any:
    """A day may stand in quotes, as in JSON, but only as year-month-day: 01/02/2026 is read in two ways."""
    if isinstance(value, str) and _DAY_TEXT.fullmatch(value):
        return date.fromisoformat(value)
    if value is not None and type(value) is not date:
        raise ValueError("write a day as year-month-day, such as 2026-12-31")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]


MOST = 10**30  # beyond what any text counts, in any unit


def _read_bound(value: Any) -> Number:
    """A whole number, or an exact decimal in quotes."""
    if isinstance(value, Fraction) or (type(value) is int and abs(value) <= MOST):
        return value
    if isinstance(value, str):
        return read_number(value)
    raise ValueError('write a whole number, or an exact decimal in quotes ("0.5")')


def _write_bound(value: Number) -> int | str:
    return value if isinstance(value, int) else write_number(value, "en").replace(",", "")


DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,18})?%?$"
Bound = Annotated[
    int | Fraction,
    PlainValidator(_read_bound),
    PlainSerializer(_write_bound),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": DECIMAL_PATTERN}]}),
]


def _check_exact(value: int | str) -> int | str:
    read_number(str(value))
    return value


Exact = Annotated[
    StrictInt | Annotated[StrictStr, Field(pattern=DECIMAL_PATTERN)], AfterValidator(_check_exact)
]


def _read_limit(value: Any) -> Any:
    """The limit of a comparison: a day, or a number."""
    if isinstance(value, date) or (isinstance(value, str) and not NUMBER_TEXT.fullmatch(value)):
        return _read_day(value)
    return _read_bound(value)


def _write_limit(value: Number | date) -> int | str:
    return value.isoformat() if isinstance(value, date) else _write_bound(value)


Limit = Annotated[
    int | Fraction | date,
    PlainValidator(_read_limit),
    PlainSerializer(_write_limit),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": DECIMAL_PATTERN},
            ]
        }
    ),
]


class DayOfYear(Strict):
    """A day of every year, such as 30 June."""

    day: Annotated[StrictInt, Field(ge=1, le=31)] = Field(description="The day of the month.")
    month: Annotated[StrictInt, Field(ge=1, le=12)] = Field(description="The month.")

    @model_validator(mode="after")
    def _exists(self) -> DayOfYear:
        if self.day > calendar.monthrange(2024, self.month)[1]:
            raise ValueError("no year has this day")
        return self


class Comparison(Strict):
    """Limits that a number or a date must keep, or whether something was supplied at all."""

    over: Limit | None = Field(default=None, description="More or later than this.")
    at_least: Limit | None = Field(default=None, description="This, or more or later.")
    under: Limit | None = Field(default=None, description="Less or earlier than this.")
    at_most: Limit | None = Field(default=None, description="This, or less or earlier.")
    from_day: DayOfYear | None = Field(default=None, description="In its year, on this day or later.")
    to_day: DayOfYear | None = Field(default=None, description="In its year, on this day or earlier.")
    given: bool | None = Field(default=None, description="true: it was supplied; false: it was not.")
    is_not: list[StrictStr] | None = Field(default=None, description="None of these words.")


def _kind_of_constraint(value: Any) -> Literal["yes_no", "one_of", "comparison", "word"]:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, list):
        return "one_of"
    return "comparison" if isinstance(value, dict | Comparison) else "word"


Constraint = Annotated[
    Annotated[bool, Tag("yes_no")]
    | Annotated[StrictStr, Tag("word")]
    | Annotated[list[StrictStr], Field(min_length=1), Tag("one_of")]
    | Annotated[Comparison, Tag("comparison")],
    Discriminator(_kind_of_constraint),
]
Condition = Annotated[dict[Name, Constraint], Field(min_length=1)]
