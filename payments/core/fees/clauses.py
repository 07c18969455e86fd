"""The clauses of a schedule besides its rules: who is freed, who keeps what, what goes back, which reading counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr, model_validator

from payments.core.fees.exact import Rounding, read_number
from payments.core.fees.model_basics import Code, Condition, Day, Exact, Name, Sentence, Strict
from payments.core.fees.rule_model import Expression
from payments.core.fees.soundness import refuse_rate_above_one
from payments.core.fees.words import Channel, DecidedBy, Percentage, Territory

ARTICLE_VI = "The article that says so, in Vietnamese."
ARTICLE_EN = "The article that says so, in English."
NAME_VI = "The name, in Vietnamese."
NAME_EN = "The name, in English."


class RoundingRule(Strict):
    """How an item's amount becomes whole: to a multiple of ``to_dong``, once, at the end."""

    way: Rounding = Field(default="half_up", description="half_up, half_even, up or down.")
    to_dong: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = Field(
        default=1, description="To a multiple of this many đồng."
    )


class Note(Strict):
    """A condition and what it means, for people."""

    when: Condition = Field(description="When it counts.")
    reason_vi: Sentence = Field(description="Why, in Vietnamese.")
    reason_en: Sentence = Field(description="Why, in English.")


class RefusalNote(Note):
    """A case that the text, or the data, leaves open."""

    code: Literal["no_rate_in_force", "value_not_covered", "out_of_scope", "conflicting_texts"] = Field(
        description="The code of the refusal."
    )


class Retention(Strict):
    """How an item's amount is shared out when a collector of one of these statuses takes it.

    ``kept`` is a percentage that the collector keeps, the rest going to the State budget; ``shares`` names
    every part and must come to 100%. The đồng that does not divide goes to ``odd_dong_to``.
    """

    status: Annotated[list[Name], Field(min_length=1)] = Field(
        description="The statuses of collectors: lump_sum, budget, one of the text's own, or any."
    )
    when: Condition | None = Field(default=None, description="Only when this holds.")
    from_: Day | None = Field(
        default=None, alias="from", description="The first day of payment it counts for."
    )
    until: Day | None = Field(default=None, description="The last day of payment it counts for.")
    kept: Percentage | None = Field(
        default=None, description="What the collector keeps; the budget has the rest."
    )
    shares: dict[Name, Percentage] | None = Field(default=None, description="Or every part by its name.")
    odd_dong_to: Name = Field(default="state_budget", description="The part that takes đồng left over.")
    document: Literal["receipt", "invoice"] = Field(default="receipt", description="What the payer is given.")

    @model_validator(mode="after")
    def _whole(self) -> Retention:
        if (self.kept is None) == (self.shares is None):
            raise ValueError("give either kept or shares")
        shares = self.shares or {}
        if self.shares is not None and sum(read_number(share) for share in shares.values()) != 1:
            raise ValueError("the shares do not come to 100%")
        if self.kept is not None and read_number(self.kept) > 1:
            raise ValueError("more than 100% cannot be kept")
        _refuse_backward(self.from_, self.until)
        return self


def _refuse_backward(begin: Day | None, end: Day | None) -> None:
    if begin is not None and end is not None and end < begin:
        raise ValueError("until lies before from")


class Quota(Strict):
    """How often a benefit may be had. Beyond it the benefit does not apply, and the quote says so."""

    times: Annotated[StrictInt, Field(ge=1)] = Field(description="How many times.")
    per_vi: Sentence = Field(description="For what, in Vietnamese: mỗi người một năm.")
    per_en: Sentence = Field(description="For what, in English: for each person in a year.")
    used: Name = Field(description="The input that says how often it was had before; without it: refused.")


class Benefit(Strict):
    """Something that makes an item cheaper, or free, for some people, on a channel, or for a time.

    ``effect``: ``exempt`` (nothing due, recorded as an exemption), ``zero`` (the text sets 0 đồng), ``pay``
    (``value`` of the amount stays, such as ``"50%"``), ``less`` (``value`` đồng off), ``instead`` (another
    rule replaces the rule), ``granted`` (an officer grants a share off, given as the input ``granted_by``, at
    most ``ceiling``), ``paid_by_budget`` (a budget pays; the fee still arises).
    ``share`` limits the benefit to that part of the amount. ``value`` and ``share`` may read ``amount``, what
    would be due without the benefit.
    """

    code: Name = Field(description="A short name, once in the item.")
    name_vi: Sentence = Field(description=NAME_VI)
    name_en: Sentence = Field(description=NAME_EN)
    article_vi: StrictStr = Field(default="", description=ARTICLE_VI)
    article_en: StrictStr = Field(default="", description=ARTICLE_EN)
    effect: Literal["exempt", "zero", "pay", "less", "instead", "granted", "paid_by_budget"] = Field(
        description="What it does."
    )
    value: Expression | None = Field(default=None, description="How much, for pay, less and instead.")
    share: Expression | None = Field(default=None, description="The part of the amount that it covers.")
    granted_by: Name | None = Field(default=None, description="For granted: the input with the share off.")
    ceiling: Percentage | None = Field(default=None, description="For granted: the most that may be granted.")
    beneficiaries: Annotated[list[Name], Field(min_length=1)] | None = Field(
        default=None, description="The groups that have it; everybody if left out."
    )
    channels: Annotated[list[Channel], Field(min_length=1)] | None = Field(
        default=None, description="The channels on which it counts; all if left out."
    )
    when: Condition | None = Field(default=None, description="Only when this holds.")
    from_: Day | None = Field(default=None, alias="from", description="The first day.")
    until: Day | None = Field(default=None, description="The last day.")
    decided_by: DecidedBy | None = Field(default=None, description="The date that these days mean.")
    quota: Quota | None = Field(default=None, description="How often it may be had.")
    evidence_vi: StrictStr = Field(default="", description="The paper that proves it, in Vietnamese.")
    evidence_en: StrictStr = Field(default="", description="The paper that proves it, in English.")
    applies_to: Annotated[list[Code], Field(min_length=1)] | None = Field(
        default=None, description="For a benefit of the whole document: the items it counts for."
    )

    @model_validator(mode="after")
    def _complete(self) -> Benefit:
        if (self.effect in ("pay", "less", "instead")) != (self.value is not None):
            raise ValueError("value belongs to the effects pay, less and instead, and only to them")
        if (self.effect == "granted") != (self.granted_by is not None and self.ceiling is not None):
            raise ValueError("granted_by and ceiling belong to the effect granted, and only to it")
        if bool(self.evidence_vi) != bool(self.evidence_en):
            raise ValueError("name the evidence in both languages")
        _refuse_backward(self.from_, self.until)
        for rate in (self.value if self.effect == "pay" else None, self.share, self.ceiling):
            refuse_rate_above_one(rate)
        return self


class RefundRule(Strict):
    """What part of a paid item goes back for an event after payment."""

    event: Name = Field(description="The event, such as withdrawn.")
    returned: Percentage = Field(description="The part that goes back.")
    article_vi: StrictStr = Field(default="", description=ARTICLE_VI)
    article_en: StrictStr = Field(default="", description=ARTICLE_EN)

    @model_validator(mode="after")
    def _part(self) -> RefundRule:
        refuse_rate_above_one(self.returned)
        return self


class ParameterValue(Strict):
    """A number other rules use; ``least`` and ``most`` bind the texts that set it for a territory."""

    code: Code = Field(description="The name under which rules use it.")
    name_vi: Sentence = Field(description=NAME_VI)
    name_en: Sentence = Field(description=NAME_EN)
    article_vi: StrictStr = Field(default="", description=ARTICLE_VI)
    article_en: StrictStr = Field(default="", description=ARTICLE_EN)
    value: Exact | None = Field(
        default=None, description="The number or rate; left out where it is not set here."
    )
    least: Exact | None = Field(default=None, description="Texts of a territory set no less.")
    most: Exact | None = Field(default=None, description="Texts of a territory set no more.")


class Conflict(Strict):
    """Texts, or a table and its formula, that disagree; what was decided, by whom and when.

    Undecided while ``decided_by`` is empty: then the items in ``applies_to`` are refused
    (``conflicting_texts``). A decision is told with the amount.
    """

    about_vi: Sentence = Field(description="What they disagree about, in Vietnamese.")
    about_en: Sentence = Field(description="What they disagree about, in English.")
    readings: Annotated[list[Sentence], Field(min_length=2)] = Field(
        description="The readings, each with its text."
    )
    applies_to: Annotated[list[Code], Field(min_length=1)] | None = Field(
        default=None, description="The items of this file that it concerns; none if left out."
    )
    when: Condition | None = Field(default=None, description="The cases that it concerns; all if left out.")
    decided_by: StrictStr = Field(
        default="", description="Who decided, with the office; empty while undecided."
    )
    decided_on: Day | None = Field(default=None, description="When it was decided.")
    decision_vi: StrictStr = Field(default="", description="What counts now, in Vietnamese.")
    decision_en: StrictStr = Field(default="", description="What counts now, in English.")

    @model_validator(mode="after")
    def _decided(self) -> Conflict:
        if bool(self.decided_by) != (self.decided_on is not None):
            raise ValueError("a decision has decided_by and decided_on, both or neither")
        if self.decided_by and self.applies_to and not (self.decision_vi and self.decision_en):
            raise ValueError("say in decision_vi and decision_en what was decided")
        return self


class Transition(Strict):
    """Cases that an older text still governs although this one is in force."""

    when: Condition = Field(
        description="The cases; it may ask for dates, channel, territory and status, not for inputs."
    )
    older: list[Code] = Field(
        default_factory=list,
        description="The schedules that still govern, of one or several territories; none: refused as not on file.",
    )
    applies_to: Annotated[list[Code], Field(min_length=1)] | None = Field(
        default=None, description="The items of this file that it concerns; all if left out."
    )
    article_vi: StrictStr = Field(default="", description=ARTICLE_VI)
    article_en: StrictStr = Field(default="", description=ARTICLE_EN)


class Area(Strict):
    """Territories that a text treats alike. One without ``within`` is everything that no other covers."""

    name: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")] = Field(
        description="The name by which rules ask for it, such as I."
    )
    within: list[Territory] = Field(default_factory=list, description="The territories it is made of.")
    without: list[Territory] = Field(
        default_factory=list, alias="except", description="Territories inside these that do not belong to it."
    )
