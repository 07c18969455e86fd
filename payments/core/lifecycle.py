"""What may become of a payment request, an attempt, a refund and a receipt.

Each thing has one literal table ``(state, event) → Edge``. An edge names the next state and the event that is
announced to the portal, if any. Anything absent from the table is refused. ``docs/states.md`` draws the same
tables; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Edge(Generic[State]):
    """Where an event leads, and what outsiders are told."""

    to: State
    announces: str = ""


class ForbiddenTransition(Exception):
    """The event has no place in this state."""


class RequestState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RequestEvent(StrEnum):
    SETTLED = "settled"  # the whole amount arrived
    NOTHING_DUE = "nothing_due"  # the fee is zero by rule, exempt or not payable
    CANCELLED = "cancelled"  # withdrawn by the portal before anything was paid, also after its time
    EXPIRED = "expired"  # its time ran out and the providers were asked


class AttemptState(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class AttemptEvent(StrEnum):
    SENT = "sent"  # the payer was sent to the provider
    PAID = "paid"
    FAILED = "failed"
    LAPSED = "lapsed"  # the provider says that it was never paid and never will be


class RefundState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class RefundEvent(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    NOT_SENT = "not_sent"  # it certainly did not reach the provider
    ACCEPTED = "accepted"  # the provider has taken it in and will carry it out
    DONE = "done"
    FAILED = "failed"
    UNCLEAR = "unclear"


class ReceiptState(StrEnum):
    ISSUED = "issued"
    REPLACED = "replaced"
    REPORTED_WRONG = "reported_wrong"


class ReceiptEvent(StrEnum):
    REPLACED = "replaced"
    REPORTED_WRONG = "reported_wrong"


REQUEST: Mapping[tuple[RequestState, RequestEvent], Edge[RequestState]] = {
    (RequestState.OPEN, RequestEvent.SETTLED): Edge(RequestState.PAID, "payment_request.paid"),
    (RequestState.OPEN, RequestEvent.NOTHING_DUE): Edge(RequestState.PAID, "payment_request.paid"),
    (RequestState.OPEN, RequestEvent.CANCELLED): Edge(RequestState.CANCELLED, "payment_request.cancelled"),
    (RequestState.OPEN, RequestEvent.EXPIRED): Edge(RequestState.EXPIRED, "payment_request.expired"),
    # A dossier is not a seat: money that comes late still pays it, unless the procedure says hold.
    (RequestState.EXPIRED, RequestEvent.SETTLED): Edge(RequestState.PAID, "payment_request.paid"),
    # What is owed no longer: until the portal says so, an expired request keeps its dossier waiting.
    (RequestState.EXPIRED, RequestEvent.CANCELLED): Edge(RequestState.CANCELLED, "payment_request.cancelled"),
}

ATTEMPT: Mapping[tuple[AttemptState, AttemptEvent], Edge[AttemptState]] = {
    (AttemptState.CREATED, AttemptEvent.SENT): Edge(AttemptState.PENDING),
    # A crash between the provider's answer and our note of it leaves "created"; the provider still knows.
    (AttemptState.CREATED, AttemptEvent.PAID): Edge(AttemptState.PAID),
    (AttemptState.CREATED, AttemptEvent.FAILED): Edge(AttemptState.FAILED),
    (AttemptState.CREATED, AttemptEvent.LAPSED): Edge(AttemptState.EXPIRED),
    (AttemptState.PENDING, AttemptEvent.PAID): Edge(AttemptState.PAID),
    (AttemptState.PENDING, AttemptEvent.FAILED): Edge(AttemptState.FAILED),
    (AttemptState.PENDING, AttemptEvent.LAPSED): Edge(AttemptState.EXPIRED),
    # Providers correct themselves, and a payer may try again on the same bank page.
    (AttemptState.FAILED, AttemptEvent.PAID): Edge(AttemptState.PAID),
    (AttemptState.EXPIRED, AttemptEvent.PAID): Edge(AttemptState.PAID),
}

REFUND: Mapping[tuple[RefundState, RefundEvent], Edge[RefundState]] = {
    (RefundState.REQUESTED, RefundEvent.APPROVED): Edge(RefundState.APPROVED),
    (RefundState.REQUESTED, RefundEvent.REJECTED): Edge(RefundState.REJECTED),
    (RefundState.APPROVED, RefundEvent.SENT): Edge(RefundState.SENT),
    # An officer gives up what cannot be sent.
    (RefundState.APPROVED, RefundEvent.FAILED): Edge(RefundState.FAILED, "refund.failed"),
    (RefundState.SENT, RefundEvent.NOT_SENT): Edge(RefundState.APPROVED),
    (RefundState.SENT, RefundEvent.ACCEPTED): Edge(RefundState.SENT),
    (RefundState.SENT, RefundEvent.DONE): Edge(RefundState.DONE, "refund.done"),
    (RefundState.SENT, RefundEvent.FAILED): Edge(RefundState.FAILED, "refund.failed"),
    (RefundState.SENT, RefundEvent.UNCLEAR): Edge(RefundState.UNKNOWN),
    # Whoever took it for lost was too quick: the answer to the one request that went out comes after all.
    (RefundState.UNKNOWN, RefundEvent.NOT_SENT): Edge(RefundState.APPROVED),
    (RefundState.UNKNOWN, RefundEvent.ACCEPTED): Edge(RefundState.SENT),
    (RefundState.UNKNOWN, RefundEvent.DONE): Edge(RefundState.DONE, "refund.done"),
    (RefundState.UNKNOWN, RefundEvent.FAILED): Edge(RefundState.FAILED, "refund.failed"),
}

RECEIPT: Mapping[tuple[ReceiptState, ReceiptEvent], Edge[ReceiptState]] = {
    (ReceiptState.ISSUED, ReceiptEvent.REPLACED): Edge(ReceiptState.REPLACED, "receipt.replaced"),
    (ReceiptState.ISSUED, ReceiptEvent.REPORTED_WRONG): Edge(ReceiptState.REPORTED_WRONG),
}


def follow(table: Mapping[tuple[State, Event], Edge[State]], state: State, event: Event) -> Edge[State]:
    """The edge that ``event`` takes out of ``state``.

    Raises ForbiddenTransition when the table has none.
    """
    edge = table.get((state, event))
    if edge is None:
        raise ForbiddenTransition(f"{type(state).__name__} {state!s} has no way for {event!s}")
    return edge


def allows(table: Mapping[tuple[State, Event], Edge[State]], state: State, event: Event) -> bool:
    return (state, event) in table
