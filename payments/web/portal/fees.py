"""Procedures, their questions, and what a case would cost."""

from __future__ import annotations

from payments.use_cases.request_payment import quote_fee
from payments.use_cases.tariffs import find_procedures, tariff_procedure, tariff_teller
from payments.web.portal import told_fees as told
from payments.web.portal.asked import Case, ProceduresSearched
from payments.web.portal.call import Answer, Call
from payments.web.portal.contract import operation
from payments.web.portal.fee_faults import fields_of_the_body
from payments.web.portal.told_procedure import told_procedure

TAG = "Fees"


@operation(tag=TAG, answers=told.ProcedureList)
def list_procedures(call: Call, query: ProceduresSearched) -> Answer:
    """List the procedures of the catalogue, or search for some."""
    found = find_procedures(call.gateway, query.query or "", query.field or "", query.level or "")
    codes = [each.code for each in found]
    # A page whose last procedure left the catalogue meanwhile is followed by the first one again.
    start = codes.index(query.cursor) + 1 if query.cursor in codes else 0
    shown = found[start : start + query.limit]
    more = start + query.limit < len(found)
    items = tuple(told.ProcedureSummary.model_validate(each) for each in shown)
    return Answer(told.ProcedureList(items=items, next_cursor=shown[-1].code if more else None))


@operation(
    tag=TAG,
    answers=told.Procedure,
    refuses=(404,),
    path={"procedure_code": "The national code, such as `2.000815`, or a code of this installation."},
)
def get_procedure(call: Call) -> Answer:
    """Show one procedure and the questions it asks.

    Draw a form from `inputs`: labels in both languages, the type, the unit, the limits and the default of each; offer
    `channels` and `beneficiary_choices` beside them.
    """
    procedure = tariff_procedure(call.gateway, call.path["procedure_code"])
    vietnamese, english = tariff_teller(call.gateway, "vi"), tariff_teller(call.gateway, "en")
    return Answer(told_procedure(procedure, vietnamese, english))


@operation(tag=TAG, answers=told.Quote, refuses=(404,))
def create_quote(call: Call, json: Case) -> Answer:
    """Compute what a case would cost.

    Nothing is stored, and a quote does not bind: the fee is fixed when a payment request is made.
    """
    with fields_of_the_body(call, json.procedure_code):
        return Answer(told.Quote.model_validate(quote_fee(call.gateway, json.wish())))
