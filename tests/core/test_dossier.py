"""May processing begin?"""

from __future__ import annotations

from itertools import permutations

import pytest

from payments.core.dossier import AskedOf, permission, subject_of
from payments.core.lifecycle import RequestState

OPEN, PAID, CANCELLED, EXPIRED = RequestState
COPIES, TITLE = subject_of("2.000815", "ubnd", ""), subject_of(None, "thue", "1/TB")


def asked(state: RequestState, subject: str = COPIES, amount_dong: int = 5_000) -> AskedOf:
    return AskedOf(subject, state, amount_dong)


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
    may = permission([asked(state) for state in states])
    assert (may.may_begin, may.reason) == (may_begin, reason)
    assert may.reason_vi
    assert may.reason_en


@pytest.mark.parametrize("expired_first", [True, False])
def test_an_expired_duty_is_not_made_good_by_another_that_is_paid(expired_first: bool) -> None:
    both = [asked(EXPIRED, TITLE, 7_000_000), asked(PAID)]
    assert permission(both if expired_first else both[::-1]).reason == "payment_expired"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_duties_each_needs_a_later_request_of_its_own(order: tuple[int, ...]) -> None:
    three = [asked(EXPIRED, TITLE), asked(PAID, TITLE), asked(PAID, COPIES)]
    replaced = order.index(1) > order.index(0)
    assert permission([three[place] for place in order]).may_begin is replaced


def test_nothing_due_replaces_no_expired_debt_and_is_itself_replaced_by_anything() -> None:
    assert permission([asked(EXPIRED), asked(PAID, amount_dong=0)]).reason == "payment_expired"
    assert permission([asked(PAID, amount_dong=0)]).may_begin
    assert permission([asked(EXPIRED), asked(PAID, amount_dong=0), asked(PAID, amount_dong=1)]).may_begin


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
