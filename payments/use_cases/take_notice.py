"""The one door for money: every statement that money moved enters here.

A callback, a return, a query's answer: each arrives as an :class:`Arrival`, already verified and parsed by its
provider or refused by it. Whatever is waiting is taken together: one transaction locks what the notices speak of,
decides each, and writes everything by a few statements over all of them. The answers are given after the commit.
One arrival that cannot be applied does not hurt the others: when a batch fails, its members are tried one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import structlog
from sqlalchemy import Connection

from payments.core.board import Board, money_key
from payments.core.decide import Booking, Decision, Heard, Source, decide, reference_of
from payments.core.lifecycle import RefundState
from payments.core.references import sortable
from payments.store.database import again_after_races, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.notices import correct_decisions, keep_notices
from payments.store.refunds import GOING_BACK, sent_amounts
from payments.store.standings import lock_board
from payments.use_cases.effects import Effects
from payments.use_cases.gateway import Gateway
from payments.use_cases.settle import write_effects
from providers.protocol import (
    Acknowledgement,
    BadSignature,
    Incoming,
    Notice,
    ProviderError,
)

BOOKED = {
    Booking.SETTLE: "payment settled",
    Booking.RELEASE: "payment settled",
    Booking.HOLD: "payment held",
    Booking.EXPLAIN: "payment held",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Arrival:
    """A message as it came, and what its provider made of it: a notice, or the fault that refuses it."""

    account_code: str
    source: Source
    incoming: Incoming
    notice: Notice | None = None
    fault: Acknowledgement = Acknowledgement.MALFORMED
    detail: str = ""
    reconsidered: bool = False  # taken from the inbox again; it did not come once more
    heard_in: str = ""  # id of the HTTP request that brought it, for the log

    @cached_property
    def id(self) -> str:
        """The identity of the message: the digest of account, source and raw content."""
        digest = hashlib.sha256()
        parts = (self.account_code, self.source, self.incoming.method, self.incoming.query_string)
        digest.update("\n".join(parts).encode())
        digest.update(b"\n")
        digest.update(self.incoming.body)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an arrival."""

    acknowledgement: Acknowledgement
    decision: str
    request_id: str | None = None
    payment_id: str = ""  # the money that was booked or placed
    booking: Booking = Booking.NOTHING


def listen(
    gateway: Gateway, account_code: str, source: Source, incoming: Incoming, heard_in: str = ""
) -> Arrival:
    """Let the provider verify and read a message; nothing is stored and nothing is believed unverified."""
    provider = gateway.account(account_code).provider
    try:
        return Arrival(account_code, source, incoming, notice=provider.hear(incoming), heard_in=heard_in)
    except BadSignature as fault:
        refused, detail = Acknowledgement.BAD_SIGNATURE, str(fault)
    except ProviderError as fault:
        refused, detail = Acknowledgement.MALFORMED, str(fault)
    return Arrival(account_code, source, incoming, fault=refused, detail=detail, heard_in=heard_in)


def take_notices(gateway: Gateway, arrivals: Sequence[Arrival]) -> list[Outcome]:
    """Apply ``arrivals`` and return what became of each, in their order, after the commit.

    A message that cannot be applied is put aside, to be considered again by a job. What a job brings itself (an answer
    to a question, a message from the inbox) raises instead: its job comes again.
    """
    if not arrivals:
        return []
    try:
        return again_after_races(lambda: _take_together(gateway, arrivals))
    except Exception:
        if len(arrivals) == 1 and not _comes_again(arrivals[0]):
            return [_put_aside(gateway, arrivals[0])]
        if len(arrivals) == 1:
            raise
        log.warning("batch_failed", members=len(arrivals), exc_info=True)
    return [outcome for arrival in arrivals for outcome in take_notices(gateway, [arrival])]


def _comes_again(arrival: Arrival) -> bool:
    return arrival.reconsidered or arrival.source is Source.QUERY


def _take_together(gateway: Gateway, arrivals: Sequence[Arrival]) -> list[Outcome]:
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        board = _read_board(gateway, connection, arrivals)
        effects = Effects(now)
        outcomes = [_decide_one(gateway, board, arrival, effects, now) for arrival in arrivals]
        keep_notices(connection, effects.notices, now)
        correct_decisions(connection, effects.corrections)
        write_effects(gateway, connection, effects)
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        _write_down(arrival, outcome)
    return outcomes


def _write_down(arrival: Arrival, outcome: Outcome) -> None:
    """A line of the log about money that was booked, and about a message that nobody vouches for."""
    # A job has bound its own name to its lines; only what came by HTTP brings the id of a request.
    names = {"request_id": arrival.heard_in} if arrival.heard_in else {}
    if arrival.notice is None:
        log.warning(
            "notice refused",
            account=arrival.account_code,
            source=arrival.source,
            fault=arrival.fault,
            notice=arrival.id,
            **names,
        )
    elif outcome.booking in BOOKED:
        log.info(
            BOOKED[outcome.booking],
            payment=outcome.payment_id,
            payment_request=outcome.request_id,
            account=arrival.account_code,
            source=arrival.source,
            decision=outcome.decision,
            **names,
        )


def _read_board(gateway: Gateway, connection: Connection, arrivals: Sequence[Arrival]) -> Board:
    heard = [(arrival.account_code, arrival.notice) for arrival in arrivals if arrival.notice]
    if not heard:
        return Board()
    board = lock_board(
        connection,
        [(account, reference_of(notice)) for account, notice in heard],
        [(account, money_key(notice)) for account, notice in heard],
        gateway.terms.grace,
    )
    # Few messages tell of refunds, and the others need not wait for them.
    refunded = {reference_of(notice) for _, notice in heard if notice.of_refund}
    if refunded:
        board.refunds_dong.update(sent_amounts(connection, refunded, GOING_BACK))
        board.failed_refunds_dong.update(sent_amounts(connection, refunded, [RefundState.FAILED]))
    return board


def _decide_one(gateway: Gateway, board: Board, arrival: Arrival, effects: Effects, now: datetime) -> Outcome:
    if arrival.notice is None:
        effects.keep(arrival, Decision("refused", arrival.fault))
        return Outcome(arrival.fault, "refused")
    notice = arrival.notice
    standing = board.standing(arrival.account_code, notice)
    decision = decide(standing, Heard(notice, arrival.source, now))
    payment_id = _payment_id(gateway, decision, standing.money.id if standing.money else "", now)
    effects.keep(arrival, decision)
    effects.add(arrival, notice, standing, decision, payment_id)
    board.apply(arrival.account_code, notice, decision, payment_id)
    request_id = standing.request.id if standing.request else None
    return Outcome(decision.acknowledgement, decision.name, request_id, payment_id, decision.booking)


def _payment_id(gateway: Gateway, decision: Decision, booked_id: str, now: datetime) -> str:
    if decision.booking in (Booking.SETTLE, Booking.HOLD):
        return "pm_" + sortable(now, gateway.draw)
    return booked_id


def _put_aside(gateway: Gateway, arrival: Arrival) -> Outcome:
    """Keep a message that could not be applied, so that nothing is lost, and ask for it again."""
    log.error("notice_failed", account=arrival.account_code, notice=arrival.id, exc_info=True)
    decision = Decision("put_aside", Acknowledgement.TRY_AGAIN)
    now = gateway.now()
    effects = Effects(now)
    effects.keep(arrival, decision)
    try:
        with transaction(gateway.engine) as connection:
            keep_notices(connection, effects.notices, now)
            enqueue(connection, [Job(JobKind.RECONSIDER_NOTICE, arrival.id, now)], now)
    except Exception:
        # Not even that: the database is away. The provider is told to call again and does.
        log.error("notice_not_kept", account=arrival.account_code, notice=arrival.id, exc_info=True)
    return Outcome(decision.acknowledgement, decision.name)
