"""Send an approved refund to its provider, once, and ask about it until its end is known.

What certainly did not reach the provider is approved still and is sent again later. Whatever did, or may have, is
never sent twice, because a second request could give the money back twice: the provider is asked instead, where it
publishes a way, and an officer may end the refund by the bank's evidence (``end_refund``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from payments.core.lifecycle import RefundEvent, RefundState
from payments.core.references import question_id
from payments.core.refund_answers import ENDED, EVENTS, can_be_told_apart
from payments.store import refunds as store
from payments.store.attempts import get_attempt
from payments.store.database import reading, transaction
from payments.transport import NotSent
from payments.use_cases.ask_provider import wait
from payments.use_cases.end_refund import conclude, locked, tell_overdue
from payments.use_cases.gateway import Gateway
from payments.use_cases.start_checkout import order_of
from providers.protocol import (
    Provider,
    RefundOrder,
    RefundOutcome,
    RefundQuestion,
    RefundVerdict,
    RemoteProviderError,
    Reply,
    Request,
    Step,
    perform,
)

LONGEST_SENDING = timedelta(minutes=5)
"""Far longer than a provider is waited for: who has not noted an answer by then has died."""

OVERDUE = timedelta(days=7)
"""How long a refund that was taken in may take before the officers are told."""


def send_refund(gateway: Gateway, reference: str) -> datetime | None:
    """Take the next step with an approved refund; the time to take another, or None when nothing is left to do.

    Raises NotSent when it certainly did not leave, and LocalProviderError when the provider cannot express it; it is
    approved still in both cases.
    """
    refund = _find(gateway, reference)
    if refund is None or refund.state == RefundState.REQUESTED or refund.state in ENDED:
        return None
    if refund.state == RefundState.APPROVED:
        _send(gateway, refund)
    elif refund.provider_code:
        _ask(gateway, refund)
    elif gateway.now() >= refund.sent_at + LONGEST_SENDING:
        _take(gateway, reference, RefundOutcome(RefundVerdict.UNKNOWN))
    return _next_step(gateway, reference)


def _send(gateway: Gateway, refund: Row[Any]) -> None:
    step = _account(gateway, refund).refund(_order(gateway, refund, gateway.now()))
    if not _begin(gateway, refund.reference):
        return
    replies: list[Reply] = []

    def send(request: Request) -> Reply:
        replies.append(gateway.send(refund.account_code, request))
        return replies[-1]

    try:
        outcome = perform(step, send)
    except NotSent:
        if not replies:
            _withdraw(gateway, refund.reference)
            raise
        outcome = RefundOutcome(RefundVerdict.UNKNOWN)
    except RemoteProviderError as fault:
        outcome = RefundOutcome(RefundVerdict.UNKNOWN, message=str(fault))
    _take(gateway, refund.reference, outcome)


def _begin(gateway: Gateway, reference: str) -> bool:
    """Note that the refund is being sent, before it is; False when another worker was quicker."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = locked(connection, reference)
        if refund.state != RefundState.APPROVED:
            return False
        sending = {"sent_at": now, "provider_code": "", "provider_reference": ""}
        return store.move(connection, reference, RefundState.APPROVED, RefundState.SENT, sending)


def _withdraw(gateway: Gateway, reference: str) -> None:
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = locked(connection, reference)
        unsent = {"sent_at": None, "provider_code": "", "provider_reference": ""}
        actor = f"provider:{refund.account_code}"
        conclude(gateway, connection, refund, RefundEvent.NOT_SENT, unsent, actor, now)


def _ask(gateway: Gateway, refund: Row[Any]) -> None:
    """Ask the provider what became of it; what cannot be believed or is not about it changes nothing."""
    if not _can_be_asked(gateway, refund):
        return
    now = gateway.now()
    question = RefundQuestion(
        _order(gateway, refund, refund.sent_at),
        question_id(gateway.draw),
        now,
        gateway.caller_address,
        refund.provider_reference,
    )
    step: Step[RefundOutcome] = _account(gateway, refund).query_refund(question)
    try:
        outcome = perform(step, lambda request: gateway.send(refund.account_code, request))
    except RemoteProviderError:
        return
    if outcome.verdict is not RefundVerdict.UNKNOWN:
        _take(gateway, refund.reference, outcome)


def _take(gateway: Gateway, reference: str, outcome: RefundOutcome) -> None:
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        refund = locked(connection, reference)
        number = outcome.provider_reference[:100]
        if outcome.names_order_only:
            others = store.numbers_of_alike(connection, refund)
            if not can_be_told_apart(number, refund.provider_reference, others):
                return
        told = {
            "provider_reference": number or refund.provider_reference,
            "provider_code": outcome.code[:100] or str(outcome.verdict),
        }
        event = EVENTS[outcome.verdict]
        if event is RefundEvent.ACCEPTED and refund.provider_code == told["provider_code"]:
            return  # it says again what it said before
        conclude(gateway, connection, refund, event, told, f"provider:{refund.account_code}", now)


def _next_step(gateway: Gateway, reference: str) -> datetime | None:
    refund = _find(gateway, reference)
    if refund is None or refund.state in ENDED:
        return None
    now = gateway.now()
    if refund.state == RefundState.APPROVED:
        return now
    if not refund.provider_code:
        return refund.sent_at + LONGEST_SENDING  # type: ignore[no-any-return]
    overdue_at = refund.sent_at + OVERDUE
    if now >= overdue_at:
        with transaction(gateway.engine) as connection:
            tell_overdue(gateway, connection, refund, now)
    if _can_be_asked(gateway, refund):
        return now + wait(refund.sent_at, now)
    return overdue_at if now < overdue_at else None


def _order(gateway: Gateway, refund: Row[Any], asked_at: datetime) -> RefundOrder:
    with reading(gateway.engine) as connection:
        attempt = get_attempt(connection, refund.attempt_reference)
    # What goes back is this sum: an attempt may have brought two, or another amount than was asked.
    order = replace(
        order_of(gateway, attempt), amount_dong=refund.paid_dong, provider_reference=refund.paid_number
    )
    return RefundOrder(
        order=order,
        reference=refund.reference,
        amount_dong=refund.amount_dong,
        officer=refund.approved_by.partition(":")[2] or refund.approved_by,
        reason=refund.reason,
        asked_at=asked_at,
        caller_address=gateway.caller_address,
    )


def _account(gateway: Gateway, refund: Row[Any]) -> Provider:
    return gateway.account(refund.account_code).provider


def _can_be_asked(gateway: Gateway, refund: Row[Any]) -> bool:
    account = gateway.accounts.get(refund.account_code)
    return account is not None and account.provider.capabilities.refund_query


def _find(gateway: Gateway, reference: str) -> Row[Any] | None:
    with reading(gateway.engine) as connection:
        return store.find_refund(connection, reference)
