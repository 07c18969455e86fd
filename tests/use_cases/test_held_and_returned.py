"""Held money that goes back holds nothing up: the request can be paid, cancelled or expire again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from payments.core.refusals import Conflict
from payments.store.database import transaction
from payments.use_cases.ask_provider import ask_provider
from payments.use_cases.end_refund import end_by_hand
from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.use_cases.refund_payment import approve_refund, reject_refund, request_refund
from payments.use_cases.send_refund import send_refund
from payments.use_cases.start_checkout import look_up_checkout
from payments.use_cases.views import CheckoutView, PaymentRequestView, Standing
from payments.web.checkout.telling import tell
from tests.gateway import PORTAL, Installation
from tests.use_cases.money import (
    attempt_state,
    bring,
    check_books,
    open_bank_page,
    reference_in,
    rows,
    shown,
    troubles,
)

CLERK, OFFICER = "user:clerk", "user:officer"


@pytest.fixture
def request_held(installation: Installation) -> PaymentRequestView:
    """A request of 5.000 đ whose try brought 6.000 đ and has ended."""
    request = installation.request_payment(lifetime=timedelta(days=1))
    page = open_bank_page(installation, request)
    installation.bank.choose(page, "other_amount")
    bring(installation, installation.bank.notices[-1])
    installation.clock.advance(minutes=30)
    ask_provider(installation.gateway, reference_in(page))
    assert attempt_state(installation.gateway.engine, reference_in(page)) == "expired"
    return request


def look(installation: Installation, request: PaymentRequestView) -> CheckoutView:
    return look_up_checkout(installation.gateway, installation.token(request))


def promised_back(installation: Installation, request: PaymentRequestView, amount_dong: int = 6_000) -> str:
    [payment] = [row for row in rows(installation.gateway.engine, "payments") if row.request_id == request.id]
    reference = request_refund(installation.gateway, payment.id, amount_dong, "sai số tiền", CLERK)
    approve_refund(installation.gateway, reference, OFFICER)
    return reference


def test_held_money_holds_until_an_officer_has_approved_that_it_goes_back(
    installation: Installation, request_held: PaymentRequestView
) -> None:
    [payment] = rows(installation.gateway.engine, "payments")
    asked = request_refund(installation.gateway, payment.id, 6_000, "sai số tiền", CLERK)
    assert look(installation, request_held).standing is Standing.HELD
    reject_refund(installation.gateway, asked, OFFICER, "chưa rõ")
    assert look(installation, request_held).standing is Standing.HELD
    promised_back(installation, request_held, 5_999)
    assert look(installation, request_held).standing is Standing.HELD
    promised_back(installation, request_held, 1)
    assert look(installation, request_held).standing is Standing.PAYABLE


def test_a_request_whose_wrong_sum_went_back_is_paid_by_the_right_one(
    installation: Installation, engine: Engine, request_held: PaymentRequestView
) -> None:
    reference = promised_back(installation, request_held)
    send_refund(installation.gateway, reference)
    view = look(installation, request_held)
    page = tell(view, 0)
    assert (view.standing, view.failed_last) == (Standing.PAYABLE, False)
    assert (page.held_dong, page.returned_dong) == (0, 6_000)
    bring(installation, installation.bank.notice(open_bank_page(installation, request_held)))
    assert shown(installation, request_held).state == "paid"
    told = tell(look(installation, request_held), 0)
    assert (told.held_dong, told.held_refunded_dong, told.returned_dong) == (6_000, 6_000, 0)
    check_books(engine)


def test_a_request_whose_wrong_sum_went_back_can_be_cancelled(
    installation: Installation, request_held: PaymentRequestView
) -> None:
    send_refund(installation.gateway, promised_back(installation, request_held))
    assert cancel_request(installation.gateway, PORTAL, request_held.id).state == "cancelled"


def test_a_request_whose_wrong_sum_went_back_expires(
    installation: Installation, request_held: PaymentRequestView
) -> None:
    send_refund(installation.gateway, promised_back(installation, request_held))
    installation.clock.advance(days=1)
    assert expire_payment(installation.gateway, request_held.id) is None
    assert look(installation, request_held).standing is Standing.EXPIRED


def test_money_whose_refund_failed_holds_again(
    installation: Installation, engine: Engine, request_held: PaymentRequestView
) -> None:
    reference = promised_back(installation, request_held)
    send_refund(installation.gateway, reference)
    end_by_hand(installation.gateway, reference, OFFICER, happened=False, evidence="sao kê")
    assert look(installation, request_held).standing is Standing.HELD
    with pytest.raises(Conflict) as refused:
        open_bank_page(installation, request_held)
    assert refused.value.code == "money_held"
    check_books(engine)


@pytest.mark.parametrize("minutes", [0, 2])
def test_a_try_whose_sum_was_given_back_before_its_time_has_ended_and_nobody_is_alarmed(
    installation: Installation, engine: Engine, minutes: int
) -> None:
    request = installation.request_payment()
    page = open_bank_page(installation, request)
    installation.bank.choose(page, "other_amount")
    bring(installation, installation.bank.notices[-1])
    send_refund(installation.gateway, promised_back(installation, request))
    installation.clock.advance(minutes=minutes)
    assert ask_provider(installation.gateway, reference_in(page)) is None
    assert (troubles(engine), attempt_state(engine, reference_in(page))) == (["wrong_amount"], "expired")
    assert look(installation, request).standing is Standing.PAYABLE
    assert cancel_request(installation.gateway, PORTAL, request.id).state == "cancelled"
    check_books(engine)


def test_a_reversal_that_is_not_ours_is_told(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment()
    page = open_bank_page(installation, request)
    installation.bank.choose(page, "other_amount")
    bring(installation, installation.bank.notices[-1])
    promised = promised_back(installation, request, 2_000)
    send_refund(installation.gateway, promised)
    with transaction(engine) as connection:
        # As if the bank gave back another sum than we asked for.
        connection.execute(text("UPDATE refunds SET sent_at = NULL"))
    ask_provider(installation.gateway, reference_in(page))
    assert troubles(engine) == ["reversed", "wrong_amount"]


@pytest.mark.parametrize(
    ("choice", "minutes", "words"),
    [
        (None, 1, "may be on the bank's page"),
        (None, 16, "has not said yet"),
        ("fraud", 1, "may have taken money"),
    ],
)
def test_who_cannot_cancel_yet_is_told_what_is_known(
    installation: Installation, choice: str | None, minutes: int, words: str
) -> None:
    request = installation.request_payment()
    page = open_bank_page(installation, request)
    if choice is not None:
        installation.bank.choose(page, choice)
        bring(installation, installation.bank.notices[-1])
    installation.clock.advance(minutes=minutes)
    with pytest.raises(Conflict) as refused:
        cancel_request(installation.gateway, PORTAL, request.id)
    assert refused.value.code == "payer_on_the_way"
    assert words in refused.value.message_en
