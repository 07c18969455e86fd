"""Give money back: asked for by one, approved by another, sent to the provider, followed to its end.

The amount is reserved on the payment when the refund is asked for, so that refunds together never exceed what was
paid, whatever happens at once. An unknown outcome keeps it reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.ledger import Share, Transfer
from payments.core.lifecycle import REFUND, ForbiddenTransition, RefundEvent, RefundState, follow
from payments.core.refund_shares import paid_back, promise, withdraw
from payments.core.refusals import Conflict, NotFound
from payments.store import refunds as store
from payments.store.attempts import get_attempt
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.requests import lines_of, shares_of
from payments.store.settling import add_transfers
from payments.use_cases.announce import Announcement, announce
from payments.use_cases.ask_for_refund import ask_for_refund
from payments.use_cases.gateway import Gateway
from payments.use_cases.start_checkout import order_of
from providers.protocol import (
    ProviderError,
    RefundOrder,
    RefundOutcome,
    RefundVerdict,
    perform,
)

ASK_AGAIN_AFTER = timedelta(minutes=15)

EVENTS: Mapping[RefundVerdict, RefundEvent] = {
    RefundVerdict.DONE: RefundEvent.DONE,
    # The provider has taken it in; it ends when a query or a statement says so.
    RefundVerdict.ACCEPTED: RefundEvent.UNCLEAR,
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

    Raises NotFound, or Conflict when the officer asked for it or it is not waiting for approval.
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
        values = {"approved_by": officer, "approved_at": now}
        _move(connection, refund, RefundEvent.APPROVED, values)
        moved = promise(refund.account_code, refund.amount_dong, _shares(connection, refund))
        _book(connection, refund, moved, now)
        enqueue(connection, [Job(JobKind.SEND_REFUND, reference, now)], now)
        _note(
            connection,
            f"user:{officer}",
            "refund_approved",
            refund.request_id or refund.payment_id,
            reference,
            now,
        )


def reject_refund(gateway: Gateway, reference: str, officer: str, reason: str) -> None:
    """Refuse a refund that was asked for; its amount is free again."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = _locked(connection, reference)
        _move(
            connection,
            refund,
            RefundEvent.REJECTED,
            {"ended_at": now, "reason": f"{refund.reason} / {reason}"[:500]},
        )
        store.free(connection, refund.payment_id, refund.amount_dong)
        _note(
            connection,
            f"user:{officer}",
            "refund_rejected",
            refund.request_id or refund.payment_id,
            reference,
            now,
        )


def send_refund(gateway: Gateway, reference: str) -> datetime | None:
    """Send an approved refund, or ask again about one whose outcome is unknown, under the same reference.

    The time to come back, or None when it has ended. Raises ProviderError when the provider gave no usable answer.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = _locked(connection, reference)
        if refund.state == RefundState.APPROVED:
            _move(connection, refund, RefundEvent.SENT, {"sent_at": now})
        elif refund.state not in (RefundState.SENT, RefundState.UNKNOWN):
            return None
    try:
        outcome = _ask(gateway, refund)
    except ProviderError as fault:
        outcome = RefundOutcome(RefundVerdict.UNKNOWN, message=str(fault))
    return _conclude(gateway, reference, outcome)


def _ask(gateway: Gateway, refund: Row[Any]) -> RefundOutcome:
    account = gateway.account(refund.account_code)
    with reading(gateway.engine) as connection:
        attempt = get_attempt(connection, refund.attempt_reference)
    step = account.provider.refund(
        RefundOrder(
            order=order_of(gateway, attempt),
            reference=refund.reference,
            amount_dong=refund.amount_dong,
            officer=refund.approved_by or "",
            reason=refund.reason,
            asked_at=gateway.now(),
            caller_address=gateway.caller_address,
        )
    )
    outcome: RefundOutcome = perform(step, lambda request: gateway.send(account.code, request))
    return outcome


def _conclude(gateway: Gateway, reference: str, outcome: RefundOutcome) -> datetime | None:
    now = gateway.now()
    event = EVENTS[outcome.verdict]
    with transaction(gateway.engine) as connection:
        refund = _locked(connection, reference)
        if (refund.state, event) == (RefundState.UNKNOWN, RefundEvent.UNCLEAR):
            return now + ASK_AGAIN_AFTER
        ended = event is not RefundEvent.UNCLEAR
        values = {
            "provider_reference": outcome.provider_reference[:100],
            "provider_code": outcome.code[:100],
            "ended_at": now if ended else None,
        }
        _move(connection, refund, event, values)
        if event is RefundEvent.DONE:
            _book(connection, refund, paid_back(refund.account_code, refund.amount_dong), now)
        if event is RefundEvent.FAILED:
            moved = withdraw(refund.account_code, refund.amount_dong, _shares(connection, refund))
            _book(connection, refund, moved, now)
            store.free(connection, refund.payment_id, refund.amount_dong)
        edge = follow(REFUND, RefundState(refund.state), event)
        if edge.announces and refund.request_id:
            announce(connection, [Announcement(edge.announces, refund.request_id)], now, gateway.draw)
        subject = refund.request_id or refund.payment_id
        _note(connection, f"provider:{refund.account_code}", f"refund_{edge.to}", subject, reference, now)
    return None if ended else now + ASK_AGAIN_AFTER


def _shares(connection: Connection, refund: Row[Any]) -> list[Share] | None:
    """The shares that the payment was credited to; None when it lies in suspense."""
    if refund.disposition == "suspense":
        return None
    return shares_of(lines_of(connection, [refund.request_id])[refund.request_id])


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
    add_transfers(connection, rows, now)


def _note(
    connection: Connection, actor: str, action: str, subject: str, reference: str, now: datetime
) -> None:
    note(connection, [AuditEntry(actor, action, subject, {"refund": reference})], now)
