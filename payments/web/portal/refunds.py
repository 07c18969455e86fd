"""Refunds that a portal asks for; an officer approves them."""

from __future__ import annotations

from payments.use_cases.portal_refunds import ask_refund, list_refunds
from payments.web.portal import told
from payments.web.portal.asked import KeyHeaders, NewRefund
from payments.web.portal.call import Answer, Call
from payments.web.portal.contract import operation
from payments.web.portal.payment_requests import PATH

TAG = "Refunds"


@operation(tag=TAG, answers=told.Refund, status=201, refuses=(404, 409), path=PATH)
def create_refund(call: Call, json: NewRefund, headers: KeyHeaders) -> Answer:
    """Ask to give back a part or all of what was paid.

    The amount is reserved at once, so that refunds together never exceed what was paid. An officer of the
    collecting agency approves or rejects it; the event `refund.done` tells when the money is on its way.
    """
    view = ask_refund(
        call.gateway,
        call.portal_code,
        call.path["request_id"],
        json.amount_dong,
        json.reason,
        call.idempotency(headers.key),
    )
    return Answer(told.Refund.model_validate(view), 201)


@operation(tag=TAG, answers=told.RefundList, refuses=(404,), path=PATH)
def list_refunds_of_request(call: Call) -> Answer:
    """List the refunds of a payment request, oldest first."""
    views = list_refunds(call.gateway, call.portal_code, call.path["request_id"])
    return Answer(told.RefundList(items=tuple(told.Refund.model_validate(view) for view in views)))
