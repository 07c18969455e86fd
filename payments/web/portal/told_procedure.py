"""One procedure as a portal needs it to draw a form: every label in both languages, every limit that counts."""

from __future__ import annotations

from payments.core.fees.catalogue import Procedure
from payments.core.fees.inputs import MOST_BY_TYPE
from payments.core.fees.schedule import Input
from payments.core.fees.tariff import Teller, ToldItem
from payments.web.portal import told_fees as told

CHANNELS = ("online", "counter", "post")


def told_procedure(procedure: Procedure, vietnamese: Teller, english: Teller) -> told.Procedure:
    """``procedure`` for the API; the two tellers tell its items and groups."""
    in_vietnamese, in_english = vietnamese.tariff(procedure), english.tariff(procedure)
    summary = told.ProcedureSummary.model_validate(procedure)
    return told.Procedure(
        **summary.model_dump(),
        inputs=tuple(_input(question) for question in procedure.inputs),
        beneficiaries=procedure.beneficiaries,
        beneficiary_choices=tuple(
            told.Option(value=code, label_vi=vietnamese.group(code), label_en=english.group(code))
            for code in procedure.beneficiaries
        ),
        channels=tuple(
            told.Option(value=code, label_vi=vietnamese.channel(code), label_en=english.channel(code))
            for code in CHANNELS
        ),
        items=tuple(_item(*pair) for pair in zip(in_vietnamese.items, in_english.items, strict=True)),
    )


def _input(question: Input) -> told.Input:
    """With the limits that count where the question has none of its own."""
    asked = told.Input.model_validate(question)
    if question.type not in MOST_BY_TYPE:
        return asked
    least = 0 if question.least is None else question.least
    most = MOST_BY_TYPE[question.type] if question.most is None else question.most
    return asked.model_copy(update={"least": least, "most": most})


def _item(vietnamese: ToldItem, english: ToldItem) -> told.ChargedItem:
    return told.ChargedItem.model_validate(
        {
            "item_code": vietnamese.code,
            "kind": vietnamese.kind,
            "name_vi": vietnamese.name,
            "name_en": english.name,
            "is_set": bool(vietnamese.now),
            "legal_bases_vi": tuple(text.legal_basis for text in vietnamese.now),
            "legal_bases_en": tuple(text.legal_basis for text in english.now),
        }
    )
