"""The words in which a fee rule is written.

A rule is a tree. Its leaves are whole numbers (``2000``), exact decimals and percentages in quotes
(``"0.06%"``) and names of inputs (``pages``); its branches are mappings whose ``type`` says what they do.
Conditions (``when:``) are mappings from an input to what it must be; all of them must hold.

These are models of text only. :mod:`payments.core.fees.compile` turns a tree into functions, once.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StrictInt,
    StrictStr,
    Tag,
    WithJsonSchema,
    model_validator,
)

from payments.core.fees.exact import NUMBER_TEXT, Rounding, read_number
from payments.core.fees.model_basics import DECIMAL_PATTERN, Code, Condition, Exact, Name, Strict
from payments.core.fees.rule_leaves import Band as Band
from payments.core.fees.rule_leaves import Gaps, Point
from payments.core.fees.rule_leaves import Parameter as Parameter
from payments.core.fees.rule_leaves import Refuse as Refuse
from payments.core.fees.rule_leaves import TimeBetween as TimeBetween
from payments.core.fees.soundness import (
    refuse_bands,
    refuse_hidden_cases,
    refuse_rate_above_one,
    refuse_steps,
)

INPUT_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)


_TEXT_SCHEMA = {"type": "string", "pattern": rf"{DECIMAL_PATTERN}|^{INPUT_NAME.pattern}$"}


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


class Step(Strict):
    """One stretch of a price per unit: up to and including ``through``, or all that is left."""

    price: Expression = Field(description="The price of each unit of this stretch, in đồng.")
    through: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="The last unit that this price counts for; the last step has none."
    )


class PerUnit(Strict):
    """``unit`` × price; with ``steps`` the price changes along the way."""

    type: Literal["per_unit"]
    unit: Expression = Field(description="What is counted, mostly the name of an input.")
    price: Expression | None = Field(default=None, description="One price for every unit, in đồng.")
    steps: list[Step] | None = Field(default=None, description="Or prices that change along the way.")

    @model_validator(mode="after")
    def _priced(self) -> PerUnit:
        if (self.price is None) == (not self.steps):
            raise ValueError("give either price or steps")
        refuse_steps([step.through for step in self.steps or ()])
        return self


class FirstAndNext(Strict):
    """The first copy costs ``first``, each further one ``next``."""

    type: Literal["first_and_next"]
    count: Expression = Field(description="How many there are.")
    first: Expression = Field(description="What the first costs, in đồng.")
    next: Expression = Field(description="What each further one costs, in đồng.")


class Extra(Strict):
    """``base``, which includes ``included`` units, plus ``price`` for each further one."""

    type: Literal["threshold_extra"]
    base: Expression = Field(description="What is always due, in đồng.")
    unit: Expression = Field(description="What is counted.")
    included: Annotated[StrictInt, Field(ge=0)] = Field(description="How many are included in base.")
    price: Expression = Field(description="What each further one costs, in đồng.")


class Slab(Band):
    """A band and what is due for a value in it."""

    amount: Expression = Field(description="What is due, in đồng.")


class Slabs(Strict):
    """The whole value falls into one band, which says what is due; a gap between bands refuses."""

    type: Literal["slabs"]
    by: Expression = Field(description="The value that decides.")
    bands: Annotated[list[Slab], Field(min_length=1)] = Field(description="The bands, from the lowest.")
    gaps: Gaps = None

    @model_validator(mode="after")
    def _ordered(self) -> Slabs:
        refuse_bands(self.bands, open_gaps=self.gaps == "refuse")
        return self


class Tier(Band):
    """``base`` + ``rate`` × the part above the band's lower end, or × the whole value."""

    base: Expression = Field(default=0, description="What is due at the lower end, in đồng.")
    rate: Expression = Field(default=0, description='The rate, such as "0.06%".')
    rate_on: Literal["part", "whole"] = Field(
        default="part",
        description="The rate counts for the part above the lower end, or for the whole value.",
    )

    @model_validator(mode="after")
    def _rate(self) -> Tier:
        refuse_rate_above_one(self.rate)
        return self


class Tiers(Strict):
    """Bands with a base and a rate each; the value falls into one of them."""

    type: Literal["tiers"]
    by: Expression = Field(description="The value, in đồng.")
    bands: Annotated[list[Tier], Field(min_length=1)] = Field(description="The bands, from the lowest.")
    gaps: Gaps = None

    @model_validator(mode="after")
    def _ordered(self) -> Tiers:
        refuse_bands(self.bands, open_gaps=self.gaps == "refuse")
        return self


class Percent(Strict):
    """``rate`` × ``of``. Above 100% only of another item."""

    type: Literal["percent"]
    rate: Expression = Field(description='The rate, such as "0.5%".')
    of: Expression = Field(description="What it is a percentage of.")

    @model_validator(mode="after")
    def _rate(self) -> Percent:
        if not isinstance(self.of, Refer):
            refuse_rate_above_one(self.rate)
        return self


class Limit(Strict):
    """``value``, raised to ``floor`` and lowered to ``cap``."""

    type: Literal["limit"]
    value: Expression = Field(description="What is limited.")
    floor: Expression | None = Field(default=None, description="At least this, in đồng.")
    cap: Expression | None = Field(default=None, description="At most this, in đồng.")

    @model_validator(mode="after")
    def _limits(self) -> Limit:
        if self.floor is None and self.cap is None:
            raise ValueError("give a floor, a cap, or both")
        if isinstance(self.floor, int) and isinstance(self.cap, int) and self.floor > self.cap:
            raise ValueError("the floor lies above the cap")
        return self


class Interpolate(Strict):
    """A rate drawn as straight lines between points; before the first and after the last it stays level."""

    type: Literal["interpolate"]
    by: Expression = Field(description="The value that decides the rate.")
    points: Annotated[list[Point], Field(min_length=2)] = Field(
        description="The points, from the lowest value."
    )

    @model_validator(mode="after")
    def _rising(self) -> Interpolate:
        if any(second.at <= first.at for first, second in pairwise(self.points)):
            raise ValueError("the points must rise from one to the next")
        return self


class Add(Strict):
    """The sum of ``parts``."""

    type: Literal["add"]
    parts: Annotated[list[Expression], Field(min_length=1)] = Field(description="What is added up.")


class Subtract(Strict):
    """``value`` − ``less``; a result below nought is refused when it becomes an amount."""

    type: Literal["subtract"]
    value: Expression = Field(description="What is taken from.")
    less: Expression = Field(description="What is taken off.")


class Multiply(Strict):
    """The product of ``factors``."""

    type: Literal["multiply"]
    factors: Annotated[list[Expression], Field(min_length=1)] = Field(description="What is multiplied.")


class Divide(Strict):
    """``value`` : ``by``, exactly."""

    type: Literal["divide"]
    value: Expression = Field(description="What is divided.")
    by: Expression = Field(description="The divisor; nought is refused.")


class Highest(Strict):
    """The highest, or the lowest, of what is known; an input that was not supplied does not count."""

    type: Literal["highest", "lowest"]
    of: Annotated[list[Expression], Field(min_length=2)] = Field(description="What is compared.")


class Round(Strict):
    """A quantity rounded before it is used further."""

    type: Literal["round"]
    value: Expression = Field(description="What is rounded.")
    to: Exact = Field(default=1, description='To a multiple of this: 1, 1000, "0.1".')
    way: Rounding = Field(default="half_up", description="How: half_up, half_even, up or down.")

    @model_validator(mode="after")
    def _multiple(self) -> Round:
        if read_number(str(self.to)) <= 0:
            raise ValueError("to must be above 0")
        return self


class Case(Strict):
    """A condition and what counts when it holds."""

    when: Condition = Field(description="The condition.")
    then: Expression = Field(description="What is due then.")


class Choose(Strict):
    """The first case whose condition holds; without one, ``otherwise``; without that, refused."""

    type: Literal["choose"]
    cases: Annotated[list[Case], Field(min_length=1)] = Field(description="The cases, in their order.")
    otherwise: Expression | None = Field(default=None, description="What is due in every other case.")

    @model_validator(mode="after")
    def _reachable(self) -> Choose:
        refuse_hidden_cases([case.when for case in self.cases])
        return self


def _kind_of_cell(value: Any) -> str:
    nested = isinstance(value, Rows) or (isinstance(value, dict) and "type" not in value)
    return "rows" if nested else "cell"


class Rows(RootModel[dict[StrictStr, "Cell"]]):
    """One dimension of a table: an option, and what stands there."""

    model_config = ConfigDict(frozen=True)


class Lookup(Strict):
    """A table over options; a cell that is not there has no rate, ``any`` stands for all others."""

    type: Literal["lookup"]
    by: Annotated[list[Name], Field(min_length=1, max_length=5)] = Field(
        description="The inputs that are looked up, one for each level of the table."
    )
    table: Rows = Field(description="Options, and what stands there: an amount, a rule, or a further level.")

    @model_validator(mode="after")
    def _levels(self) -> Lookup:
        if _depth(self.table) > len(self.by):
            raise ValueError("the table has more levels than by has names")
        return self


def _depth(rows: Rows) -> int:
    return 1 + max((_depth(cell) for cell in rows.root.values() if isinstance(cell, Rows)), default=0)


class SumOver(Strict):
    """Σ quantity × its rate × ``times`` over an input that gives one quantity per substance."""

    type: Literal["sum_over"]
    input: Name = Field(description="The input of type quantities.")
    rates: Annotated[dict[StrictStr, StrictInt], Field(min_length=1)] = Field(
        description="The rate of each substance, in đồng."
    )
    times: Expression = Field(default=1, description="What every quantity is multiplied by.")


class Refer(Strict):
    """The rule of another item, before its rounding and benefits, with inputs renamed where needed."""

    type: Literal["refer"]
    item: Code = Field(description="The code of the other item.")
    inputs: dict[Name, Expression] = Field(
        default_factory=dict, alias="with", description="What the other item's inputs are here."
    )


class Currency(Strict):
    """An amount in a foreign currency at the rate supplied as the input ``rate`` (đồng for one unit)."""

    type: Literal["foreign_currency"]
    currency: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")] = Field(description="Such as USD.")
    amount: Expression = Field(description="The amount in that currency.")
    rate: Name = Field(description="The input that gives the rate, in đồng for one unit.")


Expression = Annotated[
    Annotated[StrictInt, Field(ge=-(10**15), le=10**15), Tag("whole")]
    | Annotated[StrictStr, AfterValidator(_check_text), WithJsonSchema(_TEXT_SCHEMA), Tag("text")]
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
    | Annotated[TimeBetween, Tag("time_between")]
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
