"""What a citizen is told, for every standing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from payments.core.lifecycle import AttemptState
from payments.use_cases.views import Standing
from payments.web.checkout.telling import MOST_RELOADS, TELLINGS, reason_of, tell
from tests.web.checkout import example_views as views


def test_every_standing_has_its_words() -> None:
    assert set(TELLINGS) == set(Standing)


@pytest.mark.parametrize(
    ("reloads", "seconds"), [(0, 3), (1, 3), (2, 5), (3, 5), (4, 10), (119, 10), (120, None), (9999, None)]
)
def test_an_unknown_outcome_is_looked_at_again_less_and_less_often(reloads: int, seconds: int | None) -> None:
    assert tell(views.ASKING, reloads).pause_seconds == seconds


def test_a_receipt_in_the_making_is_waited_for() -> None:
    told = tell(views.PAID_WITHOUT_PAPERS, 0)
    assert told.receipts_awaited
    assert told.pause_seconds == 3


def test_a_paid_notice_has_no_receipt_to_wait_for() -> None:
    paid = replace(views.PAID, request=replace(views.PAID.request, receipts=()))
    assert tell(paid, 0).pause_seconds is None


@pytest.mark.parametrize("name", sorted(set(views.EVERY_VIEW) - {"asking", "paid-without-papers"}))
def test_a_page_that_says_all_there_is_stands_still(name: str) -> None:
    assert tell(views.EVERY_VIEW[name], 0).pause_seconds is None


def test_a_try_that_has_not_ended_can_be_continued_and_other_ways_stand_apart() -> None:
    told = tell(views.ASKING, 0)
    assert [offer.account_code for offer in told.resumable] == ["vnpay"]
    assert [offer.account_code for offer in told.other_offers] == ["momo"]


def test_a_try_that_has_ended_cannot_be_continued() -> None:
    over = replace(views.ASKING, attempts=(replace(views.ATTEMPT, state=AttemptState.EXPIRED),))
    assert tell(over, 0).resumable == ()


def test_held_money_is_told_whole_and_what_of_it_goes_back_beside_it() -> None:
    held = replace(views.PAYMENT, disposition="suspense", amount_dong=215_000, refunded_dong=15_000)
    told = tell(replace(views.HELD, request=replace(views.REQUEST, payments=(held, held))), 0)
    assert (told.held_dong, told.held_refunded_dong, told.refunded_dong) == (430_000, 30_000, 0)


def test_what_was_given_back_of_the_settled_payment_is_told() -> None:
    payment = replace(views.PAYMENT, refunded_dong=15_000)
    assert (
        tell(replace(views.PAID, request=replace(views.PAID.request, payments=(payment,))), 0).refunded_dong
        == 15_000
    )


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", "ftp://x"]
)
def test_a_return_address_that_is_no_web_page_is_not_linked(address: str) -> None:
    assert (
        tell(replace(views.PAID, request=replace(views.PAID.request, return_url=address)), 0).portal_url == ""
    )


def test_a_request_whose_time_is_over_is_expired_before_it_is_closed() -> None:
    assert tell(replace(views.PAYABLE, now=views.REQUEST.expires_at), 0).standing is Standing.EXPIRED
    just_before = views.REQUEST.expires_at - timedelta(microseconds=1)
    assert tell(replace(views.PAYABLE, now=just_before), 0).standing is Standing.PAYABLE


def test_a_try_under_way_at_the_end_of_the_time_is_still_asked_about() -> None:
    assert tell(replace(views.ASKING, now=views.REQUEST.expires_at), 0).standing is Standing.ASKING


@pytest.mark.parametrize(
    ("explanation", "legal_basis", "reason"),
    [
        ("3 trang × 2.000 đ = 6.000 đ, Điều 4", "Điều 4", "3 trang × 2.000 đ = 6.000 đ"),
        ("Được miễn.", "Điều 4", "Được miễn."),
        ("Theo thông báo", "", "Theo thông báo"),
        ("Điều 4", "Điều 4", ""),
    ],
)
def test_the_law_is_named_once(explanation: str, legal_basis: str, reason: str) -> None:
    assert reason_of(explanation, legal_basis) == reason


def test_the_due_day_of_a_notice_is_read_as_a_day() -> None:
    notice = {"number": "TB-12", "issued_on": None, "due_on": "2026-10-01"}
    view = replace(views.PAYABLE, request=replace(views.REQUEST, obligation=notice))
    assert tell(view, 0).obligation_due_on == date(2026, 10, 1)
    assert tell(views.PAYABLE, MOST_RELOADS).obligation_due_on is None
