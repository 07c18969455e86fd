"""The words in which a fee rule is written.

A rule is a tree. Its leaves are whole numbers (``2000``), exact decimals and percentages in quotes
(``"0.06%"``) and names of inputs (``pages``); its branches are mappings whose ``type`` says what they do.
Conditions (``when:``) are mappings from an input to what it must be; all of them must hold.

These are models of text only. :mod:`payments.core.fees.compile` turns a tree into functions, once.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StrictInt,
    StrictStr,
    Tag,
)

from payments.core.fees.exact import NUMBER_TEXT, Rounding

INPUT_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)


class Strict(BaseModel):
    """Base of every model of a file: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _check_text(text: str) -> str:
    if NUMBER_TEXT.fullmatch(text) or INPUT_NAME.fullmatch(text):
        return text
    raise ValueError('write a number or a rate in quotes ("0.06%") or the name of an input')


def _kind_of_expression(value: Any) -> str | None:
    if isinstance(value, int):
        return "whole"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return str(value.get("type", "")) or None
    return getattr(value, "type", None)


Name = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Code = Annotated[StrictStr, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9_]+)*$", max_length=80)]
Sentence = Annotated[StrictStr, Field(min_length=1, max_length=2000)]


_DAY_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _read_day(value: Any) -> Any:
    """A day may stand in quotes, as in JSON, but only as year-month-day: 01/02/2026 is read in two ways."""
    if isinstance(value, str) and _DAY_TEXT.fullmatch(value):
        return date.fromisoformat(value)
    if value is not None and type(value) is not date:
        raise ValueError("write a day as year-month-day, such as 2026-12-31")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]


class Comparison(Strict):
    """Limits that a number or a date must keep, or whether something was supplied at all."""

    over: StrictInt | Day | None = None
    at_least: StrictInt | Day | None = None
    under: StrictInt | Day | None = None
    at_most: StrictInt | Day | None = None
    given: bool | None = None
    is_not: list[StrictStr] | None = None


def _kind_of_constraint(value: Any) -> str:
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


class Step(Strict):
    """One stretch of a price per unit: up to and including ``through``, or all that is left."""

    price: Expression
    through: StrictInt | None = None


class PerUnit(Strict):
    """``unit`` × price; with ``steps`` the price changes along the way."""

    type: Literal["per_unit"]
    unit: Expression
    price: Expression | None = None
    steps: list[Step] | None = None


class FirstAndNext(Strict):
    """The first copy costs ``first``, each further one ``next``."""

    type: Literal["first_and_next"]
    count: Expression
    first: Expression
    next: Expression


class Extra(Strict):
    """``base``, which includes ``included`` units, plus ``price`` for each further one."""

    type: Literal["threshold_extra"]
    base: Expression
    unit: Expression
    included: StrictInt
    price: Expression


class Band(Strict):
    """A stretch of values. ``from`` and ``to`` belong to it; ``over`` and ``under`` do not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    from_: StrictInt | None = Field(default=None, alias="from")
    over: StrictInt | None = None
    to: StrictInt | None = None
    under: StrictInt | None = None


class Slab(Band):
    amount: Expression


class Slabs(Strict):
    """The whole value falls into one band, which says what is due; a gap between bands refuses."""

    type: Literal["slabs"]
    by: Expression
    bands: Annotated[list[Slab], Field(min_length=1)]


class Tier(Band):
    """``base`` + ``rate`` × the part above the band's lower end, or × the whole value."""

    base: Expression = 0
    rate: Expression = 0
    rate_on: Literal["part", "whole"] = "part"


class Tiers(Strict):
    type: Literal["tiers"]
    by: Expression
    bands: Annotated[list[Tier], Field(min_length=1)]


class Percent(Strict):
    """``rate`` × ``of``."""

    type: Literal["percent"]
    rate: Expression
    of: Expression


class Limit(Strict):
    """``value``, raised to ``floor`` and lowered to ``cap``."""

    type: Literal["limit"]
    value: Expression
    floor: Expression | None = None
    cap: Expression | None = None


class Point(Strict):
    at: StrictInt
    rate: StrictStr | StrictInt


class Interpolate(Strict):
    """A rate drawn as straight lines between points; before the first and after the last it stays level."""

    type: Literal["interpolate"]
    by: Expression
    points: Annotated[list[Point], Field(min_length=2)]


class Add(Strict):
    type: Literal["add"]
    parts: Annotated[list[Expression], Field(min_length=1)]


class Subtract(Strict):
    """``value`` − ``less``; a result below nought is refused when it becomes an amount."""

    type: Literal["subtract"]
    value: Expression
    less: Expression


class Multiply(Strict):
    type: Literal["multiply"]
    factors: Annotated[list[Expression], Field(min_length=1)]


class Divide(Strict):
    type: Literal["divide"]
    value: Expression
    by: Expression


class Highest(Strict):
    """The highest of what is known; an input that was not supplied does not count."""

    type: Literal["highest", "lowest"]
    of: Annotated[list[Expression], Field(min_length=2)]


class Round(Strict):
    """A quantity rounded before it is used further."""

    type: Literal["round"]
    value: Expression
    to: StrictInt | StrictStr = 1
    way: Rounding = "half_up"


class Case(Strict):
    when: Condition
    then: Expression


class Choose(Strict):
    """The first case whose condition holds; without one, ``otherwise``; without that, refused."""

    type: Literal["choose"]
    cases: Annotated[list[Case], Field(min_length=1)]
    otherwise: Expression | None = None


def _kind_of_cell(value: Any) -> str:
    nested = isinstance(value, Rows) or (isinstance(value, dict) and "type" not in value)
    return "rows" if nested else "cell"


class Rows(RootModel[dict[StrictStr, "Cell"]]):
    """One dimension of a table: an option, and what stands there."""

    model_config = ConfigDict(frozen=True)


class Lookup(Strict):
    """A table over options; a cell that is not there has no rate, ``any`` stands for all others."""

    type: Literal["lookup"]
    by: Annotated[list[Name], Field(min_length=1, max_length=5)]
    table: Rows


class SumOver(Strict):
    """Σ quantity × its rate × ``times`` over an input that gives one quantity per substance."""

    type: Literal["sum_over"]
    input: Name
    rates: Annotated[dict[StrictStr, StrictInt], Field(min_length=1)]
    times: Expression = 1


class Refer(Strict):
    """The rule of another item, before its rounding and benefits, with inputs renamed where needed."""

    type: Literal["refer"]
    item: Code
    inputs: dict[Name, Expression] = Field(default_factory=dict, alias="with")


class Parameter(Strict):
    """A number that another text sets: a local rate, the base salary."""

    type: Literal["parameter"]
    code: Code


class Currency(Strict):
    """An amount in a foreign currency at the rate supplied as the input ``rate`` (đồng for one unit)."""

    type: Literal["foreign_currency"]
    currency: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
    amount: Expression
    rate: Name


class Refuse(Strict):
    """A case that the text leaves open; ``message`` says what to do."""

    type: Literal["refuse"]
    code: Literal["no_rate_in_force", "value_not_covered", "out_of_scope", "conflicting_texts"]
    message_vi: Sentence
    message_en: Sentence


Expression = Annotated[
    Annotated[StrictInt, Field(ge=-(10**15), le=10**15), Tag("whole")]
    | Annotated[StrictStr, AfterValidator(_check_text), Tag("text")]
    | Annotated[PerUnit, Tag("per_unit")]
    | Annotated[FirstAndNext, Tag("first_and_next")]
    | Annotated[Extra, Tag("threshold_extra")]
    | Annotated[Slabs, Tag("slabs")]
    | Annotated[Tiers, Tag("tiers")]
    | Annotated[Percent, Tag("percent")]
    | Annotated[Limit, Tag("limit")]
    | Annotated[Interpolate, Tag("interpolate")]
    | Annotated[Add, Tag("add")]
    | Annotated[Subtract, Tag("subtract")]
    | Annotated[Multiply, Tag("multiply")]
    | Annotated[Divide, Tag("divide")]
    | Annotated[Highest, Tag("highest")]
    | Annotated[Highest, Tag("lowest")]
    | Annotated[Round, Tag("round")]
    | Annotated[Choose, Tag("choose")]
    | Annotated[Lookup, Tag("lookup")]
    | Annotated[SumOver, Tag("sum_over")]
    | Annotated[Refer, Tag("refer")]
    | Annotated[Parameter, Tag("parameter")]
    | Annotated[Currency, Tag("foreign_currency")]
    | Annotated[Refuse, Tag("refuse")],
    Discriminator(_kind_of_expression),
]
Cell = Annotated[
    Annotated[Expression, Tag("cell")] | Annotated[Rows, Tag("rows")], Discriminator(_kind_of_cell)
]
