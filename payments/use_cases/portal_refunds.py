"""A portal asks that money be given back, once per idempotency key, and sees what came of it.

An officer of the collector decides; see ``refund_payment``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import RefundState
from payments.core.refusals import Conflict
from payments.store import refunds as store
from payments.store.database import reading, transaction
from payments.store.requests import find_request, payments_of
from payments.use_cases.ask_for_refund import ask_for_refund
from payments.use_cases.gateway import Gateway
from payments.use_cases.once import first_answer, keep_answer
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
        earlier = first_answer(connection, portal_code, key, now)
        if earlier is not None:
            return _one(connection, request_id, earlier["refund_reference"])
        payment = _settled(connection, request_id)
        reference = ask_for_refund(
            gateway, connection, payment, amount_dong, reason, f"portal:{portal_code}", now
        )
        keep_answer(connection, portal_code, key, {"refund_reference": reference})
        return _one(connection, request_id, reference)


def list_refunds(gateway: Gateway, portal_code: str, request_id: str) -> tuple[RefundView, ...]:
    """Every refund of a request, oldest first. Raises NotFound."""
    with reading(gateway.engine) as connection:
        if find_request(connection, request_id, portal_code) is None:
            raise unknown_request()
        return tuple(_view(row) for row in store.refunds_of_request(connection, request_id))


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


def _one(connection: Connection, request_id: str, reference: str) -> RefundView:
    rows = store.refunds_of_request(connection, request_id)
    return next(_view(row) for row in rows if row.reference == reference)


def _view(row: Row[Any]) -> RefundView:
    values = {name: getattr(row, name) for name in RefundView.__dataclass_fields__}
    return RefundView(**{**values, "state": RefundState(row.state)})
