"""What one notice of a batch leaves for the next: states, sums of money, and what is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from payments.core.board import Board
from payments.core.decide import (
    AttemptFacts,
    Booking,
    Decision,
    Heard,
    Hold,
    MoneyFacts,
    RequestFacts,
    Source,
    Standing,
    decide,
)
from payments.core.lifecycle import AttemptState, RequestState
from providers.protocol import ALL_COVERED, Notice, Verdict

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ASKED = 24_000
NAME = ("acc", "TP1")

PAID = Notice(Verdict.PAID, "TP1", ALL_COVERED, ASKED, "14100001", code="00/00")
PAID_TOO_LITTLE = replace(PAID, amount_dong=ASKED - 1)
FAILED = Notice(Verdict.FAILED, "TP1", ALL_COVERED, ASKED, code="24/02")


def know_attempt(board: Board) -> None:
    until = NOW + timedelta(minutes=20)
    board.attempts[NAME] = AttemptFacts("TP1", "pr_1", AttemptState.PENDING, ASKED, until)
    board.requests["pr_1"] = RequestFacts("pr_1", RequestState.OPEN, holds_late_money=False)


@pytest.fixture
def board() -> Board:
    board = Board()
    know_attempt(board)
    return board


def take(board: Board, notice: Notice, payment_id: str = "pm_1") -> Decision:
    """Decide a notice by what the board knows, and tell the board."""
    decision = decide(board.standing("acc", notice), Heard(notice, Source.CALLBACK, NOW))
    board.apply("acc", notice, decision, payment_id)
    return decision


def test_a_settlement_is_known_to_the_next_notice(board: Board) -> None:
    take(board, PAID)
    known = board.standing("acc", PAID)
    assert known.attempt is not None
    assert known.request is not None
    assert known.money is not None
    assert (known.attempt.state, known.request.state) == (AttemptState.PAID, RequestState.PAID)
    assert (known.money.id, known.money.amount_dong, known.money.hold) == ("pm_1", ASKED, None)
    assert not known.attempt_holds_money


def test_a_failure_is_known_to_the_next_notice(board: Board) -> None:
    assert take(board, FAILED).name == "attempt_failed"
    assert take(board, FAILED).name == "repeated"


def test_a_failure_after_money_was_held_in_the_same_batch_is_a_contradiction(board: Board) -> None:
    assert take(board, PAID_TOO_LITTLE).booking is Booking.HOLD
    assert take(board, FAILED).name == "contradicted"


def test_released_money_is_held_no_longer() -> None:
    board = Board()
    assert take(board, PAID).hold is Hold.UNKNOWN_REFERENCE
    assert board.standing("acc", PAID).attempt_holds_money
    know_attempt(board)
    assert take(board, PAID).booking is Booking.RELEASE
    known = board.standing("acc", PAID)
    assert known.money is not None
    assert (known.money.id, known.money.hold, known.attempt_holds_money) == ("pm_1", None, False)


def test_two_numbers_under_one_reference_are_two_sums(board: Board) -> None:
    take(board, PAID)
    other = replace(PAID, provider_reference="14100002")
    assert board.standing("acc", other).money is None
    assert take(board, other, "pm_2").hold is Hold.DOUBLE
    assert [sum_of_money.id for sum_of_money in board.money.values()] == ["pm_1", "pm_2"]


def test_money_without_a_number_goes_by_our_reference(board: Board) -> None:
    unnumbered = replace(PAID, provider_reference="")
    take(board, unnumbered)
    assert take(board, unnumbered).name == "repeated"
    assert list(board.money) == [NAME]


@pytest.mark.parametrize("source", [Source.QUERY, Source.STATEMENT, Source.CASHIER])
def test_only_a_callback_is_doubted_after_a_failure(board: Board, source: Source) -> None:
    take(board, FAILED)
    known = board.standing("acc", PAID)
    assert decide(known, Heard(PAID, Source.CALLBACK, NOW)).name == "asked_after_failure"
    assert decide(known, Heard(PAID, source, NOW)).booking is Booking.SETTLE


@pytest.mark.parametrize("reason", [hold for hold in Hold if hold is not Hold.UNKNOWN_REFERENCE])
def test_money_held_for_another_reason_than_its_reference_is_not_released_by_a_repetition(
    board: Board, reason: Hold
) -> None:
    known = board.standing("acc", PAID)
    held = MoneyFacts(id="pm_1", reference="TP1", amount_dong=ASKED, hold=reason)
    decision = decide(Standing(known.attempt, known.request, held, True), Heard(PAID, Source.QUERY, NOW))
    assert decision.booking is Booking.NOTHING
    assert decision.request_event is None


def test_money_placed_under_another_name_than_it_was_booked_by_is_placed_once() -> None:
    unnumbered = replace(PAID, provider_reference="")
    board = Board()
    assert take(board, unnumbered).hold is Hold.UNKNOWN_REFERENCE
    know_attempt(board)
    assert take(board, PAID).booking is Booking.RELEASE
    assert take(board, unnumbered).name == "repeated"
    assert list(board.money) == [NAME]
