"""Money that a bank took and gave back by itself: the try is over, and nobody waits for it any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from payments.core.decide import Source
from payments.core.lifecycle import RequestState
from payments.store.attempts import get_attempt
from payments.store.database import reading
from payments.use_cases.ask_provider import still_open
from payments.use_cases.expire_payment import cancel_request
from payments.use_cases.start_checkout import look_up_checkout
from payments.use_cases.take_notice import Arrival, take_notices
from payments.use_cases.views import Standing
from providers.protocol import ALL_COVERED, Incoming, Notice, Verdict
from tests.gateway import ACCOUNT, PORTAL, Installation
from tests.use_cases.money import (
    FAILED,
    attempt_state,
    bring,
    check_books,
    open_bank_page,
    reference_in,
    troubles,
)

REVIEW = {"vnp_ResponseCode": "07", "vnp_TransactionStatus": "07"}


def reversal(reference: str, amount_dong: int) -> Arrival:
    said = Notice(Verdict.REVERSED, reference, ALL_COVERED, amount_dong, code="00/02/05", of_refund=True)
    return Arrival(ACCOUNT, Source.QUERY, Incoming("QUERY", "reversed", {}, b""), notice=said)


@pytest.mark.parametrize("reviewed", [False, True])
def test_an_attempt_whose_money_the_bank_gave_back_holds_nothing_up(
    reviewed: bool, installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(lifetime=timedelta(days=1))
    url = open_bank_page(installation, request)
    if reviewed:
        bring(installation, installation.bank.notice(url, **REVIEW))
    installation.clock.advance(minutes=30)
    answer = reversal(reference_in(url), request.amount_dong)
    take_notices(installation.gateway, [answer])
    assert (attempt_state(engine, reference_in(url)), troubles(engine)) == ("expired", ["reversed"])
    with reading(engine) as connection:
        attempt = get_attempt(connection, reference_in(url))
    assert not still_open(attempt, answer, installation.clock())
    assert look_up_checkout(installation.gateway, installation.token(request)).standing is Standing.PAYABLE
    assert cancel_request(installation.gateway, PORTAL, request.id).state is RequestState.CANCELLED
    check_books(engine)


def test_a_success_after_a_failure_that_the_bank_reversed_is_waited_for_no_more(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(lifetime=timedelta(days=1))
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, **FAILED), installation.bank.notice(url))
    assert troubles(engine) == ["success_after_failure"]
    take_notices(installation.gateway, [reversal(reference_in(url), request.amount_dong)])
    assert (attempt_state(engine, reference_in(url)), troubles(engine)) == ("failed", ["reversed"])
    assert look_up_checkout(installation.gateway, installation.token(request)).standing is Standing.PAYABLE
