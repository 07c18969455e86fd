"""Procedures, their questions, and what a case would cost."""

from __future__ import annotations

from payments.core.fees.catalogue import Procedure
from payments.core.fees.refusals import FeeRefusal
from payments.core.refusals import NotFound
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.request_payment import quote_fee
from payments.web.portal import told_fees as told
from payments.web.portal.asked import Case
from payments.web.portal.call import Answer, Call
from payments.web.portal.contract import operation
from payments.web.portal.fee_faults import fields_of_the_body

TAG = "Fees"


@operation(tag=TAG, answers=told.ProcedureList)
def list_procedures(call: Call) -> Answer:
    """List the procedures of the catalogue."""
    procedures = current_catalogue(call.gateway).procedures()
    items = tuple(told.ProcedureSummary.model_validate(each) for each in procedures)
    return Answer(told.ProcedureList(items=items))


@operation(
    tag=TAG,
    answers=told.Procedure,
    refuses=(404,),
    path={"procedure_code": "The national code, such as `2.000815`, or a code of this installation."},
)
def get_procedure(call: Call) -> Answer:
    """Show one procedure and the questions it asks.

    Draw a form from `inputs`: labels in both languages, the type, the limits and the default of each.
    """
    return Answer(told.Procedure.model_validate(_procedure(call, call.path["procedure_code"])))


@operation(tag=TAG, answers=told.Quote, refuses=(404,))
def create_quote(call: Call, json: Case) -> Answer:
    """Compute what a case would cost.

    Nothing is stored, and a quote does not bind: the fee is fixed when a payment request is made.
    """
    with fields_of_the_body(call, json.procedure_code):
        return Answer(told.Quote.model_validate(quote_fee(call.gateway, json.wish())))


def _procedure(call: Call, code: str) -> Procedure:
    try:
        return current_catalogue(call.gateway).procedure(code)
    except FeeRefusal as refusal:
        raise NotFound(refusal.code, refusal.message_vi, refusal.message_en) from None
