"""Give money back: asked for by one, approved by another, sent to the provider once, followed to its end.

The amount is reserved on the payment when the refund is asked for, so that refunds together never exceed what was
paid, whatever happens at once. A refund is sent once: where its outcome stays unknown, the amount stays reserved and an
officer is told, because a second request could give the money back twice. People are named in one form everywhere
("user:…", "portal:…", "system"), so that who asks is never taken for somebody else when it comes to approving.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.decide import Trouble
from payments.core.ledger import Transfer
from payments.core.lifecycle import REFUND, ForbiddenTransition, RefundEvent, RefundState, follow
from payments.core.references import sortable
from payments.core.refund_shares import paid_back, promise, withdraw
from payments.core.refusals import Conflict, NotFound
from payments.store import refunds as store
from payments.store import settling
from payments.store.attempts import get_attempt
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.use_cases.announce import Announcement, announce
from payments.use_cases.ask_for_refund import ask_for_refund
from payments.use_cases.gateway import Gateway
from payments.use_cases.start_checkout import order_of
from providers.protocol import (
    RefundOrder,
    RefundOutcome,
    RefundVerdict,
    RemoteProviderError,
    Step,
    perform,
)

EVENTS: Mapping[RefundVerdict, RefundEvent | None] = {
    RefundVerdict.DONE: RefundEvent.DONE,
    RefundVerdict.ACCEPTED: None,  # taken in: it stays sent until the provider or its statement says more
    RefundVerdict.REFUSED: RefundEvent.FAILED,
    RefundVerdict.UNKNOWN: RefundEvent.UNCLEAR,
}


def request_refund(
    gateway: Gateway,
    payment_id: str,
    amount_dong: int,
    reason: str,
    requested_by: str,
    portal_code: str | None = None,
) -> str:
    """Ask to give back ``amount_dong`` of a payment; the reference of the refund.

    Raises NotFound, or Conflict when less than that is left to give back.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        payment = store.find_payment(connection, payment_id, portal_code)
        if payment is None:
            raise NotFound("unknown_payment", "Không có khoản tiền này.", "There is no such payment.")
        return ask_for_refund(gateway, connection, payment, amount_dong, reason, requested_by, now)


def approve_refund(gateway: Gateway, reference: str, officer: str) -> None:
    """A second person agrees; the refund is booked as promised and sent by a job.

    Raises NotFound, or Conflict when the officer asked for it, when it is not waiting for approval, or when the
    provider cannot carry it out.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = _locked(connection, reference)
        if refund.requested_by == officer:
            raise Conflict(
                "same_person",
                "Người đề nghị không được tự duyệt; cần người thứ hai.",
                "Who asked for a refund may not approve it; a second person must.",
            )
        if refund.attempt_reference is None or refund.account_code not in gateway.accounts:
            raise Conflict(
                "refund_by_transfer",
                "Khoản tiền này không gắn với lần nộp nào nên cổng thanh toán không hoàn được; hãy chuyển khoản trả.",
                "This money belongs to no attempt, so its provider cannot return it; return it by bank transfer.",
            )
        _move(connection, refund, RefundEvent.APPROVED, {"approved_by": officer, "approved_at": now})
        credited = settling.credited_by(connection, refund.payment_id)
        _book(connection, refund, promise(refund.account_code, refund.amount_dong, credited), now)
        enqueue(connection, [Job(JobKind.SEND_REFUND, reference, now)], now)
        _note(connection, officer, "refund_approved", refund, now)


def reject_refund(gateway: Gateway, reference: str, officer: str, reason: str) -> None:
    """Refuse a refund that was asked for; its amount is free again."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = _locked(connection, reference)
        words = f"{refund.reason} / {reason}"[:500]
        _move(connection, refund, RefundEvent.REJECTED, {"ended_at": now, "reason": words})
        store.free(connection, refund.payment_id, refund.amount_dong)
        _note(connection, officer, "refund_rejected", refund, now)


def send_refund(gateway: Gateway, reference: str) -> None:
    """Send an approved refund to its provider, once.

    A run that died between sending and noting the answer leaves it sent without an answer; it is then unknown and is
    not sent again. Raises LocalProviderError when the provider cannot express it; it then was not sent.
    """
    now = gateway.now()
    with reading(gateway.engine) as connection:
        refund = store.find_refund(connection, reference)
    if refund is None or refund.state not in (RefundState.APPROVED, RefundState.SENT):
        return
    if refund.state == RefundState.SENT:
        if not refund.provider_code:
            _conclude(gateway, reference, RefundOutcome(RefundVerdict.UNKNOWN))
        return
    step = _first_step(gateway, refund)
    with transaction(gateway.engine) as connection:
        _move(connection, _locked(connection, reference), RefundEvent.SENT, {"sent_at": now})
    _conclude(gateway, reference, _carry_out(gateway, refund.account_code, step))


def _first_step(gateway: Gateway, refund: Row[Any]) -> Step[RefundOutcome]:
    with reading(gateway.engine) as connection:
        attempt = get_attempt(connection, refund.attempt_reference)
    # What goes back is this sum: an attempt may have brought two, or another amount than was asked.
    order = replace(
        order_of(gateway, attempt), amount_dong=refund.paid_dong, provider_reference=refund.paid_number
    )
    return gateway.account(refund.account_code).provider.refund(
        RefundOrder(
            order=order,
            reference=refund.reference,
            amount_dong=refund.amount_dong,
            officer=refund.approved_by.partition(":")[2] or refund.approved_by,
            reason=refund.reason,
            asked_at=gateway.now(),
            caller_address=gateway.caller_address,
        )
    )


def _carry_out(gateway: Gateway, account_code: str, step: Step[RefundOutcome]) -> RefundOutcome:
    try:
        return perform(step, lambda request: gateway.send(account_code, request))
    except RemoteProviderError as fault:
        return RefundOutcome(RefundVerdict.UNKNOWN, message=str(fault))


def _conclude(gateway: Gateway, reference: str, outcome: RefundOutcome) -> None:
    now = gateway.now()
    event = EVENTS[outcome.verdict]
    with transaction(gateway.engine) as connection:
        refund = _locked(connection, reference)
        told = {
            "provider_reference": outcome.provider_reference[:100],
            "provider_code": outcome.code[:100] or str(outcome.verdict),
        }
        if event is None:
            store.move(connection, reference, RefundState.SENT, RefundState.SENT, told)
            _note(connection, f"provider:{refund.account_code}", "refund_accepted", refund, now)
            return
        ended = None if event is RefundEvent.UNCLEAR else now
        edge = follow(REFUND, RefundState(refund.state), event)
        _move(connection, refund, event, {**told, "ended_at": ended})
        if event is RefundEvent.FAILED:
            # The payment before the chain: the order in which notices lock them.
            store.free(connection, refund.payment_id, refund.amount_dong)
            promised = settling.promised_by(connection, reference)
            _book(connection, refund, withdraw(refund.account_code, promised), now)
        if event is RefundEvent.DONE:
            _book(connection, refund, paid_back(refund.account_code, refund.amount_dong), now)
        if event is RefundEvent.UNCLEAR:
            _tell_officers(gateway, connection, refund, now)
        if edge.announces and refund.request_id:
            detail = {"refund": {"reference": reference, "amount_dong": refund.amount_dong, "state": edge.to}}
            announcement = Announcement(edge.announces, refund.request_id, detail)
            announce(connection, [announcement], now, gateway.draw)
        _note(connection, f"provider:{refund.account_code}", f"refund_{edge.to}", refund, now)


def _tell_officers(gateway: Gateway, connection: Connection, refund: Row[Any], now: datetime) -> None:
    row = {
        "id": "di_" + sortable(now, gateway.draw),
        "key": f"{Trouble.REFUND_UNKNOWN}:{refund.reference}",
        "kind": Trouble.REFUND_UNKNOWN,
        "account_code": refund.account_code,
        "request_id": refund.request_id,
        "attempt_reference": refund.attempt_reference,
        "payment_id": refund.payment_id,
        "expected_dong": refund.amount_dong,
        "state": "open",
        "opened_at": now,
    }
    settling.add_discrepancies(connection, [row])


def _locked(connection: Connection, reference: str) -> Row[Any]:
    refund = store.find_refund(connection, reference, lock=True)
    if refund is None:
        raise NotFound("unknown_refund", "Không có đề nghị hoàn trả này.", "There is no such refund.")
    return refund


def _move(connection: Connection, refund: Row[Any], event: RefundEvent, values: Mapping[str, Any]) -> None:
    was = RefundState(refund.state)
    try:
        edge = follow(REFUND, was, event)
    except ForbiddenTransition:
        raise Conflict(
            "refund_not_waiting",
            f"Đề nghị hoàn trả đang ở trạng thái “{was}”, không làm việc này được.",
            f"The refund is {was}; this cannot be done any more.",
        ) from None
    store.move(connection, refund.reference, was, edge.to, values)


def _book(connection: Connection, refund: Row[Any], moved: list[Transfer], now: datetime) -> None:
    rows = [(refund.account_code, refund.payment_id, transfer, refund.reference) for transfer in moved]
    settling.add_transfers(connection, rows, now)


def _note(connection: Connection, actor: str, action: str, refund: Row[Any], now: datetime) -> None:
    subject = refund.request_id or refund.payment_id
    note(connection, [AuditEntry(actor, action, subject, {"refund": refund.reference})], now)
