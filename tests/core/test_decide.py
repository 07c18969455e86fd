"""What each notice means, as a table: standing, notice, decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core.board import Board
from payments.core.decide import (
    Booking,
    Decision,
    Heard,
    Hold,
    MoneyFacts,
    RequestFacts,
    Source,
    Standing,
    Trouble,
    decide,
)
from payments.core.lifecycle import AttemptEvent, AttemptState, RequestEvent, RequestState
from providers.protocol import ALL_COVERED, Acknowledgement, Covered, Notice, Verdict
from tests.core.deciding import ASKED, BOOKED, FAILED, NOW, OPEN, PAID, PENDING, after, standing


def test_money_for_an_open_request_settles_it() -> None:
    assert after(standing(), PAID) == Decision(
        "settled",
        Acknowledgement.RECORDED,
        booking=Booking.SETTLE,
        attempt_event=AttemptEvent.PAID,
        request_event=RequestEvent.SETTLED,
    )


def test_money_that_comes_late_revives_an_expired_request() -> None:
    decision = after(standing(AttemptState.EXPIRED, RequestState.EXPIRED), PAID)
    assert (decision.name, decision.booking, decision.request_event) == (
        "revived",
        Booking.SETTLE,
        RequestEvent.SETTLED,
    )


@pytest.mark.parametrize(
    ("request_state", "holds_late", "replaced", "hold", "refund"),
    [
        (RequestState.PAID, False, False, Hold.DOUBLE, True),
        (RequestState.CANCELLED, False, False, Hold.CANCELLED, True),
        (RequestState.EXPIRED, True, False, Hold.LATE, False),
        (RequestState.EXPIRED, False, True, Hold.DOUBLE, True),
        (RequestState.EXPIRED, True, True, Hold.DOUBLE, True),
    ],
)
def test_money_that_may_not_settle_is_held_and_shown_to_an_officer(
    request_state: RequestState, holds_late: bool, replaced: bool, hold: Hold, refund: bool
) -> None:
    known = standing(request=request_state)
    known = replace(known, request=RequestFacts("pr_1", request_state, holds_late, replaced))
    assert after(known, PAID) == Decision(
        f"held_{hold}",
        Acknowledgement.RECORDED,
        booking=Booking.HOLD,
        hold=hold,
        attempt_event=AttemptEvent.PAID,
        trouble=Trouble(hold),
        propose_refund=refund,
    )


@pytest.mark.parametrize("amount_dong", [ASKED - 1, ASKED + 1, ASKED * 100, ASKED // 100])
def test_T08_another_amount_is_held_never_paid_never_failed(amount_dong: int) -> None:
    decision = after(standing(), replace(PAID, amount_dong=amount_dong))
    assert decision == Decision(
        "held_wrong_amount",
        Acknowledgement.WRONG_AMOUNT,
        booking=Booking.HOLD,
        hold=Hold.WRONG_AMOUNT,
        attempt_event=AttemptEvent.LAPSED,
        trouble=Trouble.WRONG_AMOUNT,
    )


def test_the_same_wrong_amount_again_is_still_a_wrong_amount_and_changes_nothing() -> None:
    known = standing(
        AttemptState.EXPIRED,
        money=MoneyFacts("pm_1", "TP1", 100, Hold.WRONG_AMOUNT),
        attempt_holds_money=True,
    )
    decision = after(known, replace(PAID, amount_dong=100))
    assert (decision.name, decision.acknowledgement, decision.changes) == (
        "held_already",
        Acknowledgement.WRONG_AMOUNT,
        False,
    )


def test_a_failure_with_another_amount_ends_nothing_and_makes_us_ask() -> None:
    decision = after(standing(), replace(FAILED, amount_dong=1))
    assert decision == Decision("asked_about_amount", Acknowledgement.WRONG_AMOUNT, ask=True)


@pytest.mark.parametrize("booked_dong", [1, ASKED + 1])
@pytest.mark.parametrize("said_dong", [ASKED, ASKED + 7])
def test_one_sum_with_two_amounts_is_a_contradiction(booked_dong: int, said_dong: int) -> None:
    known = standing(
        money=MoneyFacts("pm_1", "TP1", booked_dong, Hold.WRONG_AMOUNT), attempt_holds_money=True
    )
    decision = after(known, replace(PAID, amount_dong=said_dong))
    assert (decision.trouble, decision.booking) == (Trouble.CONTRADICTION, Booking.NOTHING)


@pytest.mark.parametrize("said_dong", [ASKED, ASKED + 7])
@pytest.mark.parametrize("hold", [None, Hold.WRONG_AMOUNT, Hold.UNKNOWN_REFERENCE])
def test_money_of_another_attempt_is_a_contradiction_and_makes_us_ask(
    hold: Hold | None, said_dong: int
) -> None:
    known = standing(money=MoneyFacts("pm_1", "TP2", said_dong, hold))
    assert after(known, replace(PAID, amount_dong=said_dong)) == Decision(
        "contradicted", Acknowledgement.RECORDED, trouble=Trouble.CONTRADICTION, ask=True
    )


def test_money_of_an_unknown_order_under_the_number_of_other_money_is_a_contradiction() -> None:
    shown = Decision("contradicted", Acknowledgement.UNKNOWN_ORDER, trouble=Trouble.CONTRADICTION)
    held = MoneyFacts("pm_1", "TP1", ASKED, Hold.UNKNOWN_REFERENCE)
    for money in (BOOKED, replace(held, reference="TP2"), replace(held, amount_dong=1)):
        assert after(Standing(money=money), PAID) == shown
    again = Decision("unknown_order_again", Acknowledgement.UNKNOWN_ORDER)
    assert after(Standing(money=held), PAID) == again


def test_booked_money_is_not_booked_again() -> None:
    known = standing(AttemptState.PAID, RequestState.PAID, money=BOOKED)
    assert after(known, PAID) == Decision("repeated", Acknowledgement.DUPLICATE)


def test_T03_money_held_for_an_unknown_attempt_is_released_once_the_attempt_is_known() -> None:
    held = MoneyFacts("pm_1", "TP1", ASKED, Hold.UNKNOWN_REFERENCE)
    assert after(standing(money=held), PAID) == Decision(
        "released",
        Acknowledgement.RECORDED,
        booking=Booking.RELEASE,
        attempt_event=AttemptEvent.PAID,
        request_event=RequestEvent.SETTLED,
    )


@pytest.mark.parametrize("promised_dong", [0, 1])
def test_money_promised_back_is_never_placed_again(promised_dong: int) -> None:
    held = MoneyFacts("pm_1", "TP1", ASKED, Hold.UNKNOWN_REFERENCE, promised_dong)
    decision = after(standing(money=held), PAID)
    assert decision.booking is (Booking.NOTHING if promised_dong else Booking.RELEASE)


@pytest.mark.parametrize("hold", [hold for hold in Hold if hold is not Hold.UNKNOWN_REFERENCE])
def test_only_money_of_an_unknown_attempt_is_released(hold: Hold) -> None:
    held = MoneyFacts("pm_1", "TP1", ASKED, hold)
    assert after(standing(money=held), PAID) == Decision("repeated", Acknowledgement.DUPLICATE)


def test_money_of_an_attempt_that_became_known_is_held_for_the_reason_that_then_shows() -> None:
    held = MoneyFacts("pm_1", "TP1", ASKED, Hold.UNKNOWN_REFERENCE)
    double = after(standing(AttemptState.PENDING, RequestState.PAID, money=held), PAID)
    assert (double.name, double.booking, double.hold, double.propose_refund, double.attempt_event) == (
        "held_double",
        Booking.EXPLAIN,
        Hold.DOUBLE,
        True,
        AttemptEvent.PAID,
    )
    other = MoneyFacts("pm_1", "TP1", 100, Hold.UNKNOWN_REFERENCE)
    wrong = after(standing(money=other), replace(PAID, amount_dong=100))
    assert (wrong.booking, wrong.hold, wrong.acknowledgement) == (
        Booking.EXPLAIN,
        Hold.WRONG_AMOUNT,
        Acknowledgement.WRONG_AMOUNT,
    )


@pytest.mark.parametrize("source", [Source.CALLBACK, Source.QUERY])
def test_an_attempt_left_open_although_its_wrong_amount_is_held_ends_when_that_is_told_again(
    source: Source,
) -> None:
    money = MoneyFacts("pm_1", "TP1", 100, Hold.WRONG_AMOUNT)
    known = standing(money=money, attempt_holds_money=True)
    assert after(known, replace(PAID, amount_dong=100), source).attempt_event is AttemptEvent.LAPSED


@pytest.mark.parametrize("notice", [PAID, FAILED, replace(PAID, amount_dong=100)])
def test_only_a_querys_clear_word_answers_every_doubt(notice: Notice) -> None:
    known = standing(AttemptState.FAILED)
    assert after(known, notice, Source.QUERY).answers
    assert not after(known, notice, Source.CALLBACK).answers
    assert not after(known, replace(notice, covered=frozenset()), Source.QUERY).answers
    assert not after(known, replace(notice, verdict=Verdict.PENDING), Source.QUERY).answers


def test_a_query_that_contradicts_what_is_booked_answers_nothing() -> None:
    paid = standing(AttemptState.PAID, RequestState.PAID)
    decision = after(paid, FAILED, Source.QUERY)
    assert (decision.trouble, decision.answers) == (Trouble.CONTRADICTION, False)


@pytest.mark.parametrize("amount_dong", [None, 1, ASKED])
def test_a_review_is_shown_to_an_officer_whatever_its_amount(amount_dong: int | None) -> None:
    notice = replace(PAID, verdict=Verdict.REVIEW, amount_dong=amount_dong)
    assert after(standing(), notice).trouble is Trouble.REVIEW
    assert after(Standing(), notice).trouble is Trouble.REVIEW
    assert after(Standing(), notice, Source.RETURN).trouble is None


@pytest.mark.parametrize("first", ["", "14100001"])
@pytest.mark.parametrize("second", ["", "14100001"])
def test_one_sum_told_with_and_without_its_number_is_booked_once(first: str, second: str) -> None:
    board = Board()
    board.attempts["acc", "TP1"] = PENDING
    board.requests["pr_1"] = OPEN
    bookings = []
    for index, number in enumerate((first, second)):
        notice = replace(PAID, provider_reference=number)
        decision = decide(board.standing("acc", notice), Heard(notice, Source.CALLBACK, NOW))
        board.apply("acc", notice, decision, f"pm_{index}")
        bookings.append(decision.booking)
    assert bookings == [Booking.SETTLE, Booking.NOTHING]


def test_money_for_an_unknown_attempt_is_held_and_anything_else_is_only_noted() -> None:
    assert after(Standing(), PAID) == Decision(
        "held_unknown_reference",
        Acknowledgement.UNKNOWN_ORDER,
        booking=Booking.HOLD,
        hold=Hold.UNKNOWN_REFERENCE,
        trouble=Trouble.UNKNOWN_REFERENCE,
        reconsider=True,
    )
    noted = Decision("unknown_order", Acknowledgement.UNKNOWN_ORDER)
    assert after(Standing(), FAILED) == noted
    assert after(Standing(), PAID, Source.RETURN) == noted
    assert after(Standing(), replace(PAID, amount_dong=None)) == noted
    assert after(Standing(), replace(PAID, covered=frozenset())) == noted


@pytest.mark.parametrize(
    ("attempt", "asks"),
    [(AttemptState.CREATED, True), (AttemptState.PENDING, True), (AttemptState.PAID, False)],
)
def test_T02_the_browsers_return_settles_nothing_and_makes_us_ask(attempt: AttemptState, asks: bool) -> None:
    expected = Decision("asked_after_return", Acknowledgement.RECORDED, ask=asks)
    assert after(standing(attempt), PAID, Source.RETURN) == expected
    assert after(standing(attempt), FAILED, Source.RETURN) == expected


@pytest.mark.parametrize("verdict", [Verdict.PAID, Verdict.FAILED])
@pytest.mark.parametrize("left_out", list(Covered))
def test_T10_a_notice_that_protects_too_little_decides_nothing(verdict: Verdict, left_out: Covered) -> None:
    notice = replace(PAID, verdict=verdict, covered=ALL_COVERED - {left_out})
    assert after(standing(), notice) == Decision("asked_for_evidence", Acknowledgement.RECORDED, ask=True)


def test_success_without_an_amount_decides_nothing() -> None:
    assert after(standing(), replace(PAID, amount_dong=None)).name == "asked_for_evidence"


def test_T06_success_after_failure_is_believed_when_a_query_says_so() -> None:
    failed = standing(AttemptState.FAILED)
    assert after(failed, PAID) == Decision(
        "asked_after_failure", Acknowledgement.RECORDED, trouble=Trouble.SUCCESS_AFTER_FAILURE, ask=True
    )
    by_query = after(failed, PAID, Source.QUERY)
    assert (by_query.name, by_query.attempt_event) == ("settled", AttemptEvent.PAID)


@pytest.mark.parametrize("attempt", [AttemptState.CREATED, AttemptState.PENDING])
def test_failure_ends_a_live_attempt(attempt: AttemptState) -> None:
    assert after(standing(attempt), FAILED) == Decision(
        "attempt_failed", Acknowledgement.RECORDED, attempt_event=AttemptEvent.FAILED
    )


@pytest.mark.parametrize("attempt", [AttemptState.FAILED, AttemptState.EXPIRED])
def test_failure_of_an_ended_attempt_changes_nothing(attempt: AttemptState) -> None:
    assert after(standing(attempt), FAILED) == Decision("repeated", Acknowledgement.DUPLICATE)


def test_T05_failure_after_success_stays_paid_and_is_shown_to_an_officer() -> None:
    paid = standing(AttemptState.PAID, RequestState.PAID)
    expected = Decision("contradicted", Acknowledgement.DUPLICATE, trouble=Trouble.CONTRADICTION)
    assert after(paid, FAILED) == expected
    assert after(standing(attempt_holds_money=True), FAILED) == expected


@pytest.mark.parametrize(
    ("verdict", "trouble"),
    [
        (Verdict.REVIEW, Trouble.REVIEW),
        (Verdict.REVERSED, Trouble.REVERSED),
        (Verdict.UNKNOWN, Trouble.UNKNOWN_CODE),
    ],
)
def test_T54_an_unclear_answer_is_never_guessed(verdict: Verdict, trouble: Trouble) -> None:
    notice = replace(PAID, verdict=verdict, code="42/42")
    expected = Decision(f"noted_{trouble}", Acknowledgement.RECORDED, trouble=trouble, ask=True)
    assert after(standing(), notice) == expected
    assert after(standing(AttemptState.PAID, RequestState.PAID), notice) == replace(expected, ask=False)


@pytest.mark.parametrize("verdict", [Verdict.PENDING, Verdict.NOT_FOUND])
def test_an_attempt_lapses_only_by_a_query_after_the_payers_time(verdict: Verdict) -> None:
    notice = Notice(verdict, "TP1", frozenset())
    end = PENDING.answerable_until
    lapsed = Decision("attempt_lapsed", Acknowledgement.RECORDED, attempt_event=AttemptEvent.LAPSED)
    waiting = Decision("still_pending", Acknowledgement.RECORDED, ask=True)
    just_before = end - timedelta(microseconds=1)
    assert after(standing(), notice, Source.QUERY, end) == lapsed
    assert after(standing(), notice, Source.QUERY, just_before) == waiting
    assert after(standing(), notice, Source.CALLBACK, end) == waiting
    assert after(standing(attempt_holds_money=True), notice, Source.QUERY, end) == waiting
    paid = standing(AttemptState.PAID, RequestState.PAID)
    assert after(paid, notice, Source.QUERY, end) == replace(waiting, ask=False)


def test_pending_tells_that_the_payer_has_reached_the_provider() -> None:
    notice = Notice(Verdict.PENDING, "TP1", ALL_COVERED, ASKED)
    assert after(standing(AttemptState.CREATED), notice).attempt_event is AttemptEvent.SENT
    assert after(standing(AttemptState.PENDING), notice).attempt_event is None


notices = st.builds(
    Notice,
    verdict=st.sampled_from(Verdict),
    reference=st.just("TP1"),
    covered=st.one_of(st.just(ALL_COVERED), st.frozensets(st.sampled_from(Covered))),
    amount_dong=st.sampled_from([None, 0, 1, ASKED, ASKED, ASKED, ASKED * 100]),
    provider_reference=st.sampled_from(["", "14100001", "14100002"]),
)
histories = st.lists(st.tuples(notices, st.sampled_from(Source)), max_size=12)


@given(histories, st.sampled_from(list(RequestState)), st.booleans())
def test_no_history_settles_twice_or_takes_settled_money_back(
    history: list[tuple[Notice, Source]], request_state: RequestState, holds_late: bool
) -> None:
    board = Board()
    board.attempts["acc", "TP1"] = PENDING
    board.requests["pr_1"] = RequestFacts("pr_1", request_state, holds_late)
    settled = booked = 0
    for notice, source in history:
        before = board.requests["pr_1"].state
        known = board.standing("acc", notice)
        decision = decide(known, Heard(notice, source, NOW))
        board.apply("acc", notice, decision, f"pm_{booked}")
        settled += decision.booking in (Booking.SETTLE, Booking.RELEASE)
        booked += decision.booking in (Booking.SETTLE, Booking.HOLD)
        if decision.booking is Booking.SETTLE:
            assert notice.conclusive
            assert source is not Source.RETURN
            assert notice.amount_dong == ASKED
        if before is RequestState.PAID:
            assert board.requests["pr_1"].state is RequestState.PAID
        assert decide(board.standing("acc", notice), Heard(notice, source, NOW)).booking is Booking.NOTHING
    assert settled <= 1
    assert booked == len(board.money)
