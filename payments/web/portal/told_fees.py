"""What Thuphi answers about fees: procedures with their questions, and what a case would cost."""

from __future__ import annotations

from pydantic import Field

from payments.web.portal.meanings import (
    AmountDong,
    ExplanationEn,
    ExplanationVi,
    ItemCode,
    LegalBasisEn,
    LegalBasisVi,
    LineKind,
    NameEn,
    NameVi,
    Outcome,
    ProcedureCode,
    ScheduleId,
    ScheduleVersion,
    SubItem,
    TotalDong,
    Trace,
)
from payments.web.portal.told import Schedule
from payments.web.portal.words import Told


class Option(Told):
    """One of the answers that a question offers."""

    value: str = Field(description="What to send.")
    label_vi: str = Field(description="What people read, in Vietnamese.")
    label_en: str = Field(description="The same in English.")


class Input(Told):
    """One question that a procedure asks."""

    name: str = Field(description="Its name in `inputs`.", examples=["pages"])
    type: str = Field(
        description="`whole`, `money` (whole đồng), `decimal` (in quotes), `option`, `yes_no`, `quantities`"
        " (a decimal for each option) or `date`.",
        examples=["whole"],
    )
    label_vi: str = Field(description="The question in Vietnamese.", examples=["Số trang"])
    label_en: str = Field(description="The question in English.", examples=["Pages"])
    unit_vi: str = Field(
        description="What a number counts, in Vietnamese; empty where nothing is counted.", examples=["trang"]
    )
    unit_en: str = Field(description="The same in English.", examples=["pages"])
    options: tuple[Option, ...] = Field(
        description="The answers to choose from, for `option` and `quantities`; none otherwise."
    )
    least: int | None = Field(
        description="The smallest number that is taken; null where the answer is no number.", examples=[1]
    )
    most: int | None = Field(
        description="The largest number that is taken; null where the answer is no number.", examples=[10000]
    )
    required: bool = Field(
        description="Whether it must be answered where it has no default.", examples=[True]
    )
    default: int | str | bool | None = Field(
        description="What counts when it is not answered; null for nothing.", examples=[1]
    )


class ProcedureSummary(Told):
    """An administrative procedure of the catalogue."""

    code: ProcedureCode
    name_vi: NameVi
    name_en: NameEn
    field_vi: str = Field(description="Its field of administration, in Vietnamese.", examples=["Chứng thực"])
    field_en: str = Field(description="The same in English.", examples=["Certification"])
    level: str = Field(
        description="Which level decides it: `central`, `province`, `commune`, `court` or `notary`.",
        examples=["commune"],
    )


class ChargedItem(Told):
    """A fee, charge or service price that a procedure charges."""

    item_code: ItemCode
    kind: LineKind
    name_vi: NameVi
    name_en: NameEn
    is_set: bool = Field(
        description="Whether a text sets its rate today; false means that it is not known, never that it is 0."
    )
    legal_bases_vi: tuple[str, ...] = Field(
        description="The texts that set it today, the nearest territory's first, in Vietnamese."
    )
    legal_bases_en: tuple[str, ...] = Field(description="The same in English.")


class Procedure(ProcedureSummary):
    """A procedure with the questions that it asks."""

    inputs: tuple[Input, ...] = Field(description="Its questions, in the order in which to ask them.")
    beneficiaries: tuple[str, ...] = Field(
        description="Groups that make a difference to its fee: what `beneficiaries` of a case may name here."
    )
    beneficiary_choices: tuple[Option, ...] = Field(description="The same groups with what people read.")
    channels: tuple[Option, ...] = Field(
        description="What `channel` of a case may be, with what people read."
    )
    items: tuple[ChargedItem, ...] = Field(description="What it charges.")


class ProcedureList(Told):
    """Procedures of the catalogue."""

    items: tuple[ProcedureSummary, ...] = Field(
        description="By code; the best match first where one searches."
    )
    next_cursor: str | None = Field(
        description="Give it as `cursor` for the next page; null on the last.", examples=["2.000815"]
    )


class QuoteLine(Told):
    """One item that would be owed."""

    item_code: ItemCode
    kind: LineKind
    outcome: Outcome
    name_vi: NameVi
    name_en: NameEn
    amount_dong: AmountDong
    collector: str = Field(
        description="The kind of body that collects it, a name for `collectors` of a payment request; empty where"
        " the deciding agency does.",
        examples=["land_office"],
    )
    sub_item: SubItem
    legal_basis_vi: LegalBasisVi
    legal_basis_en: LegalBasisEn
    explanation_vi: ExplanationVi
    explanation_en: ExplanationEn
    schedule_id: ScheduleId
    schedule_version: ScheduleVersion
    trace: Trace


class Quote(Told):
    """What a case would cost today; nothing is stored."""

    procedure_code: ProcedureCode
    procedure_name_vi: NameVi
    procedure_name_en: NameEn
    total_dong: TotalDong
    lines: tuple[QuoteLine, ...] = Field(description="Every item, also those that come to nought.")
    schedules: tuple[Schedule, ...] = Field(description="The fee schedules that were used.")
