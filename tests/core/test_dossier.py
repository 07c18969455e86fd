"""May processing begin?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from payments.core.dossier import AskedOf, permission, subject_of
from payments.core.lifecycle import RequestState

OPEN, PAID, CANCELLED, EXPIRED = RequestState
START = datetime(2026, 11, 1, tzinfo=UTC)
COPIES, TITLE = subject_of("2.000815", "ubnd", ""), subject_of(None, "thue", "1/TB")


def asked(
    state: RequestState,
    subject: str = COPIES,
    amount_dong: int = 5_000,
    *,
    day: int = 1,
    last_day: int | None = None,
) -> AskedOf:
    """A request made on ``day``; unless it is open it ended on ``last_day``, by default a little later on that day."""
    created_at = START + timedelta(days=day)
    later = timedelta(hours=1) if last_day is None else timedelta(days=last_day - day)
    return AskedOf(subject, state, amount_dong, created_at, None if state is OPEN else created_at + later)


def one_after_the_other(*requests: AskedOf) -> list[AskedOf]:
    """The same requests, each made a day after the one before it."""
    return [
        asked(each.state, each.subject, each.amount_dong, day=day)
        for day, each in enumerate(requests, start=1)
    ]


@pytest.mark.parametrize(
    ("states", "may_begin", "reason"),
    [
        ([PAID], True, "all_paid"),
        ([PAID, PAID], True, "all_paid"),
        ([PAID, CANCELLED], True, "all_paid"),
        ([EXPIRED, PAID], True, "all_paid"),
        ([EXPIRED, EXPIRED, PAID], True, "all_paid"),
        ([PAID, EXPIRED], False, "payment_expired"),
        ([PAID, OPEN], False, "waiting_for_payment"),
        ([OPEN], False, "waiting_for_payment"),
        ([OPEN, EXPIRED, CANCELLED], False, "waiting_for_payment"),
        ([EXPIRED], False, "payment_expired"),
        ([EXPIRED, EXPIRED], False, "payment_expired"),
        ([EXPIRED, CANCELLED], False, "payment_expired"),
        ([CANCELLED], False, "nothing_asked"),
        ([], False, "nothing_asked"),
    ],
)
def test_processing_begins_when_everything_asked_is_paid(
    states: list[RequestState], may_begin: bool, reason: str
) -> None:
    may = permission(one_after_the_other(*(asked(state) for state in states)))
    assert (may.may_begin, may.reason) == (may_begin, reason)
    assert may.reason_vi
    assert may.reason_en


@pytest.mark.parametrize("expired_first", [True, False])
def test_an_expired_duty_is_not_made_good_by_another_that_is_paid(expired_first: bool) -> None:
    both = [asked(EXPIRED, TITLE, 7_000_000), asked(PAID)]
    in_turn = one_after_the_other(*(both if expired_first else both[::-1]))
    assert permission(in_turn).reason == "payment_expired"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_duties_each_needs_a_later_request_of_its_own(order: tuple[int, ...]) -> None:
    three = [asked(EXPIRED, TITLE), asked(PAID, TITLE), asked(PAID, COPIES)]
    replaced = order.index(1) > order.index(0)
    assert permission(one_after_the_other(*(three[place] for place in order))).may_begin is replaced


def test_nothing_due_replaces_no_expired_debt_and_is_itself_replaced_by_anything() -> None:
    expired, free, paid = one_after_the_other(
        asked(EXPIRED), asked(PAID, amount_dong=0), asked(PAID, amount_dong=1)
    )
    assert permission([expired, free]).reason == "payment_expired"
    assert permission([free]).may_begin
    assert permission([expired, free, paid]).may_begin


@pytest.mark.parametrize(
    ("made_on", "may_begin"), [(1, False), (2, False), (8, False), (9, True), (10, True)]
)
def test_two_debts_that_stood_side_by_side_are_two_and_only_what_is_asked_after_the_end_replaces(
    made_on: int, may_begin: bool
) -> None:
    expired, other = asked(EXPIRED, day=1, last_day=9), asked(PAID, day=made_on, last_day=20)
    assert permission([expired, other]).may_begin is may_begin
    assert permission([other, expired]).may_begin is may_begin


def test_one_number_of_two_agencies_is_two_notices_and_no_procedure() -> None:
    subjects = [
        subject_of(None, "thue", "1"),
        subject_of(None, "ubnd", "1"),
        subject_of(None, "thue", "2"),
        subject_of("1", "thue", ""),
        subject_of("2", "thue", ""),
    ]
    assert len(set(subjects)) == len(subjects)
    assert subject_of("1", "thue", "") == subject_of("1", "ubnd", "")
