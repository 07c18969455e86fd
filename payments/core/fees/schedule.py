"""The model of one schedule file: one legal document, the items it sets and the benefits it grants.

A schedule is never edited after it was published, only superseded by the next version. What is not known is
left out and refused when asked for; it is never written as nought.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from payments.core.fees.areas import refuse_areas
from payments.core.fees.case_model import WorkedCase, named_twice
from payments.core.fees.clauses import (
    ARTICLE_EN,
    ARTICLE_VI,
    NAME_EN,
    NAME_VI,
    Area,
    Benefit,
    Conflict,
    Note,
    ParameterValue,
    RefundRule,
    RefusalNote,
    Retention,
    RoundingRule,
    Transition,
)
from payments.core.fees.exact import read_number
from payments.core.fees.model_basics import Code, Condition, Day, Name, Sentence, Strict
from payments.core.fees.rule_model import Expression
from payments.core.fees.walk import names_of
from payments.core.fees.words import DATE_WORDS, OWN_WORDS, DecidedBy, ItemKind, Territory

FACTS_OF_TRANSITIONS = DATE_WORDS | {"channel", "territory", "collector_status"}


class Document(Strict):
    """A legal text. Two issuers can use one number, so issuer, number and date together name it."""

    number: Annotated[StrictStr, Field(min_length=3, max_length=80)] = Field(
        description="The number, such as 12/2034/TT-BTC."
    )
    issuer_vi: Sentence = Field(description="Who issued it, in Vietnamese.")
    issuer_en: Sentence = Field(description="Who issued it, in English.")
    name_vi: Sentence = Field(description="What it is called in explanations, in Vietnamese.")
    name_en: Sentence = Field(description="What it is called in explanations, in English.")
    signed_on: Day | None = Field(default=None, description="The day it was signed.")


class Source(Strict):
    """Where the figures were read. ``confidence`` is for the officer who compares them with the gazette."""

    confidence: Literal["codified_text", "full_text", "public_pages", "mixed"] = Field(
        description="What was read: the codification, the full text, public pages, or several of them."
    )
    note: Sentence = Field(description="Where, in words.")
    page: StrictStr | None = Field(default=None, description="The address of the page.")
    file_hash: Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="SHA-256 of the file that was read."
    )
    checked_on: Day | None = Field(default=None, description="The day it was read.")


class Item(Strict):
    """One fee (phí), charge (lệ phí) or service price (giá dịch vụ) as one text sets it.

    A service price is no revenue of the State: its collector keeps it whole and gives an invoice.
    """

    code: Code = Field(description="The name of the item, the same in every text that sets it.")
    kind: ItemKind = Field(description="fee (phí), charge (lệ phí) or service_price (giá dịch vụ).")
    name_vi: Sentence = Field(description=NAME_VI)
    name_en: Sentence = Field(description=NAME_EN)
    article_vi: Sentence = Field(description=ARTICLE_VI)
    article_en: Sentence = Field(description=ARTICLE_EN)
    sub_item: Annotated[StrictStr, Field(pattern=r"^[0-9]{4}$")] | None = Field(
        default=None, description="The budget sub-item (tiểu mục); left out where it is not established."
    )
    collector: Name = Field(description="The kind of body that collects it.")
    computed: dict[Name, Expression] = Field(
        default_factory=dict,
        description="Names for what is computed once and used in rules and conditions, such as an age.",
    )
    rule: Expression = Field(description="What is due.")
    effective_from: Day | None = Field(
        default=None, description="The first day, where later than the file's."
    )
    effective_to: Day | None = Field(default=None, description="The last day, where earlier than the file's.")
    decided_by: DecidedBy | None = Field(
        default=None, description="The date that decides, if not the file's."
    )
    rounding: RoundingRule = Field(default=RoundingRule(), description="How the amount becomes whole.")
    not_payable: list[Note] = Field(default_factory=list, description="Cases that the text does not reach.")
    refused: list[RefusalNote] = Field(default_factory=list, description="Cases that are left open.")
    benefits: list[Benefit] = Field(default_factory=list, description="Exemptions, reductions, other prices.")
    stacking: Literal["none", "best", "product", "sum", "chosen"] = Field(
        default="none", description="How several reductions meet."
    )
    chosen_by: Name | None = Field(
        default=None, description="For chosen: the input with the code of the benefit that the payer picks."
    )
    retention: list[Retention] | None = Field(default=None, description="Who keeps what.")
    refunds: list[RefundRule] = Field(default_factory=list, description="What goes back, and when.")

    @model_validator(mode="after")
    def _consistent(self) -> Item:
        if (self.stacking == "chosen") != (self.chosen_by is not None):
            raise ValueError("chosen_by belongs to stacking: chosen, and only to it")
        if self.kind == "charge" and any(read_number(each.kept or "0%") for each in self.retention or ()):
            raise ValueError("a charge (lệ phí) goes to the budget whole: nothing of it is kept")
        if self.kind == "service_price" and (self.retention or self.sub_item):
            raise ValueError(
                "a service price has no budget sub-item and no retention: its collector keeps it"
            )
        self._refuse_order_of_computed()
        codes = [benefit.code for benefit in self.benefits]
        if len(codes) != len(set(codes)):
            raise ValueError("two benefits of the item have one code")
        return self

    def _refuse_order_of_computed(self) -> None:
        """A computed name uses only those above it, so that none needs itself."""
        later = set(self.computed)
        for name, expression in self.computed.items():
            if needed := sorted(names_of(expression) & later):
                raise ValueError(f"computed {name} needs {', '.join(needed)}, which must stand above it")
            later.remove(name)


class Schedule(Strict):
    """One version of one legal document's schedule."""

    schedule: Code = Field(description="The name of the schedule, the same in all its versions.")
    version: Annotated[StrictInt, Field(ge=1)] = Field(description="1, then one more for each correction.")
    document: Document = Field(description="The legal text.")
    source: Source = Field(description="Where the figures were read.")
    territory: Territory = Field(
        default="",
        description="Where it counts: a province, a former province in it, or nothing for everywhere.",
    )
    effective_from: Day | None = Field(
        description="The first day, included; null where it is not established."
    )
    effective_to: Day | None = Field(description="The last day, included; null while there is none.")
    decided_by: DecidedBy = Field(
        default="filed_on", description="The date that decides whether it is in force."
    )
    areas: list[Area] = Field(default_factory=list, description="What area_of_place may be in this file.")
    parameters: list[ParameterValue] = Field(
        default_factory=list, description="Numbers that other rules use."
    )
    items: list[Item] = Field(default_factory=list, description="The fees, charges and prices it sets.")
    benefits: list[Benefit] = Field(
        default_factory=list, description="What it changes of items of other files."
    )
    transitions: list[Transition] = Field(default_factory=list, description="Cases left to older texts.")
    conflicts: list[Conflict] = Field(default_factory=list, description="Where texts disagree.")
    cases: list[WorkedCase] = Field(default_factory=list, description="Cases computed by hand.")

    @model_validator(mode="after")
    def _consistent(self) -> Schedule:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise ValueError("effective_to lies before effective_from")
        if any(benefit.applies_to is None for benefit in self.benefits):
            raise ValueError("a benefit of the whole document says in applies_to which items it covers")
        if any(benefit.applies_to for item in self.items for benefit in item.benefits):
            raise ValueError("a benefit inside an item has no applies_to")
        refuse_areas(self.areas)
        _refuse_strangers(self)
        _named_once(self.cases)
        return self


def _refuse_strangers(schedule: Schedule) -> None:
    """Conflicts and transitions concern items of their own file."""
    own = {item.code for item in schedule.items}
    concerned = [clause.applies_to for clause in schedule.conflicts]
    concerned += [clause.applies_to for clause in schedule.transitions]
    for codes in concerned:
        if strangers := sorted(set(codes or ()) - own):
            raise ValueError(f"applies_to names {', '.join(strangers)}, which this file does not set")
    for transition in schedule.transitions:
        if inputs := sorted(transition.when.keys() - FACTS_OF_TRANSITIONS):
            raise ValueError(f"a transition cannot ask for {', '.join(inputs)}")


class Option(Strict):
    """One answer that a question allows."""

    value: Annotated[StrictStr, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")] = Field(
        description="The word that rules use."
    )
    label_vi: Sentence = Field(description="What people read, in Vietnamese.")
    label_en: Sentence = Field(description="What people read, in English.")


class Input(Strict):
    """One question that a procedure asks. ``whole`` counts things, ``money`` is whole đồng, ``decimal`` is an
    exact decimal in quotes, ``quantities`` gives one decimal per option."""

    name: Name = Field(description="The name that rules use.")
    type: Literal["whole", "money", "decimal", "option", "yes_no", "quantities", "date"] = Field(
        description="What kind of answer it takes."
    )
    label_vi: Sentence = Field(description="The question, in Vietnamese.")
    label_en: Sentence = Field(description="The question, in English.")
    unit_vi: StrictStr = Field(default="", description="What is counted, in Vietnamese: trang.")
    unit_en: StrictStr = Field(default="", description="What is counted, in English and the plural: pages.")
    options: list[Option] = Field(
        default_factory=list, description="The answers of an option, or substances."
    )
    least: StrictInt | None = Field(
        default=None, description="The least number that is taken; 0 if left out."
    )
    most: StrictInt | None = Field(default=None, description="The greatest number that is taken.")
    required: StrictBool = Field(default=True, description="Whether it must be answered.")
    default: StrictInt | StrictStr | StrictBool | None = Field(
        default=None, description="The answer where none is given."
    )

    @model_validator(mode="after")
    def _sensible(self) -> Input:
        if (self.type in ("option", "quantities")) != bool(self.options):
            raise ValueError("options belong to the types option and quantities, and only to them")
        if self.name in OWN_WORDS:
            raise ValueError(f"{self.name} is a word of the language; call the input something else")
        values = [option.value for option in self.options]
        if len(values) != len(set(values)):
            raise ValueError("two options have one value")
        return self


class Charged(Strict):
    """An item that the procedure charges, when it does, and how its inputs are called there.

    ``set`` answers a question of the item once for the whole procedure, for example ``{event: late_birth}``.
    """

    item: Code = Field(description="The code of the item.")
    when: Condition | None = Field(default=None, description="Only when this holds.")
    answers: dict[Name, StrictStr] = Field(
        default_factory=dict, alias="set", description="Questions of the item that this procedure answers."
    )
    inputs: dict[Name, Expression] = Field(
        default_factory=dict, alias="with", description="What the item's inputs are in this procedure."
    )


class ProcedureText(Strict):
    """One administrative procedure. ``code_source`` says whether ``code`` is the national code or our own."""

    code: Annotated[StrictStr, Field(pattern=r"^([0-9]\.[0-9]{6}|TP-[A-Z0-9-]{3,30})$")] = Field(
        description="The national code, such as 9.000001, or our own, such as TP-EXAMPLE."
    )
    code_source: Literal["national", "own"] = Field(description="Whose code it is.")
    name_vi: Sentence = Field(description=NAME_VI)
    name_en: Sentence = Field(description=NAME_EN)
    field_vi: Sentence = Field(description="The field (lĩnh vực), in Vietnamese.")
    field_en: Sentence = Field(description="The field, in English.")
    level: Literal["central", "province", "commune", "court", "notary"] = Field(description="Who decides it.")
    agency: Name = Field(description="The kind of agency that decides it.")
    territory: Territory = Field(default="", description="The territory that counts when a case names none.")
    items: Annotated[list[Charged], Field(min_length=1)] = Field(description="What it charges.")
    inputs: list[Input] = Field(default_factory=list, description="What it asks.")

    @model_validator(mode="after")
    def _marked(self) -> ProcedureText:
        if (self.code_source == "own") != self.code.startswith("TP-"):
            raise ValueError("our own codes begin with TP-, national codes do not")
        names = [given.name for given in self.inputs]
        if len(names) != len(set(names)):
            raise ValueError("two inputs have one name")
        return self


class ProcedureFile(Strict):
    """Procedures of one field: what they ask, and what they charge."""

    procedures: Annotated[list[ProcedureText], Field(min_length=1)] = Field(description="The procedures.")
    cases: list[WorkedCase] = Field(default_factory=list, description="Cases computed by hand.")

    @model_validator(mode="after")
    def _each_case_once(self) -> ProcedureFile:
        _named_once(self.cases)
        return self


def _named_once(cases: list[WorkedCase]) -> None:
    if twice := named_twice(cases):
        raise ValueError(f"two worked cases have one name: {'; '.join(twice)}")
