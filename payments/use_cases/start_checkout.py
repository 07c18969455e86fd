"""A citizen opens a payment link and chooses how to pay.

The attempt is written before the provider is asked for anything, so a crash in between is found by asking. A try
that is still open at the same provider is continued, not doubled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import AttemptState, RequestState
from payments.core.references import attempt_reference
from payments.core.refusals import Conflict, NotFound, Unavailable
from payments.store import attempts as store
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.requests import find_by_token
from payments.use_cases.gateway import Gateway, ProviderAccount
from payments.use_cases.show_request import picture
from payments.use_cases.views import AttemptView, CheckoutView, Offer, PaymentRequestView, Standing
from providers.protocol import Order, ProviderError, Redirect, perform


def look_up_checkout(gateway: Gateway, token: str) -> CheckoutView:
    """Everything the citizen's page shows. Raises NotFound for a link that was never given out."""
    now = gateway.now()
    with reading(gateway.engine) as connection:
        row = find_by_token(connection, token)
        if row is None:
            raise _unknown_link()
        request = picture(connection, [row], gateway.public_url)[0]
        tries = tuple(_attempt(attempt) for attempt in store.attempts_of(connection, row.id))
    return CheckoutView(
        request=request,
        standing=_standing(request, tries),
        offers=_offers(gateway, request),
        attempts=tries,
        failed_last=_failed_last(request, tries),
        token=token,
        now=now,
        beyond_every_offer=_is_beyond_every_offer(gateway, request),
    )


def start_checkout(gateway: Gateway, token: str, account_code: str, payer_address: str, language: str) -> str:
    """The address to send the citizen's browser to.

    Raises NotFound, Conflict when there is nothing to pay any more, or Unavailable when the provider cannot be
    reached; the attempt stays and is asked about.
    """
    now = gateway.now()
    account = gateway.account(account_code)
    with transaction(gateway.engine) as connection:
        row = find_by_token(connection, token, lock=True)
        if row is None:
            raise _unknown_link()
        request = picture(connection, [row], gateway.public_url)[0]
        _refuse_unpayable(request, now)
        _refuse_unsuitable(account, request)
        _refuse_second_payment(store.attempts_of(connection, row.id))
        attempt = _open_attempt(connection, row.id, account_code, now)
        if attempt is not None and attempt.redirect_url:
            return str(attempt.redirect_url)
        reference = attempt.reference if attempt else attempt_reference(now, gateway.draw)
        if attempt is None:
            _write_attempt(gateway, connection, row, reference, account_code, payer_address, language, now)
    return _send(gateway, account, reference)


def find_way_back(gateway: Gateway, account_code: str, reference: str) -> tuple[str, str] | None:
    """The token of the payment link to which an attempt of this account belongs, and the payer's language."""
    with reading(gateway.engine) as connection:
        attempt = store.find_attempt(connection, reference)
    if attempt is None or attempt.account_code != account_code:
        return None
    return attempt.token, attempt.language


def order_of(gateway: Gateway, attempt: Row[Any]) -> Order:
    """What the provider is told of an attempt, the same at every question."""
    base = f"{gateway.public_url}/providers/{attempt.account_code}"
    return Order(
        reference=attempt.reference,
        amount_dong=attempt.amount_dong,
        description=f"Ho so {attempt.dossier_code}",
        created_at=attempt.created_at,
        expires_at=attempt.expires_at,
        return_url=f"{base}/return",
        notice_url=f"{base}/callback",
        payer_address=attempt.payer_address,
        language=attempt.language,
        provider_reference=attempt.provider_reference,
    )


def _write_attempt(
    gateway: Gateway,
    connection: Connection,
    request: Row[Any],
    reference: str,
    account_code: str,
    payer_address: str,
    language: str,
    now: datetime,
) -> None:
    expires_at = now + gateway.terms.attempt_lifetime
    store.add_attempt(
        connection,
        {
            "reference": reference,
            "request_id": request.id,
            "account_code": account_code,
            "state": AttemptState.CREATED,
            "amount_dong": request.amount_dong,
            "payer_address": payer_address,
            "language": language,
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    first_question = now + gateway.terms.first_question
    enqueue(connection, [Job(JobKind.ASK_PROVIDER, reference, first_question)], now)
    note(
        connection,
        [AuditEntry("payer", "start_checkout", request.id, {"attempt": reference, "account": account_code})],
        now,
    )


def _send(gateway: Gateway, account: ProviderAccount, reference: str) -> str:
    """Ask the provider where to send the payer; outside any transaction."""
    with reading(gateway.engine) as connection:
        attempt = store.get_attempt(connection, reference)
    try:
        step = account.provider.start(order_of(gateway, attempt))
        redirect: Redirect = perform(step, lambda request: gateway.send(account.code, request))
    except ProviderError as fault:
        raise Unavailable(
            "provider_unavailable",
            f"{account.provider.title} đang không trả lời. Bạn chưa bị trừ tiền; hãy thử lại sau hoặc chọn cách khác.",
            f"{account.provider.title} is not answering. No money was taken; try again later or choose another way.",
        ) from fault
    with transaction(gateway.engine) as connection:
        store.mark_sent(connection, reference, redirect.url)
    return redirect.url


def _open_attempt(
    connection: Connection, request_id: str, account_code: str, now: datetime
) -> Row[Any] | None:
    for attempt in store.attempts_of(connection, request_id):
        live = attempt.state in store.LIVE and attempt.expires_at > now
        if live and attempt.account_code == account_code:
            return attempt
    return None


def _refuse_unpayable(request: PaymentRequestView, now: datetime) -> None:
    if request.state is RequestState.PAID:
        raise Conflict(
            "already_paid", "Khoản này đã được nộp; bạn không phải nộp nữa.", "This has been paid already."
        )
    if request.state is RequestState.CANCELLED:
        raise Conflict(
            "request_cancelled",
            "Yêu cầu nộp tiền đã được hủy; hãy hỏi nơi nhận hồ sơ.",
            "This payment request was cancelled; ask where you filed the dossier.",
        )
    if request.state is RequestState.EXPIRED or request.expires_at <= now:
        raise Conflict(
            "request_expired",
            "Yêu cầu nộp tiền đã hết hạn; hãy xin nơi nhận hồ sơ đường dẫn mới.",
            "This payment request has expired; ask for a new link where you filed the dossier.",
        )
    if request.held_payments:
        raise Conflict(
            "money_held",
            "Đã nhận một khoản tiền cho hồ sơ này và cán bộ đang kiểm tra; xin đừng nộp thêm.",
            "Money has arrived for this dossier and an officer is checking it; please do not pay again.",
        )


def _refuse_second_payment(tries: Sequence[Row[Any]]) -> None:
    if any(attempt.questioned for attempt in tries):
        raise Conflict(
            "bank_being_asked",
            "Ngân hàng báo có thể đã nhận tiền của bạn và đang kiểm tra; xin đừng nộp lại lúc này.",
            "The bank says that it may have taken your money and is checking; please do not pay again now.",
        )


def _refuse_unsuitable(account: ProviderAccount, request: PaymentRequestView) -> None:
    if not _suits(account, request):
        raise Conflict(
            "provider_not_offered",
            "Cách thanh toán này không dùng được cho khoản này; hãy chọn cách khác.",
            "This way of paying cannot be used here; choose another.",
        )


def _suits(account: ProviderAccount, request: PaymentRequestView) -> bool:
    limits = account.provider.capabilities
    return limits.least_dong <= request.amount_dong <= limits.most_dong and _collects(account, request)


def _collects(account: ProviderAccount, request: PaymentRequestView) -> bool:
    return account.collects_for(frozenset(line.agency_code for line in request.lines))


def _is_beyond_every_offer(gateway: Gateway, request: PaymentRequestView) -> bool:
    """Whether the amount alone is what no provider account here takes: waiting will not help."""
    collecting = [account for account in gateway.accounts.values() if _collects(account, request)]
    return bool(collecting) and not any(_suits(account, request) for account in collecting)


def _offers(gateway: Gateway, request: PaymentRequestView) -> tuple[Offer, ...]:
    return tuple(
        Offer(code, account.provider.name, account.provider.title)
        for code, account in sorted(gateway.accounts.items())
        if _suits(account, request)
    )


def _standing(request: PaymentRequestView, tries: tuple[AttemptView, ...]) -> Standing:
    if request.state is RequestState.PAID:
        return Standing.PAID if request.amount_dong else Standing.NOTHING_DUE
    if request.held_payments:
        return Standing.HELD
    if request.state is RequestState.CANCELLED:
        return Standing.CANCELLED
    if any(attempt.is_live for attempt in tries):
        return Standing.ASKING
    return Standing.EXPIRED if request.state is RequestState.EXPIRED else Standing.PAYABLE


def _failed_last(request: PaymentRequestView, tries: tuple[AttemptView, ...]) -> bool:
    """Whether the newest try ended without money; money that was given back since had come all the same."""
    brought = {payment.attempt_reference for payment in request.payments}
    ended = bool(tries) and tries[0].state in (AttemptState.FAILED, AttemptState.EXPIRED)
    return ended and tries[0].reference not in brought


def _attempt(row: Row[Any]) -> AttemptView:
    values = {name: getattr(row, name) for name in AttemptView.__dataclass_fields__}
    return AttemptView(**{**values, "state": AttemptState(row.state)})


def _unknown_link() -> NotFound:
    return NotFound(
        "unknown_checkout",
        "Đường dẫn nộp tiền này không đúng. Hãy mở lại từ tin nhắn hoặc trang hồ sơ của bạn.",
        "This payment link is not right. Open it again from your message or your dossier's page.",
    )
