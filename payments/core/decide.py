"""What a notice means for the money: the one place where that is decided.

``decide(standing, heard)`` is pure. It takes what is known (the attempt that the notice names, its request, the
sum of money if it is already booked) and returns a :class:`Decision`; ``use_cases/take_notice.py`` carries it out.

The rules, in the order in which they are asked:

 1. The browser's return settles nothing; it makes us ask the provider.
 2. A success or failure whose protected fields leave out any that money depends on decides nothing; it makes us ask.
 3. A notice for an attempt we do not know: money is held and looked at, anything else is noted.
 4. Money that is already booked is booked once. If it was held because its attempt was unknown, and the attempt is
    known now, it is released, or held for the reason that then shows, unless it is promised back to the payer. A
    notice that gives the same money another amount, or gives it to another attempt, is a contradiction.
 5. Money of another amount than asked is held, never settled, never refused. It ends its attempt: what became of that
    is known, and an officer has it.
 6. Money for a request that is paid, cancelled, expired and asked for anew, or (by the procedure's policy) expired is
    held.
 7. Success after a failure is believed when a query says so; a callback alone makes us ask.
 8. Any other success settles the request.
 9. A failure ends a live attempt; it never undoes money. After a success it is a contradiction.
10. Review, reversal and unknown codes settle nothing; an officer is told and the provider is asked again. What tells
    of a refund that we sent ourselves is no news: how that ends is asked by the refund's own questions. But money that
    was given back by a refund which failed, or which an officer ended as not carried out, is a contradiction.
11. "Pending" and "not found" after the payer's time has run out, from a query, end the attempt as expired, and so does
    money that was given back, by us or by the bank. It can still be paid late.
12. A success or failure that a query tells answers every doubt about the attempt, and so does a reversal once the
    attempt is over; any other lapse leaves open whether money was taken, where a message has raised that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from payments.core.lifecycle import (
    ATTEMPT,
    REQUEST,
    AttemptEvent,
    AttemptState,
    RequestEvent,
    RequestState,
    allows,
)
from providers.protocol import Acknowledgement, Notice, Verdict

MOST_CHARACTERS = 100
"""How much of a provider's references and numbers is kept, and so compared."""


def reference_of(notice: Notice) -> str:
    """Of which attempt ``notice`` speaks."""
    return notice.reference[:MOST_CHARACTERS]


class Source(StrEnum):
    """Where a notice came from."""

    CALLBACK = "callback"
    RETURN = "return"
    QUERY = "query"
    STATEMENT = "statement"
    CASHIER = "cashier"


class Hold(StrEnum):
    """Why money that arrived is held and pays nothing yet."""

    UNKNOWN_REFERENCE = "unknown_reference"
    WRONG_AMOUNT = "wrong_amount"
    DOUBLE = "double"
    CANCELLED = "cancelled"
    LATE = "late"


class Trouble(StrEnum):
    """What a finance officer is asked to look at."""

    UNKNOWN_REFERENCE = "unknown_reference"
    WRONG_AMOUNT = "wrong_amount"
    DOUBLE = "double"
    CANCELLED = "cancelled"
    LATE = "late"
    CONTRADICTION = "contradiction"
    REVIEW = "review"
    REVERSED = "reversed"
    UNKNOWN_CODE = "unknown_code"
    SUCCESS_AFTER_FAILURE = "success_after_failure"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_FAILED = "refund_failed"


MAY_BE_PAID = (Trouble.REVIEW, Trouble.SUCCESS_AFTER_FAILURE)
"""While one of these is open, money may have been taken: the payer is not sent to pay again."""
DOUBTS = (*MAY_BE_PAID, Trouble.UNKNOWN_CODE)
"""Troubles that end by themselves once the provider says clearly what became of the attempt."""


class Booking(StrEnum):
    """What becomes of the money."""

    NOTHING = "nothing"
    SETTLE = "settle"
    HOLD = "hold"
    RELEASE = "release"
    EXPLAIN = "explain"  # it stays held, and now it is known for what


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    reference: str
    request_id: str
    state: AttemptState
    amount_dong: int
    answerable_until: datetime  # the end of the payer's time at the provider, with a grace


@dataclass(frozen=True, slots=True)
class RequestFacts:
    id: str
    state: RequestState
    holds_late_money: bool
    replaced: bool = False  # it had expired, and its dossier was asked for the same anew


@dataclass(frozen=True, slots=True)
class MoneyFacts:
    """A sum of money that is already booked."""

    id: str
    reference: str  # of the attempt that it is said to belong to, known or not
    amount_dong: int
    hold: Hold | None  # None: it settled its request
    promised_dong: int = 0  # asked to be given back, and not refused or failed

    @property
    def can_be_placed(self) -> bool:
        """Whether it waits for its attempt to become known and nobody was promised it."""
        return self.hold is Hold.UNKNOWN_REFERENCE and not self.promised_dong


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything known about what a notice speaks of."""

    attempt: AttemptFacts | None = None
    request: RequestFacts | None = None
    money: MoneyFacts | None = None  # booked under the notice's own number
    attempt_holds_money: bool = False  # under any number
    refunds_dong: frozenset[int] = frozenset()  # the amounts of its refunds that are on their way or done
    failed_refunds_dong: frozenset[int] = frozenset()  # of those that were sent and did not happen


@dataclass(frozen=True, slots=True)
class Heard:
    notice: Notice
    source: Source
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do; everything it does not name stays as it is."""

    name: str
    acknowledgement: Acknowledgement
    booking: Booking = Booking.NOTHING
    hold: Hold | None = None
    attempt_event: AttemptEvent | None = None
    request_event: RequestEvent | None = None
    trouble: Trouble | None = None
    ask: bool = False
    reconsider: bool = False
    propose_refund: bool = False
    answers: bool = False  # every doubt about the attempt

    @property
    def changes(self) -> bool:
        """Whether anything but the record of the message is written."""
        return self.booking is not Booking.NOTHING or any(
            (self.attempt_event, self.request_event, self.trouble)
        )


RECORDED = Acknowledgement.RECORDED
DUPLICATE = Acknowledgement.DUPLICATE


def decide(standing: Standing, heard: Heard) -> Decision:
    """What ``heard`` means, given ``standing``."""
    decision = _consequence(standing, heard)
    if standing.attempt is None or heard.source is not Source.QUERY or not is_clear(heard.notice):
        return decision
    if heard.notice.verdict is Verdict.REVERSED:
        return replace(decision, answers=_is_over(standing.attempt, heard))
    return replace(decision, answers=decision.trouble is not Trouble.CONTRADICTION)


def is_clear(notice: Notice) -> bool:
    """Whether a query that is answered like this, once an attempt is over, leaves nothing to ask about it."""
    return notice.verdict is Verdict.REVERSED or (notice.verdict in DECISIVE and _is_evidence(notice))


def _consequence(standing: Standing, heard: Heard) -> Decision:
    notice = heard.notice
    attempt, request = standing.attempt, standing.request
    if attempt is None or request is None:
        return _unknown(standing, heard)
    if heard.source is Source.RETURN:
        return Decision("asked_after_return", RECORDED, ask=_open_question(attempt))
    if notice.verdict in DECISIVE and not _is_evidence(notice):
        return Decision("asked_for_evidence", RECORDED, ask=_open_question(attempt))
    if notice.of_refund and notice.amount_dong in standing.refunds_dong | standing.failed_refunds_dong:
        return _of_own_refund(standing, attempt, heard)
    if notice.verdict in UNCLEAR:
        trouble, ask = UNCLEAR[notice.verdict], _open_question(attempt)
        lapsed = _lapsed(attempt, heard) if notice.verdict is Verdict.REVERSED else None
        return Decision(f"noted_{trouble}", RECORDED, attempt_event=lapsed, trouble=trouble, ask=ask)
    if notice.verdict is Verdict.PAID and standing.money and standing.money.reference != attempt.reference:
        return _of_another(attempt)
    if notice.amount_dong is not None and notice.amount_dong != attempt.amount_dong:
        return _other_amount(standing, attempt, notice)
    if notice.verdict is Verdict.PAID:
        return _paid(standing, attempt, request, heard)
    if notice.verdict is Verdict.FAILED:
        return _failed(standing, attempt)
    return _not_paid_yet(standing, attempt, heard)


DECISIVE = frozenset({Verdict.PAID, Verdict.FAILED})


def _is_evidence(notice: Notice) -> bool:
    return notice.conclusive and (notice.verdict is Verdict.FAILED or bool(notice.amount_dong))


def _of_own_refund(standing: Standing, attempt: AttemptFacts, heard: Heard) -> Decision:
    lapsed, failed = _lapsed(attempt, heard), heard.notice.amount_dong not in standing.refunds_dong
    if failed and heard.notice.verdict is Verdict.REVERSED:
        return Decision("contradicted", RECORDED, trouble=Trouble.CONTRADICTION, attempt_event=lapsed)
    return Decision("told_of_own_refund", RECORDED, attempt_event=lapsed)


def _open_question(attempt: AttemptFacts) -> bool:
    return attempt.state is not AttemptState.PAID


def _unknown(standing: Standing, heard: Heard) -> Decision:
    unknown = Acknowledgement.UNKNOWN_ORDER
    notice = heard.notice
    is_money = notice.verdict is Verdict.PAID and _is_evidence(notice)
    if heard.source is Source.RETURN:
        return Decision("unknown_order", unknown)
    if not is_money:
        return Decision("unknown_order", unknown, trouble=UNCLEAR.get(notice.verdict))
    if standing.money is not None:
        return _unknown_again(standing.money, notice)
    return Decision(
        "held_unknown_reference",
        unknown,
        booking=Booking.HOLD,
        hold=Hold.UNKNOWN_REFERENCE,
        trouble=Trouble.UNKNOWN_REFERENCE,
        reconsider=True,
    )


def _unknown_again(money: MoneyFacts, notice: Notice) -> Decision:
    # Only money that is held for its unknown reference can be meant; any other sum is a known attempt's.
    told = (reference_of(notice), notice.amount_dong)
    if money.hold is Hold.UNKNOWN_REFERENCE and (money.reference, money.amount_dong) == told:
        return Decision("unknown_order_again", Acknowledgement.UNKNOWN_ORDER)
    return Decision("contradicted", Acknowledgement.UNKNOWN_ORDER, trouble=Trouble.CONTRADICTION)


def _of_another(attempt: AttemptFacts) -> Decision:
    """One number, two attempts: the money is the first one's, and the second is asked about and looked at."""
    return Decision("contradicted", RECORDED, trouble=Trouble.CONTRADICTION, ask=_open_question(attempt))


def _other_amount(standing: Standing, attempt: AttemptFacts, notice: Notice) -> Decision:
    wrong, money = Acknowledgement.WRONG_AMOUNT, standing.money
    if notice.verdict is not Verdict.PAID:
        return Decision("asked_about_amount", wrong, ask=_open_question(attempt))
    if money is None or (money.can_be_placed and money.amount_dong == notice.amount_dong):
        return Decision(
            "held_wrong_amount",
            wrong,
            booking=Booking.HOLD if money is None else Booking.EXPLAIN,
            hold=Hold.WRONG_AMOUNT,
            attempt_event=_end(attempt),
            trouble=Trouble.WRONG_AMOUNT,
        )
    if money.amount_dong == notice.amount_dong:
        return Decision("held_already", wrong, attempt_event=_end(attempt))
    return Decision("contradicted", wrong, trouble=Trouble.CONTRADICTION)


def _paid(standing: Standing, attempt: AttemptFacts, request: RequestFacts, heard: Heard) -> Decision:
    if standing.money is not None:
        return _booked_already(standing.money, attempt, request, heard)
    hold = _must_hold(request)
    if hold is not None:
        return _held(hold, Booking.HOLD, attempt)
    if attempt.state is AttemptState.FAILED and heard.source is Source.CALLBACK:
        return Decision("asked_after_failure", RECORDED, trouble=Trouble.SUCCESS_AFTER_FAILURE, ask=True)
    name = "settled" if request.state is RequestState.OPEN else "revived"
    return Decision(
        name,
        RECORDED,
        booking=Booking.SETTLE,
        attempt_event=_paid_event(attempt),
        request_event=RequestEvent.SETTLED,
    )


def _paid_event(attempt: AttemptFacts) -> AttemptEvent | None:
    return AttemptEvent.PAID if allows(ATTEMPT, attempt.state, AttemptEvent.PAID) else None


def _held(hold: Hold, booking: Booking, attempt: AttemptFacts) -> Decision:
    return Decision(
        f"held_{hold}",
        RECORDED,
        booking=booking,
        hold=hold,
        attempt_event=_paid_event(attempt),
        trouble=Trouble(hold),
        propose_refund=hold in (Hold.DOUBLE, Hold.CANCELLED),
    )


def _must_hold(request: RequestFacts) -> Hold | None:
    # Of one debt that was asked for twice, the later request is the one to be paid.
    asked_anew = request.state is RequestState.EXPIRED and request.replaced
    if request.state is RequestState.PAID or asked_anew:
        return Hold.DOUBLE
    if request.state is RequestState.EXPIRED and request.holds_late_money:
        return Hold.LATE
    if not allows(REQUEST, request.state, RequestEvent.SETTLED):
        return Hold.CANCELLED
    return None


def _booked_already(
    money: MoneyFacts, attempt: AttemptFacts, request: RequestFacts, heard: Heard
) -> Decision:
    if money.amount_dong != heard.notice.amount_dong:
        return Decision("contradicted", DUPLICATE, trouble=Trouble.CONTRADICTION)
    if not money.can_be_placed:
        return Decision("repeated", DUPLICATE)
    hold = _must_hold(request)
    if hold is not None:
        return _held(hold, Booking.EXPLAIN, attempt)
    return Decision(
        "released",
        RECORDED,
        booking=Booking.RELEASE,
        attempt_event=_paid_event(attempt),
        request_event=RequestEvent.SETTLED,
    )


def _failed(standing: Standing, attempt: AttemptFacts) -> Decision:
    if attempt.state is AttemptState.PAID or standing.attempt_holds_money:
        return Decision("contradicted", DUPLICATE, trouble=Trouble.CONTRADICTION)
    if allows(ATTEMPT, attempt.state, AttemptEvent.FAILED):
        return Decision("attempt_failed", RECORDED, attempt_event=AttemptEvent.FAILED)
    return Decision("repeated", DUPLICATE)


def _not_paid_yet(standing: Standing, attempt: AttemptFacts, heard: Heard) -> Decision:
    lapsed = None if standing.attempt_holds_money else _lapsed(attempt, heard)
    if lapsed is not None:
        return Decision("attempt_lapsed", RECORDED, attempt_event=lapsed)
    sent = AttemptEvent.SENT if allows(ATTEMPT, attempt.state, AttemptEvent.SENT) else None
    return Decision("still_pending", RECORDED, attempt_event=sent, ask=_open_question(attempt))


def _lapsed(attempt: AttemptFacts, heard: Heard) -> AttemptEvent | None:
    """The end of an attempt that a query finds after the payer's time has run out."""
    return _end(attempt) if heard.source is Source.QUERY and _is_over(attempt, heard) else None


def _is_over(attempt: AttemptFacts, heard: Heard) -> bool:
    """Whether the attempt has ended, or its payer's time has run out."""
    return _end(attempt) is None or heard.at >= attempt.answerable_until


def _end(attempt: AttemptFacts) -> AttemptEvent | None:
    """The end of an attempt that does not pay its request, where it has not ended before."""
    return AttemptEvent.LAPSED if allows(ATTEMPT, attempt.state, AttemptEvent.LAPSED) else None


UNCLEAR = {
    Verdict.REVIEW: Trouble.REVIEW,
    Verdict.REVERSED: Trouble.REVERSED,
    Verdict.UNKNOWN: Trouble.UNKNOWN_CODE,
}
"""What a provider says without saying whether money came."""
