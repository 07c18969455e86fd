"""The parts of rules that hold no rule themselves: bands, points, durations, parameters, refusals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, model_validator

from payments.core.fees.model_basics import Bound, Code, Exact, Name, Sentence, Strict
from payments.core.fees.soundness import refuse_rate_above_one
from payments.core.fees.words import DATE_WORDS, FACT_WORDS


class Band(Strict):
    """A stretch of values. ``from`` and ``to`` belong to it; ``over`` and ``under`` do not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    from_: Bound | None = Field(default=None, alias="from", description="Begins here, this value included.")
    over: Bound | None = Field(default=None, description="Begins above this value.")
    to: Bound | None = Field(default=None, description="Ends here, this value included.")
    under: Bound | None = Field(default=None, description="Ends below this value.")


Gaps = Annotated[
    Literal["refuse"] | None,
    Field(
        default=None,
        description="Write refuse where the text itself leaves values between the bands open; they are refused.",
    ),
]


class Point(Strict):
    """A value and the rate that is printed for it."""

    at: Bound = Field(description="The value.")
    rate: Exact = Field(description='The rate there, such as "0.0190%".')

    @model_validator(mode="after")
    def _rate(self) -> Point:
        refuse_rate_above_one(self.rate)
        return self


class TimeBetween(Strict):
    """The time from one day to another, in days, months or years, as a text counts it.

    A month or a year is complete on the same day of the month, or on its last day where there is no such day.
    """

    type: Literal["time_between"]
    start: Name = Field(
        alias="from", description="A date: an input, or filed_on, paid_on, received_on, event_on."
    )
    end: Name = Field(alias="to", description="A later date, likewise; an earlier one is refused.")
    in_: Literal["days", "months", "years"] = Field(alias="in", description="The unit.")
    count: Literal["completed", "begun"] = Field(
        default="completed", description="Whole units only, or also the one that has begun."
    )
    both_days: StrictBool = Field(default=False, description="Count the last day too.")

    @model_validator(mode="after")
    def _dates(self) -> TimeBetween:
        for name in (self.start, self.end):
            if name in FACT_WORDS - DATE_WORDS:
                raise ValueError(f"{name} is no date")
        return self


class Parameter(Strict):
    """A number that another text sets: a local rate, the base salary."""

    type: Literal["parameter"]
    code: Code = Field(description="The code under which a file's parameters set it.")


class Refuse(Strict):
    """A case that the text leaves open; the message says what to do."""

    type: Literal["refuse"]
    code: Literal["no_rate_in_force", "value_not_covered", "out_of_scope", "conflicting_texts"] = Field(
        description="Why it is refused."
    )
    message_vi: Sentence = Field(description="What to do, in Vietnamese.")
    message_en: Sentence = Field(description="What to do, in English.")
