"""Reserve an amount of a payment for a refund that somebody asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import RefundState
from payments.core.money import format_dong
from payments.core.references import refund_reference
from payments.core.refusals import Conflict
from payments.store import refunds as store
from payments.store.audit import AuditEntry, note
from payments.use_cases.gateway import Gateway


def ask_for_refund(
    gateway: Gateway,
    connection: Connection,
    payment: Row[Any],
    amount_dong: int,
    reason: str,
    requested_by: str,
    now: datetime,
) -> str:
    """Reserve the amount and write the refund, inside the caller's transaction; its reference.

    Raises Conflict when less than that is left to give back.
    """
    if amount_dong <= 0 or not store.reserve(connection, payment.id, amount_dong):
        raise _too_much(payment)
    reference = refund_reference(now, gateway.draw)
    row = {
        "reference": reference,
        "payment_id": payment.id,
        "amount_dong": amount_dong,
        "state": RefundState.REQUESTED,
        "reason": reason,
        "requested_by": requested_by,
        "requested_at": now,
    }
    store.add_refunds(connection, [row])
    store.close_failed(connection, payment.id, now)
    subject = payment.request_id or payment.id
    note(connection, [AuditEntry(requested_by, "refund_requested", subject, {"refund": reference})], now)
    return reference


def _too_much(payment: Row[Any]) -> Conflict:
    left = payment.amount_dong - payment.refunded_dong
    return Conflict(
        "refund_above_paid",
        f"Chỉ còn {format_dong(left)} có thể hoàn trả.",
        f"Only {left:,} VND are left to give back.",
    )
