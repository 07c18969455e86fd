"""End a request whose time has run out, or that its portal withdraws. The provider is asked first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from payments.core.lifecycle import REQUEST, RequestEvent, RequestState, follow
from payments.core.refusals import Conflict
from payments.store import attempts, audit
from payments.store.database import transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.requests import end_request, find_request
from payments.use_cases.announce import Announcement, announce
from payments.use_cases.ask_provider import wait
from payments.use_cases.gateway import Gateway
from payments.use_cases.read_requests import unknown_request
from payments.use_cases.show_request import picture
from payments.use_cases.views import PaymentRequestView

ASKED_AT_ONCE = timedelta(minutes=1)
"""How long after the end the open attempts are asked about out of turn; later their own questions suffice."""


def expire_payment(gateway: Gateway, request_id: str) -> datetime | None:
    """Expire a request; the time to come back when a provider still owes an answer, else None."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        request = find_request(connection, request_id, lock=True)
        if request is None or request.state != RequestState.OPEN:
            return None
        if request.expires_at > now:
            return request.expires_at  # type: ignore[no-any-return]
        if attempts.count_live(connection, request_id):
            if now < request.expires_at + ASKED_AT_ONCE:
                _ask_all(connection, request_id, now)
            return now + wait(request.expires_at, now)
        _end(gateway, connection, request_id, RequestState.OPEN, RequestEvent.EXPIRED, "worker", now)
    return None


def cancel_request(gateway: Gateway, portal_code: str, request_id: str) -> PaymentRequestView:
    """Withdraw a request. Raises NotFound, or Conflict when it was paid or a payer is on the way.

    Cancelling twice is no fault: the second time changes nothing. One that has expired may be withdrawn too, and then
    keeps its dossier waiting no longer.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        request = find_request(connection, request_id, portal_code, lock=True)
        if request is None:
            raise unknown_request()
        state = RequestState(request.state)
        if state is not RequestState.CANCELLED:
            _refuse_cancelling(connection, request_id, state, now)
            _end(gateway, connection, request_id, state, RequestEvent.CANCELLED, f"portal:{portal_code}", now)
        row = find_request(connection, request_id, portal_code)
        return picture(connection, [row] if row else [], gateway.public_url)[0]


def _refuse_cancelling(connection: Connection, request_id: str, state: RequestState, now: datetime) -> None:
    if state is RequestState.PAID:
        raise Conflict(
            "already_paid",
            "Yêu cầu đã được nộp tiền nên không hủy được; hãy đề nghị hoàn trả.",
            "This request has been paid and cannot be cancelled; ask for a refund instead.",
        )
    if attempts.count_live(connection, request_id):
        raise Conflict("payer_on_the_way", *_why_not_yet(connection, request_id, now))


def _why_not_yet(connection: Connection, request_id: str, now: datetime) -> tuple[str, str]:
    """What is known of the try that is still open, in Vietnamese and English."""
    tries = attempts.attempts_of(connection, request_id)
    if any(attempt.questioned for attempt in tries):
        return (
            "Ngân hàng báo có thể đã thu tiền của lần nộp gần nhất và đang được hỏi lại; hãy thử hủy lại khi đã rõ.",
            "The bank says that it may have taken money and is being asked; try to cancel again once that is clear.",
        )
    if any(attempt.state in attempts.LIVE and attempt.expires_at > now for attempt in tries):
        return (
            "Người nộp có thể đang ở trang của ngân hàng; hãy thử hủy lại sau ít phút.",
            "The payer may be on the bank's page at this moment; try to cancel again in a few minutes.",
        )
    return (
        "Ngân hàng chưa cho biết kết quả lần nộp gần nhất; hãy thử hủy lại khi đã rõ.",
        "The bank has not said yet how the payer's last try ended; try to cancel again once it has.",
    )


def _ask_all(connection: Connection, request_id: str, now: datetime) -> None:
    tries = attempts.attempts_of(connection, request_id)
    live = [row for row in tries if row.state in attempts.LIVE or row.questioned]
    enqueue(connection, [Job(JobKind.ASK_PROVIDER, row.reference, now) for row in live], now)


def _end(
    gateway: Gateway,
    connection: Connection,
    request_id: str,
    was: RequestState,
    event: RequestEvent,
    actor: str,
    now: datetime,
) -> None:
    edge = follow(REQUEST, was, event)
    end_request(connection, request_id, edge.to, now, was=was)
    announce(connection, [Announcement(edge.announces, request_id)], now, gateway.draw)
    audit.note(connection, [audit.AuditEntry(actor, f"request_{edge.to}", request_id)], now)
