"""What a finance officer may do to a payment. Every act answers with a redirect: reloading repeats nothing."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from payments.use_cases.act_on_payment import ask_again, resend_webhook
from payments.web.console.guard import SEE_OTHER, Visit
from payments.web.languages import keep_language, language_of


def ask(visit: Visit) -> Response:
    """POST /console/payments/{request_id}/ask: have the provider asked about one attempt, at once."""
    request_id = visit.request.path_params["request_id"]
    ask_again(visit.gateway, visit.actor, request_id, visit.form.get("subject", ""))
    return back(visit, request_id, "asked")


def resend(visit: Visit) -> Response:
    """POST /console/payments/{request_id}/resend: send one webhook again, at once."""
    request_id = visit.request.path_params["request_id"]
    resend_webhook(visit.gateway, visit.actor, request_id, visit.form.get("subject", ""))
    return back(visit, request_id, "resent")


def back(visit: Visit, request_id: str, done: str) -> Response:
    """To the page of the payment, which says that the act ``done`` is done."""
    path = keep_language(language_of(visit.request), f"/console/payments/{request_id}", done=done)
    return RedirectResponse(path, SEE_OTHER)
