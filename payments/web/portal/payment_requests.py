"""Payment requests: what a dossier owes, from being asked for to being paid."""

from __future__ import annotations

from payments.store.requests import RequestFilter
from payments.use_cases import read_requests
from payments.use_cases.expire_payment import cancel_request
from payments.use_cases.request_payment import request_payment
from payments.web.portal import told
from payments.web.portal.asked import KeyHeaders, NewPaymentRequest, RequestsSearched
from payments.web.portal.call import Answer, Call
from payments.web.portal.contract import operation
from payments.web.portal.fee_faults import fields_of_an_obligation, fields_of_the_body

TAG = "Payment requests"
PATH = {"request_id": "The `id` of the payment request."}


@operation(tag=TAG, answers=told.PaymentRequest, status=201, refuses=(404, 409))
def create_payment_request(call: Call, json: NewPaymentRequest, headers: KeyHeaders) -> Answer:
    """Ask that a dossier's fee be paid.

    Give `procedure_code` with `inputs` and Thuphi computes the fee, or `obligation` with the lines of a
    notice that another body has set. Send the citizen to `checkout_url`. Where nothing is due the answer is
    `paid` at once and the dossier may go on.

    With an `Idempotency-Key` the call can be repeated safely after a lost answer.
    """
    key = call.idempotency(headers.key)
    of_its_kind = (
        fields_of_an_obligation() if json.obligation else fields_of_the_body(call, json.procedure_code or "")
    )
    with of_its_kind:
        view = request_payment(call.gateway, call.portal_code, json.wish(), key)
    location = {"Location": f"/v1/payment-requests/{view.id}"}
    return Answer(told.PaymentRequest.model_validate(view), 201, location)


@operation(tag=TAG, answers=told.PaymentRequestPage)
def list_payment_requests(call: Call, query: RequestsSearched) -> Answer:
    """List your payment requests, newest first."""
    wanted = RequestFilter(
        state=query.state,
        dossier_code=query.dossier_code,
        procedure_code=query.procedure_code,
        created_from=query.created_from,
        created_to=query.created_to,
    )
    page = read_requests.list_page(call.gateway, call.portal_code, wanted, query.cursor, query.limit)
    return Answer(told.PaymentRequestPage.model_validate(page))


@operation(tag=TAG, answers=told.PaymentRequest, refuses=(404,), path=PATH)
def get_payment_request(call: Call) -> Answer:
    """Show one payment request: its state, lines, payments and receipts."""
    view = read_requests.get_request(call.gateway, call.portal_code, call.path["request_id"])
    return Answer(told.PaymentRequest.model_validate(view))


@operation(tag=TAG, answers=told.PaymentRequest, refuses=(404, 409), path=PATH)
def cancel_payment_request(call: Call) -> Answer:
    """Withdraw a payment request that has not been paid.

    An expired one may be withdrawn too; until then, or until you ask anew for the same, its dossier waits.
    Cancelling twice changes nothing the second time. A paid request is refused: ask for a refund instead.
    """
    view = cancel_request(call.gateway, call.portal_code, call.path["request_id"])
    return Answer(told.PaymentRequest.model_validate(view))
