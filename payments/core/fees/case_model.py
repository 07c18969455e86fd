"""Worked cases: what a schedule must come to in cases computed by hand, kept in the file beside its rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

from payments.core.fees.model_basics import Code, Day, Name, Sentence, Strict
from payments.core.fees.words import Channel, Outcome, RefusalCode, Territory


def _kind_of_answer(value: Any) -> str:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, dict):
        return "quantities"
    return "whole" if isinstance(value, int) else "text"


def _as_in_json(value: Any) -> Any:
    """A day is kept as its text, so that a case equals itself after export and import."""
    if isinstance(value, float):
        raise ValueError('write an exact decimal in quotes, such as "0.5"')
    return value.isoformat() if isinstance(value, date) else value


Answer = Annotated[
    Annotated[bool, Tag("yes_no")]
    | Annotated[StrictInt, Tag("whole")]
    | Annotated[StrictStr, Tag("text")]
    | Annotated[dict[StrictStr, StrictInt | StrictStr], Tag("quantities")],
    Discriminator(_kind_of_answer),
    BeforeValidator(_as_in_json),
]
Dong = Annotated[StrictInt, Field(ge=0, le=10**15)]


class Expected(Strict):
    """What a case must come to: ``total_dong``, or the code of the refusal; and as much more as one cares to say.

    ``lines`` gives the amount of each item and is then complete; ``shares`` every part of the split, by name;
    ``outcome`` that of every line; ``refunds`` what goes back for an event after payment.
    """

    total_dong: Dong | None = Field(default=None, description="What the citizen pays, in whole đồng.")
    refused: RefusalCode | None = Field(
        default=None, description="The code of the refusal, instead of a total."
    )
    lines: dict[Code, Dong] | None = Field(default=None, description="The amount of each item, all of them.")
    retained_dong: Dong | None = Field(
        default=None, description="What stays with collectors and other bodies."
    )
    remitted_dong: Dong | None = Field(default=None, description="What goes to the State budget.")
    subsidised_dong: Dong | None = Field(default=None, description="What a budget pays for the citizen.")
    shares: dict[Name, Dong] | None = Field(default=None, description="Every part of the split, by its name.")
    outcome: Outcome | None = Field(default=None, description="The outcome of every line.")
    document: Literal["receipt", "invoice"] | None = Field(
        default=None, description="The document that every line is put on."
    )
    refunds: dict[Name, Dong] | None = Field(default=None, description="By event: the đồng that go back.")

    @model_validator(mode="after")
    def _one_answer(self) -> Expected:
        if (self.total_dong is None) == (self.refused is None):
            raise ValueError("say either total_dong or refused")
        if self.refused is not None and any(value is not None for name, value in self if name != "refused"):
            raise ValueError("a refused case has no amounts")
        return self


class WorkedCase(Strict):
    """One case with its answer. What is left out is a case at the counter of a collector of status ``budget``,
    paid on the day of filing, where the procedure is."""

    name: Sentence = Field(
        description="What the case shows, in a few words; no other case of the file has it."
    )
    procedure: StrictStr = Field(description="The code of the procedure that is asked.")
    inputs: dict[Name, Answer] = Field(
        default_factory=dict, description="The answers; an exact decimal or a date stands in quotes."
    )
    channel: Channel = Field(default="counter", description="How the dossier is filed.")
    filed_on: Day = Field(description="The day of filing.")
    paid_on: Day | None = Field(default=None, description="The day of payment; that of filing if left out.")
    received_on: Day | None = Field(
        default=None, description="The day on which a complete dossier was received."
    )
    event_on: Day | None = Field(
        default=None, description="The day of what the fee is about, such as a birth."
    )
    territory: Territory = Field(default="", description="Where, such as 31 or 31/30 (a former province).")
    beneficiaries: list[Name] = Field(
        default_factory=list, description="The groups that the payer proves to belong to."
    )
    collector_status: Name = Field(default="budget", description="The status of the body that collects.")
    expected: Expected = Field(description="What it must come to.")


def named_twice(cases: list[WorkedCase]) -> list[str]:
    """The names that more than one case has."""
    names = [case.name for case in cases]
    return sorted({name for name in names if names.count(name) > 1})
