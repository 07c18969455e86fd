"""Ask the provider what became of an attempt, and take its answer through the one door for money."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from payments.core.decide import Source, is_clear
from payments.core.lifecycle import AttemptState
from payments.core.references import question_id
from payments.core.refusals import NotFound
from payments.store import attempts as store
from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.notices import asked_since, find_notice
from payments.store.requests import find_by_token
from payments.use_cases.gateway import Gateway
from payments.use_cases.start_checkout import order_of
from payments.use_cases.take_notice import Arrival, Outcome, listen, take_notices
from providers.protocol import Incoming, Notice, ProviderError, Question, Reply, Request, Verdict, perform

SHORTEST_PAUSE = timedelta(seconds=5)
SHORTEST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=6)
MOST_PATIENCE = timedelta(days=3)


def ask_provider(gateway: Gateway, reference: str) -> datetime | None:
    """Ask about one attempt; the time to ask again, or None when its outcome is known.

    Raises ProviderError when the provider gave no usable answer; what it did say is kept.
    """
    with reading(gateway.engine) as connection:
        attempt = store.find_attempt(connection, reference)
    if attempt is None or attempt.state == AttemptState.PAID:
        return None
    answer = _question(gateway, attempt)
    take_notices(gateway, [answer])
    with reading(gateway.engine) as connection:
        attempt = store.get_attempt(connection, reference)
    now = gateway.now()
    return now + wait(attempt.created_at, now) if still_open(attempt, answer, now) else None


def still_open(attempt: Row[Any], answer: Arrival, now: datetime) -> bool:
    """Whether the provider still owes an answer about this attempt.

    One that has ended without money is followed up, for a success may have been reported since, or its bank was not
    done when the payer's time ran out. A clear answer ends that, or MOST_PATIENCE, after which an officer has it alone.
    """
    if attempt.state in store.LIVE:
        return True
    if attempt.state == AttemptState.PAID or now >= attempt.created_at + MOST_PATIENCE:
        return False
    notice = answer.notice
    if notice is None:
        return True
    never_begun = attempt.state == AttemptState.EXPIRED and notice.verdict is Verdict.NOT_FOUND
    ends = is_clear(notice) or ((never_begun or notice.of_refund) and not attempt.questioned)
    return not ends


def wait(started_at: datetime, now: datetime) -> timedelta:
    """How long to wait before the next question: half the attempt's age, within bounds."""
    return min(max((now - started_at) / 2, SHORTEST_WAIT), LONGEST_WAIT)


def ask_now(gateway: Gateway, token: str) -> None:
    """A payer asks "was my money taken?": have every open attempt of the link asked about at once.

    What was asked within the last SHORTEST_PAUSE is not asked again, however often somebody presses.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        request = find_by_token(connection, token)
        if request is None:
            raise NotFound("unknown_checkout", "Đường dẫn không đúng.", "This link is not right.")
        tries = store.attempts_of(connection, request.id)
        live = [row.reference for row in tries if row.state in store.LIVE or row.questioned]
        fresh = asked_since(connection, live, now - SHORTEST_PAUSE)
        due = [reference for reference in live if reference not in fresh]
        enqueue(connection, [Job(JobKind.ASK_PROVIDER, reference, now) for reference in due], now)


def reconsider_notice(gateway: Gateway, notice_id: str) -> Outcome | None:
    """Read a message from the inbox once more, with what is known by now."""
    with reading(gateway.engine) as connection:
        row = find_notice(connection, notice_id)
    if row is None or row.source not in (Source.CALLBACK, Source.RETURN):
        return None
    incoming = Incoming(row.method, row.query_string, row.headers, bytes(row.body))
    heard = listen(gateway, row.account_code, Source(row.source), incoming)
    again = Arrival(
        heard.account_code,
        heard.source,
        incoming,
        notice=heard.notice,
        fault=heard.fault,
        detail=heard.detail,
        reconsidered=True,
    )
    return take_notices(gateway, [again])[0]


def _question(gateway: Gateway, attempt: Row[Any]) -> Arrival:
    """The provider's answer about ``attempt`` as an arrival, with the bytes it came in."""
    account = gateway.account(attempt.account_code)
    question = Question(
        order_of(gateway, attempt), question_id(gateway.draw), gateway.now(), gateway.caller_address
    )
    replies: list[Reply] = []

    def send(request: Request) -> Reply:
        replies.append(gateway.send(account.code, request))
        return replies[-1]

    try:
        notice: Notice = perform(account.provider.query(question), send)
    except ProviderError as fault:
        if replies:
            take_notices(gateway, [_arrival(attempt, question, replies, None, str(fault))])
        raise
    return _arrival(attempt, question, replies, notice, "")


def _arrival(
    attempt: Row[Any], question: Question, replies: list[Reply], notice: Notice | None, detail: str
) -> Arrival:
    last = replies[-1]
    named = f"reference={attempt.reference}&request_id={question.request_id}"
    incoming = Incoming("QUERY", named, last.headers, last.body)
    return Arrival(attempt.account_code, Source.QUERY, incoming, notice=notice, detail=detail)
