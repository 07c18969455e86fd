"""The forms by which officers give money back. Each takes a second person; a refusal changes nothing.

What is done answers with a redirect, so that reloading repeats nothing. What is refused shows the same page again
with the reason in one sentence and what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.responses import Response

from payments.core.refusals import Conflict, Invalid
from payments.use_cases.decide_refund import (
    approve_money_back,
    ask_for_money_back,
    end_money_back,
    reject_money_back,
)
from payments.web.console.actions import back
from payments.web.console.filters import read_amount
from payments.web.console.guard import Visit
from payments.web.console.pages import MOST_REASON, show_payment


def ask_refund(visit: Visit) -> Response:
    """POST /console/payments/{request_id}/refunds: ask for money back; somebody else has to approve it."""

    def act(request_id: str) -> None:
        reason = _reason(visit.form)
        amount_dong = _amount(visit.form)
        payment_id = visit.form.get("payment", "")
        ask_for_money_back(visit.gateway, visit.actor, request_id, payment_id, amount_dong, reason)

    return _answer(visit, act, "refund_asked")


def approve(visit: Visit) -> Response:
    """POST /console/payments/{request_id}/refunds/approve: the second person agrees."""
    reference = visit.form.get("subject", "")
    return _answer(
        visit,
        lambda request_id: approve_money_back(visit.gateway, visit.actor, request_id, reference),
        "refund_approved",
    )


def reject(visit: Visit) -> Response:
    """POST /console/payments/{request_id}/refunds/reject: refuse it and say why."""

    def act(request_id: str) -> None:
        reason = _reason(visit.form)
        reference = visit.form.get("subject", "")
        reject_money_back(visit.gateway, visit.actor, request_id, reference, reason)

    return _answer(visit, act, "refund_rejected")


def end(visit: Visit) -> Response:
    """POST /console/payments/{request_id}/refunds/end: write down how it ended, by the bank's evidence."""

    def act(request_id: str) -> None:
        evidence = _reason(visit.form, "evidence")
        happened = _outcome(visit.form)
        reference = visit.form.get("subject", "")
        end_money_back(
            visit.gateway, visit.actor, request_id, reference, happened=happened, evidence=evidence
        )

    return _answer(visit, act, "refund_ended")


def _answer(visit: Visit, act: Callable[[str], None], done: str) -> Response:
    request_id = visit.request.path_params["request_id"]
    try:
        act(request_id)
    except (Conflict, Invalid) as refused:
        return show_payment(visit, refused)
    return back(visit, request_id, done)


def _amount(form: Mapping[str, str]) -> int:
    try:
        amount_dong = read_amount(form.get("amount", "").strip())
    except ValueError:
        amount_dong = 0
    if amount_dong == 0:
        raise Invalid(
            "wrong_amount",
            "Số tiền hoàn không đúng; hãy viết như 1.250.000.",
            "Not an amount to give back; write it like 1,250,000.",
        )
    return amount_dong


def _outcome(form: Mapping[str, str]) -> bool:
    outcomes = {"done": True, "failed": False}
    if form.get("outcome") not in outcomes:
        raise Invalid(
            "outcome_missing",
            "Hãy chọn: ngân hàng đã hoàn hay không hoàn.",
            "Please choose whether the bank gave the money back or not.",
        )
    return outcomes[form["outcome"]]


def _reason(form: Mapping[str, str], name: str = "reason") -> str:
    """What was typed as a reason or as evidence, without control characters, which no database column holds."""
    typed = "".join(letter if letter.isprintable() else " " for letter in form.get(name, ""))
    reason = " ".join(typed.split())
    if not reason:
        raise Invalid("reason_missing", "Hãy ghi lý do.", "Please say why.")
    if len(reason) > MOST_REASON:
        raise Invalid(
            "reason_too_long",
            f"Lý do dài quá {MOST_REASON} ký tự.",
            f"The reason is longer than {MOST_REASON} characters.",
        )
    return reason
