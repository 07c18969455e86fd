"""What is known about everything that one batch of notices speaks of.

Notices of a batch are decided one after the other; each must see what the ones before it will do. The board holds
the facts and is told every decision, so that twenty equal notices in one batch settle once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from payments.core.decide import (
    MOST_CHARACTERS,
    AttemptFacts,
    Booking,
    Decision,
    MoneyFacts,
    RequestFacts,
    Standing,
    reference_of,
)
from payments.core.lifecycle import ATTEMPT, REQUEST, follow
from providers.protocol import Notice

Named = tuple[str, str]
"""A provider account and a name within it: an attempt's reference or a sum's key."""


def money_key(notice: Notice) -> str:
    """What makes a sum of money one and the same: the provider's number for it, or else our reference."""
    return (notice.provider_reference or notice.reference)[:MOST_CHARACTERS]


@dataclass
class Board:
    """Facts by name; made from what the database says while its rows are locked."""

    attempts: dict[Named, AttemptFacts] = field(default_factory=dict)
    requests: dict[str, RequestFacts] = field(default_factory=dict)
    money: dict[Named, MoneyFacts] = field(default_factory=dict)
    holding: set[Named] = field(default_factory=set)  # attempts under which money is held
    refunds_dong: dict[Named, frozenset[int]] = field(default_factory=dict)  # on their way or done
    failed_refunds_dong: dict[Named, frozenset[int]] = field(default_factory=dict)  # sent in vain
    keys: dict[Named, str] = field(default_factory=dict)  # under which key an attempt's money is booked

    def standing(self, account_code: str, notice: Notice) -> Standing:
        """Everything known about what ``notice`` speaks of."""
        name = (account_code, reference_of(notice))
        attempt = self.attempts.get(name)
        return Standing(
            attempt=attempt,
            request=self.requests.get(attempt.request_id) if attempt else None,
            money=self._money(account_code, notice),
            attempt_holds_money=name in self.holding,
            refunds_dong=self.refunds_dong.get(name, frozenset()),
            failed_refunds_dong=self.failed_refunds_dong.get(name, frozenset()),
        )

    def _money(self, account_code: str, notice: Notice) -> MoneyFacts | None:
        return self.money.get((account_code, self._key(account_code, notice)))

    def _key(self, account_code: str, notice: Notice) -> str:
        """The key of the sum that ``notice`` speaks of, also where one of two messages lacks the provider's number."""
        own, name = money_key(notice), (account_code, reference_of(notice))
        if (account_code, own) in self.money:
            return own
        if notice.provider_reference:
            return name[1] if name in self.money else own
        return self.keys.get(name, own)

    def apply(self, account_code: str, notice: Notice, decision: Decision, payment_id: str) -> None:
        """Take ``decision`` into account for the notices that follow; ``payment_id`` names newly booked money."""
        name = (account_code, reference_of(notice))
        attempt = self.attempts.get(name)
        if attempt is not None and decision.attempt_event is not None:
            state = follow(ATTEMPT, attempt.state, decision.attempt_event).to
            self.attempts[name] = replace(attempt, state=state)
        if attempt is not None and decision.request_event is not None:
            request = self.requests[attempt.request_id]
            state_of_request = follow(REQUEST, request.state, decision.request_event).to
            self.requests[request.id] = replace(request, state=state_of_request)
        self._book(account_code, notice, decision, payment_id)

    def _book(self, account_code: str, notice: Notice, decision: Decision, payment_id: str) -> None:
        if decision.booking is Booking.NOTHING:
            return
        # Placed money stays under the key that it was found by; it is not a second sum.
        name, key = (account_code, reference_of(notice)), self._key(account_code, notice)
        promised_dong = notice.amount_dong or 0 if decision.propose_refund else 0
        self.money[account_code, key] = MoneyFacts(
            payment_id, name[1], notice.amount_dong or 0, decision.hold, promised_dong
        )
        self.keys.setdefault(name, key)
        if decision.hold is None:
            self.holding.discard(name)
        else:
            self.holding.add(name)
