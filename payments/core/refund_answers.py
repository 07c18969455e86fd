"""What an answer of a provider means for a refund that was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from payments.core.lifecycle import RefundEvent, RefundState
from providers.protocol import RefundVerdict

EVENTS: Mapping[RefundVerdict, RefundEvent] = {
    RefundVerdict.DONE: RefundEvent.DONE,
    RefundVerdict.ACCEPTED: RefundEvent.ACCEPTED,
    RefundVerdict.REFUSED: RefundEvent.FAILED,
    RefundVerdict.UNKNOWN: RefundEvent.UNCLEAR,
}

ENDED = frozenset({RefundState.REJECTED, RefundState.DONE, RefundState.FAILED})

CONTRADICTS = frozenset(
    {
        (RefundState.DONE, RefundEvent.FAILED),
        (RefundState.FAILED, RefundEvent.DONE),
        (RefundState.FAILED, RefundEvent.ACCEPTED),
    }
)
"""What a provider says too late and otherwise than the refund has ended by an officer's hand."""


def can_be_told_apart(number: str, own: str, others: Collection[str]) -> bool:
    """Whether an answer that names only the order speaks of this refund.

    ``number`` is the provider's number in the answer, ``own`` the one it gave this refund, ``others`` those it gave
    the other refunds of the same order by the same amount; each is empty where none is known.
    """
    if not others:
        return True
    if own:
        return number == own and own not in others
    return bool(number) and number not in others and "" not in others
