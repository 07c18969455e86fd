"""What a finance officer does about the refunds of one payment request: ask, approve, reject, end by hand.

The rules of refunds are those of ``refund_payment``. Here stands only that whoever acts on the page of a request
acts on the money of that request, and on no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import RefundState
from payments.core.refusals import NotFound
from payments.store.database import reading
from payments.store.refunds import refunds_of_request
from payments.store.requests import payments_of
from payments.use_cases.end_refund import end_by_hand
from payments.use_cases.gateway import Gateway
from payments.use_cases.refund_payment import approve_refund, reject_refund, request_refund
from payments.use_cases.show_timeline import is_request_id


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund as an officer sees it; those who acted are actors, like ``user:<login>``.

    ``evidence`` and ``ended_by`` tell of an end that an officer has written down instead of the provider.
    """

    reference: str
    payment_id: str
    amount_dong: int
    reason: str
    state: RefundState
    requested_by: str
    approved_by: str
    requested_at: datetime
    answered: bool  # the provider has said something of it, or is known not to have
    evidence: str
    ended_by: str

    @property
    def can_be_ended(self) -> bool:
        """Whether it waits for an end that an officer may write down."""
        open_states = (RefundState.APPROVED, RefundState.UNKNOWN)
        return self.state in open_states or (self.state is RefundState.SENT and self.answered)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has yet to approve or reject it."""
        return self.state is RefundState.REQUESTED


def refunds_of(gateway: Gateway, request_id: str) -> tuple[RefundView, ...]:
    """Every refund of the request's money, the newest first."""
    with reading(gateway.engine) as connection:
        rows = _refunds(connection, request_id)
    views = [_view(row) for row in rows]
    return tuple(sorted(views, key=lambda view: (view.requested_at, view.reference), reverse=True))


def ask_for_money_back(
    gateway: Gateway, actor: str, request_id: str, payment_id: str, amount_dong: int, reason: str
) -> str:
    """Ask to give back ``amount_dong`` of a sum that arrived for the request; the reference of the refund.

    Raises NotFound when the sum is not of this request, and Conflict when less than that is left of it.
    """
    with reading(gateway.engine) as connection:
        arrived = payments_of(connection, [request_id]) if is_request_id(request_id) else {}
    if all(payment.id != payment_id for payment in arrived.get(request_id, [])):
        raise NotFound("unknown_payment", "Không có khoản tiền này.", "There is no such payment.")
    return request_refund(gateway, payment_id, amount_dong, reason, actor)


def approve_money_back(gateway: Gateway, actor: str, request_id: str, reference: str) -> None:
    """Agree to a refund that somebody else asked for; the money goes back by a job.

    Raises NotFound when the request has no such refund, and Conflict when it is not waiting or is the actor's own.
    """
    _require(gateway, request_id, reference)
    approve_refund(gateway, reference, actor)


def reject_money_back(gateway: Gateway, actor: str, request_id: str, reference: str, reason: str) -> None:
    """Refuse a refund, or withdraw one's own; its amount is free again.

    Raises NotFound when the request has no such refund, and Conflict when it is not waiting.
    """
    _require(gateway, request_id, reference)
    reject_refund(gateway, reference, actor, reason)


def end_money_back(
    gateway: Gateway, actor: str, request_id: str, reference: str, *, happened: bool, evidence: str
) -> None:
    """Write down how a refund ended, by the bank's evidence, where the provider does not say.

    Raises NotFound when the request has no such refund, and Conflict when it is not waiting for its end, is being
    sent at this moment, or was asked for by the actor.
    """
    _require(gateway, request_id, reference)
    end_by_hand(gateway, reference, actor, happened=happened, evidence=evidence)


def _require(gateway: Gateway, request_id: str, reference: str) -> None:
    with reading(gateway.engine) as connection:
        known = any(row.reference == reference for row in _refunds(connection, request_id))
    if not known:
        raise NotFound("unknown_refund", "Không có đề nghị hoàn trả này.", "There is no such refund.")


def _refunds(connection: Connection, request_id: str) -> list[Row[Any]]:
    return list(refunds_of_request(connection, request_id)) if is_request_id(request_id) else []


def _view(row: Row[Any]) -> RefundView:
    return RefundView(
        reference=row.reference,
        payment_id=row.payment_id,
        amount_dong=row.amount_dong,
        reason=row.reason,
        state=RefundState(row.state),
        requested_by=row.requested_by,
        approved_by=row.approved_by or "",
        requested_at=row.requested_at,
        answered=bool(row.provider_code),
        evidence=row.evidence,
        ended_by=row.ended_by or "",
    )
