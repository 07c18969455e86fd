"""The model of one schedule file: one legal document, the items it sets and the benefits it grants.

A schedule is never edited after it was published, only superseded by the next version. What is not known is
left out and refused when asked for; it is never written as nought.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from payments.core.fees.case_model import WorkedCase, named_twice
from payments.core.fees.exact import Rounding, read_number
from payments.core.fees.rule_model import Code, Condition, Day, Expression, Name, Sentence, Strict
from payments.core.fees.words import Channel, DecidedBy, Percentage, Territory


class Document(Strict):
    """A legal text. Two issuers can use one number, so issuer, number and date together name it."""

    number: Annotated[StrictStr, Field(min_length=3, max_length=80)]
    issuer_vi: Sentence
    issuer_en: Sentence
    name_vi: Sentence
    name_en: Sentence
    signed_on: Day | None = None


class Source(Strict):
    """Where the figures were read. ``confidence`` is for the officer who compares them with the gazette."""

    confidence: Literal["codified_text", "full_text", "public_pages", "mixed"]
    note: Sentence
    page: StrictStr | None = None
    checked_on: Day | None = None


class RoundingRule(Strict):
    """How an item's amount becomes whole: to a multiple of ``to_dong``, once, at the end."""

    way: Rounding = "half_up"
    to_dong: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = 1


class Note(Strict):
    """A condition and what it means, for people."""

    when: Condition
    reason_vi: Sentence
    reason_en: Sentence


class RefusalNote(Note):
    code: Literal["no_rate_in_force", "value_not_covered", "out_of_scope", "conflicting_texts"]


class Retention(Strict):
    """How an item's amount is shared out when a collector of one of these statuses takes it.

    ``kept`` is a percentage that the collector keeps, the rest going to the State budget; ``shares`` names
    every part and must come to 100%. The đồng that does not divide goes to ``odd_dong_to``.
    """

    status: Annotated[list[Name], Field(min_length=1)]
    when: Condition | None = None
    kept: Percentage | None = None
    shares: dict[Name, Percentage] | None = None
    odd_dong_to: Name = "state_budget"
    document: Literal["receipt", "invoice"] = "receipt"

    @model_validator(mode="after")
    def _whole(self) -> Retention:
        if (self.kept is None) == (self.shares is None):
            raise ValueError("give either kept or shares")
        shares = self.shares or {}
        if self.shares is not None and sum(read_number(share) for share in shares.values()) != 1:
            raise ValueError("the shares do not come to 100%")
        if self.kept is not None and read_number(self.kept) > 1:
            raise ValueError("more than 100% cannot be kept")
        return self


class Benefit(Strict):
    """Something that makes an item cheaper, or free, for some people, on a channel, or for a time.

    ``effect``: ``exempt`` (nothing due, recorded as an exemption), ``zero`` (the text sets 0 đồng), ``pay``
    (``value`` of the amount stays, such as ``"50%"``), ``less`` (``value`` đồng off), ``instead`` (another
    rule replaces the rule), ``granted`` (an officer grants a share off, given as the input ``granted_by``, at
    most ``ceiling``), ``paid_by_budget`` (a budget pays; the fee still arises).
    ``share`` limits the benefit to that part of the amount.
    """

    code: Name
    name_vi: Sentence
    name_en: Sentence
    article_vi: StrictStr = ""
    article_en: StrictStr = ""
    effect: Literal["exempt", "zero", "pay", "less", "instead", "granted", "paid_by_budget"]
    value: Expression | None = None
    share: Expression | None = None
    granted_by: Name | None = None
    ceiling: Percentage | None = None
    beneficiaries: Annotated[list[Name], Field(min_length=1)] | None = None
    channels: Annotated[list[Channel], Field(min_length=1)] | None = None
    when: Condition | None = None
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    decided_by: DecidedBy | None = None
    evidence_vi: StrictStr = ""
    applies_to: Annotated[list[Code], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Benefit:
        if (self.effect in ("pay", "less", "instead")) != (self.value is not None):
            raise ValueError("value belongs to the effects pay, less and instead, and only to them")
        if (self.effect == "granted") != (self.granted_by is not None and self.ceiling is not None):
            raise ValueError("granted_by and ceiling belong to the effect granted, and only to it")
        if self.from_ is not None and self.until is not None and self.until < self.from_:
            raise ValueError("until lies before from")
        return self


class RefundRule(Strict):
    """What part of a paid item goes back for an event after payment."""

    event: Name
    returned: Percentage
    article_vi: StrictStr = ""
    article_en: StrictStr = ""


class Item(Strict):
    """One fee (phí) or charge (lệ phí) as one text sets it."""

    code: Code
    kind: Literal["fee", "charge"]
    name_vi: Sentence
    name_en: Sentence
    article_vi: Sentence
    article_en: Sentence
    sub_item: Annotated[StrictStr, Field(pattern=r"^[0-9]{4}$")] | None = None
    collector: Name
    rule: Expression
    effective_from: Day | None = None
    effective_to: Day | None = None
    rounding: RoundingRule = RoundingRule()
    not_payable: list[Note] = Field(default_factory=list)
    refused: list[RefusalNote] = Field(default_factory=list)
    benefits: list[Benefit] = Field(default_factory=list)
    stacking: Literal["none", "best", "product", "sum"] = "none"
    retention: list[Retention] | None = None
    refunds: list[RefundRule] = Field(default_factory=list)


class ParameterValue(Strict):
    """A number other rules use; ``least`` and ``most`` bind the texts that set it for a territory."""

    code: Code
    name_vi: Sentence
    name_en: Sentence
    article_vi: StrictStr = ""
    article_en: StrictStr = ""
    value: StrictInt | StrictStr | None = None
    least: StrictInt | StrictStr | None = None
    most: StrictInt | StrictStr | None = None


class Conflict(Strict):
    """Texts that disagree, what was decided, by whom and when; undecided when ``decided_by`` is empty."""

    about_vi: Sentence
    about_en: Sentence
    readings: Annotated[list[Sentence], Field(min_length=2)]
    decided_by: StrictStr = ""
    decided_on: Day | None = None


class Schedule(Strict):
    """One version of one legal document's schedule."""

    schedule: Code
    version: Annotated[StrictInt, Field(ge=1)]
    document: Document
    source: Source
    territory: Territory = ""
    effective_from: Day | None
    effective_to: Day | None
    decided_by: DecidedBy = "filed_on"
    parameters: list[ParameterValue] = Field(default_factory=list)
    items: list[Item] = Field(default_factory=list)
    benefits: list[Benefit] = Field(default_factory=list)
    conflicts: list[Conflict] = Field(default_factory=list)
    cases: list[WorkedCase] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Schedule:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from")
        if any(benefit.applies_to is None for benefit in self.benefits):
            raise ValueError("a benefit of the whole document says in applies_to which items it covers")
        if any(benefit.applies_to for item in self.items for benefit in item.benefits):
            raise ValueError("a benefit inside an item has no applies_to")
        _named_once(self.cases)
        return self


class Input(Strict):
    """One question that a procedure asks. ``whole`` counts things, ``money`` is whole đồng, ``decimal`` is an
    exact decimal in quotes, ``quantities`` gives one decimal per option."""

    name: Name
    type: Literal["whole", "money", "decimal", "option", "yes_no", "quantities", "date"]
    label_vi: Sentence
    label_en: Sentence
    unit_vi: StrictStr = ""
    unit_en: StrictStr = ""
    options: list[Option] = Field(default_factory=list)
    least: StrictInt | None = None
    most: StrictInt | None = None
    required: StrictBool = True
    default: StrictInt | StrictStr | StrictBool | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Input:
        if (self.type in ("option", "quantities")) != bool(self.options):
            raise ValueError("options belong to the types option and quantities, and only to them")
        return self


class Option(Strict):
    value: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")]
    label_vi: Sentence
    label_en: Sentence


class Charged(Strict):
    """An item that the procedure charges, when it does, and how its inputs are called there.

    ``set`` answers a question of the item once for the whole procedure, for example ``{event: late_birth}``.
    """

    item: Code
    when: Condition | None = None
    answers: dict[Name, StrictStr] = Field(default_factory=dict, alias="set")
    inputs: dict[Name, Expression] = Field(default_factory=dict, alias="with")


class ProcedureText(Strict):
    """One administrative procedure. ``code_source`` says whether ``code`` is the national code or our own."""

    code: Annotated[StrictStr, Field(pattern=r"^([0-9]\.[0-9]{6}|TP-[A-Z0-9-]{3,30})$")]
    code_source: Literal["national", "own"]
    name_vi: Sentence
    name_en: Sentence
    field_vi: Sentence
    field_en: Sentence
    level: Literal["central", "province", "commune", "court", "notary"]
    agency: Name
    territory: Territory = ""
    items: Annotated[list[Charged], Field(min_length=1)]
    inputs: list[Input] = Field(default_factory=list)

    @model_validator(mode="after")
    def _marked(self) -> ProcedureText:
        if (self.code_source == "own") != self.code.startswith("TP-"):
            raise ValueError("our own codes begin with TP-, national codes do not")
        names = [given.name for given in self.inputs]
        if len(names) != len(set(names)):
            raise ValueError("two inputs have one name")
        return self


class ProcedureFile(Strict):
    procedures: Annotated[list[ProcedureText], Field(min_length=1)]
    cases: list[WorkedCase] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_case_once(self) -> ProcedureFile:
        _named_once(self.cases)
        return self


def _named_once(cases: list[WorkedCase]) -> None:
    if twice := named_twice(cases):
        raise ValueError(f"two worked cases have one name: {'; '.join(twice)}")
