"""Give money back: asked for by one, approved by another. ``send_refund`` sends it and follows it to its end.

The amount is reserved on the payment when the refund is asked for, so that refunds together never exceed what was
paid, whatever happens at once. People are named in one form everywhere
("user:…", "portal:…", "system"), so that who asks is never taken for somebody else when it comes to approving.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import REFUND, RefundEvent, RefundState, allows, follow
from payments.core.refund_shares import promise
from payments.core.refusals import Conflict, NotFound
from payments.store import refunds as store
from payments.store import settling
from payments.store.database import transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.use_cases.ask_for_refund import ask_for_refund
from payments.use_cases.end_refund import book, locked, not_waiting, note_refund
from payments.use_cases.gateway import Gateway


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
        refund = locked(connection, reference)
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
        book(connection, refund, promise(refund.account_code, refund.amount_dong, credited), now)
        enqueue(connection, [Job(JobKind.SEND_REFUND, reference, now)], now)
        note_refund(connection, officer, "refund_approved", refund, now)


def reject_refund(gateway: Gateway, reference: str, officer: str, reason: str) -> None:
    """Refuse a refund that was asked for; its amount is free again."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = locked(connection, reference)
        words = f"{refund.reason} / {reason}"[:500]
        _move(connection, refund, RefundEvent.REJECTED, {"ended_at": now, "reason": words})
        store.free(connection, refund.payment_id, refund.amount_dong)
        note_refund(connection, officer, "refund_rejected", refund, now)


def _move(connection: Connection, refund: Row[Any], event: RefundEvent, values: Mapping[str, Any]) -> None:
    was = RefundState(refund.state)
    if not allows(REFUND, was, event):
        raise not_waiting(refund)
    store.move(connection, refund.reference, was, follow(REFUND, was, event).to, values)
