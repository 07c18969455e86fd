"""A portal asks that money be given back, once per idempotency key, and sees what came of it.

An officer of the collector decides; see ``refund_payment``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import RefundState
from payments.core.references import refund_reference
from payments.core.refusals import Conflict
from payments.store import audit, idempotency
from payments.store import refunds as store
from payments.store.database import reading, transaction
from payments.store.requests import find_request, payments_of
from payments.use_cases.gateway import Gateway
from payments.use_cases.read_requests import unknown_request
from payments.use_cases.wishes import Idempotency


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund as its portal sees it."""

    reference: str
    payment_id: str
    amount_dong: int
    state: RefundState
    reason: str
    requested_at: datetime
    ended_at: datetime | None


def ask_refund(
    gateway: Gateway,
    portal_code: str,
    request_id: str,
    amount_dong: int,
    reason: str,
    key: Idempotency | None = None,
) -> RefundView:
    """Ask to give back ``amount_dong`` of what settled the request.

    Raises NotFound, or Conflict when the request was not paid, when less than that is left, or when the key
    was used with another body.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        if find_request(connection, request_id, portal_code) is None:
            raise unknown_request()
        earlier = _earlier(connection, portal_code, key, now)
        if earlier is not None:
            return _one(connection, request_id, earlier["refund_reference"])
        payment = _settled(connection, request_id)
        if not store.reserve(connection, payment.id, amount_dong):
            raise _too_much(payment)
        reference = refund_reference(now, gateway.draw)
        row = {
            "reference": reference,
            "payment_id": payment.id,
            "amount_dong": amount_dong,
            "state": RefundState.REQUESTED,
            "reason": reason,
            "requested_by": f"portal:{portal_code}",
            "requested_at": now,
        }
        store.add_refunds(connection, [row])
        _remember(connection, portal_code, request_id, reference, key, now)
        return _one(connection, request_id, reference)


def list_refunds(gateway: Gateway, portal_code: str, request_id: str) -> tuple[RefundView, ...]:
    """Every refund of a request, oldest first. Raises NotFound."""
    with reading(gateway.engine) as connection:
        if find_request(connection, request_id, portal_code) is None:
            raise unknown_request()
        return tuple(_view(row) for row in store.refunds_of_request(connection, request_id))


def _earlier(
    connection: Connection, portal_code: str, key: Idempotency | None, now: datetime
) -> Mapping[str, Any] | None:
    if key is None:
        return None
    earlier = idempotency.reserve(connection, portal_code, key.key, key.fingerprint, now)
    if earlier is None:
        return None
    if earlier.fingerprint != key.fingerprint:
        raise Conflict(
            "idempotency_key_reused",
            "Khóa Idempotency-Key này đã dùng cho một yêu cầu khác; hãy dùng khóa mới.",
            "This Idempotency-Key was used with another body; use a new key.",
        )
    return earlier.answer


def _settled(connection: Connection, request_id: str) -> Row[Any]:
    payments = payments_of(connection, [request_id]).get(request_id, ())
    for payment in payments:
        if payment.disposition == "settled":
            return payment
    raise Conflict(
        "nothing_to_refund",
        "Yêu cầu này chưa có khoản tiền nào để hoàn trả.",
        "No money has settled this request, so there is nothing to give back.",
    )


def _remember(
    connection: Connection,
    portal_code: str,
    request_id: str,
    reference: str,
    key: Idempotency | None,
    now: datetime,
) -> None:
    if key is not None:
        idempotency.keep_answer(connection, portal_code, key.key, 201, {"refund_reference": reference})
    detail = {"refund": reference}
    entry = audit.AuditEntry(f"portal:{portal_code}", "refund_requested", request_id, detail)
    audit.note(connection, [entry], now)


def _one(connection: Connection, request_id: str, reference: str) -> RefundView:
    rows = store.refunds_of_request(connection, request_id)
    return next(_view(row) for row in rows if row.reference == reference)


def _view(row: Row[Any]) -> RefundView:
    values = {name: getattr(row, name) for name in RefundView.__dataclass_fields__}
    return RefundView(**{**values, "state": RefundState(row.state)})


def _too_much(payment: Row[Any]) -> Conflict:
    left = payment.amount_dong - payment.refunded_dong
    return Conflict(
        "refund_above_paid",
        f"Chỉ còn {left} đồng có thể hoàn trả.",
        f"Only {left} đồng are left to give back.",
    )
