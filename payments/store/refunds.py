"""Refunds: asked for, approved by another person, sent, ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, func, select, update

from payments.core.decide import Hold, Trouble
from payments.core.lifecycle import RefundState
from payments.store import writing
from payments.store.tables import discrepancies, payment_requests, payments, refunds


def add_refunds(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add refunds whose amounts are already reserved on their payments."""
    writing.insert_rows(connection, refunds, rows)


PROMISED = (RefundState.APPROVED, RefundState.SENT, RefundState.UNKNOWN, RefundState.DONE)
"""The states in which the books owe a refund to the payer, or have paid it: its money is held no longer."""

GOING_BACK = (RefundState.SENT, RefundState.UNKNOWN, RefundState.DONE)
"""The states in which a provider that says it gave the money back says no more than is known."""


def promised_dong() -> ScalarSelect[int]:
    """How much of a payment of the statement around it goes or went back to its payer."""
    total = func.coalesce(func.sum(refunds.c.amount_dong), 0)
    return (
        select(total)
        .where(refunds.c.payment_id == payments.c.id, refunds.c.state.in_(PROMISED))
        .correlate(payments)
        .scalar_subquery()
    )


def reserve(connection: Connection, payment_id: str, amount_dong: int) -> bool:
    """Reserve an amount of a payment for a refund; False when less than that is left."""
    changed = connection.execute(
        update(payments)
        .where(
            payments.c.id == payment_id,
            payments.c.refunded_dong + amount_dong <= payments.c.amount_dong,
        )
        .values(refunded_dong=payments.c.refunded_dong + amount_dong)
    )
    return changed.rowcount == 1


def free(connection: Connection, payment_id: str, amount_dong: int) -> None:
    """Give a reserved amount back to the payment: its refund was rejected or failed."""
    connection.execute(
        update(payments)
        .where(payments.c.id == payment_id)
        .values(refunded_dong=payments.c.refunded_dong - amount_dong)
    )


def move(
    connection: Connection, reference: str, was: RefundState, state: RefundState, values: Mapping[str, Any]
) -> bool:
    """Move a refund from one state to another; False when it was no longer there."""
    changed = connection.execute(
        update(refunds)
        .where(refunds.c.reference == reference, refunds.c.state == was)
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def find_refund(connection: Connection, reference: str, *, lock: bool = False) -> Row[Any] | None:
    """A refund with the payment, the attempt and the request it belongs to.

    ``lock`` keeps the payment as well, until the transaction ends: what still lies where it was credited is the same
    for no two refunds at once.
    """
    query = (
        select(
            refunds,
            payments.c.account_code,
            payments.c.disposition,
            payments.c.request_id,
            payments.c.attempt_reference,
            payments.c.amount_dong.label("paid_dong"),
            payments.c.provider_reference.label("paid_number"),
        )
        .join(payments, payments.c.id == refunds.c.payment_id)
        .where(refunds.c.reference == reference)
    )
    if lock:
        query = query.with_for_update(of=[refunds, payments], key_share=True)
    return connection.execute(query).one_or_none()


def numbers_of_alike(connection: Connection, refund: Row[Any]) -> list[str]:
    """The provider's numbers, empty where unknown, of the other refunds of this attempt and amount that were sent."""
    query = (
        select(refunds.c.provider_reference)
        .join(payments, payments.c.id == refunds.c.payment_id)
        .where(
            payments.c.attempt_reference == refund.attempt_reference,
            refunds.c.amount_dong == refund.amount_dong,
            refunds.c.reference != refund.reference,
            refunds.c.sent_at.is_not(None),
        )
    )
    return list(connection.execute(query).scalars())


def sent_amounts(
    connection: Connection, references: Collection[str], states: Collection[RefundState]
) -> Mapping[tuple[str, str], frozenset[int]]:
    """The amounts of these attempts' refunds that were sent and are in one of ``states``, by account and attempt."""
    query = (
        select(payments.c.account_code, payments.c.attempt_reference, refunds.c.amount_dong)
        .join(payments, payments.c.id == refunds.c.payment_id)
        .where(
            payments.c.attempt_reference.in_(references),
            refunds.c.sent_at.is_not(None),
            refunds.c.state.in_(states),
        )
    )
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in connection.execute(query):
        found[row.account_code, row.attempt_reference].add(row.amount_dong)
    return {name: frozenset(amounts) for name, amounts in found.items()}


def is_given_back(connection: Connection, payment_id: str) -> bool:
    """Whether the whole of a payment has gone back to its payer."""
    done = select(func.coalesce(func.sum(refunds.c.amount_dong), 0)).where(
        refunds.c.payment_id == payment_id, refunds.c.state == RefundState.DONE
    )
    query = select(payments.c.amount_dong == done.scalar_subquery()).where(payments.c.id == payment_id)
    return bool(connection.execute(query).scalar_one())


def close_unknown(connection: Connection, refund: Row[Any], now: datetime, because: str) -> None:
    """Close what is open about the outcome of a refund that is known now."""
    _close(
        connection,
        now,
        because,
        discrepancies.c.attempt_reference == refund.attempt_reference,
        discrepancies.c.kind == Trouble.REFUND_UNKNOWN,
        discrepancies.c.key.startswith(f"{Trouble.REFUND_UNKNOWN}:{refund.reference}", autoescape=True),
    )


def close_failed(connection: Connection, payment_id: str, now: datetime) -> None:
    """Close the failed refunds of a payment whose money is asked back anew."""
    kind = discrepancies.c.kind == Trouble.REFUND_FAILED
    _close(connection, now, "asked_again", discrepancies.c.payment_id == payment_id, kind)


def close_given_back(connection: Connection, payment_id: str, now: datetime) -> None:
    """Close why a payment was held, once all of it went back."""
    kind = discrepancies.c.kind.in_(list(Hold))
    _close(connection, now, "given_back", discrepancies.c.payment_id == payment_id, kind)


def _close(connection: Connection, now: datetime, because: str, *which: ColumnElement[bool]) -> None:
    closed = {"state": "closed", "closed_at": now, "resolution": because}
    connection.execute(update(discrepancies).where(discrepancies.c.state == "open", *which).values(closed))


def refunds_of_request(connection: Connection, request_id: str) -> Sequence[Row[Any]]:
    """Every refund of a request's payments, oldest first."""
    query = (
        select(refunds)
        .join(payments, payments.c.id == refunds.c.payment_id)
        .where(payments.c.request_id == request_id)
        .order_by(refunds.c.reference)
    )
    return connection.execute(query).all()


def find_payment(connection: Connection, payment_id: str, portal_code: str | None = None) -> Row[Any] | None:
    """A sum of money that arrived; only one of the portal's requests when a portal is named."""
    query = select(payments).where(payments.c.id == payment_id)
    if portal_code is not None:
        query = query.join(payment_requests, payment_requests.c.id == payments.c.request_id).where(
            payment_requests.c.portal_code == portal_code
        )
    return connection.execute(query).one_or_none()
