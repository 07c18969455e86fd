"""Which refund an answer speaks of that names only the order."""

from __future__ import annotations

import pytest

from payments.core.lifecycle import REFUND, RefundState, allows
from payments.core.refund_answers import CONTRADICTS, ENDED, EVENTS, can_be_told_apart
from providers.protocol import RefundVerdict


@pytest.mark.parametrize(
    ("number", "own", "others", "expected"),
    [
        ("1", "", [], True),  # there is no other
        ("", "", [], True),
        ("9", "1", [], True),  # whatever the provider calls it
        ("1", "1", ["2"], True),
        ("2", "1", ["2"], False),
        ("3", "1", ["2"], False),
        ("", "1", ["2"], False),
        ("1", "1", ["1"], False),  # the number is the order's, not the refund's
        ("2", "", ["2"], False),
        ("3", "", ["2"], True),  # none of the others, so this one
        ("3", "", ["2", ""], False),
        ("", "", ["2"], False),
        ("", "", [""], False),
    ],
)
def test_an_answer_is_believed_only_of_a_refund_that_cannot_be_confused(
    number: str, own: str, others: list[str], expected: bool
) -> None:
    assert can_be_told_apart(number, own, others) is expected


def test_every_verdict_means_an_event() -> None:
    assert set(EVENTS) == set(RefundVerdict)


def test_what_has_ended_has_no_way_out_and_only_ends_can_be_contradicted() -> None:
    assert {state for state, _ in REFUND} == set(RefundState) - ENDED
    for state, event in CONTRADICTS:
        assert state in ENDED
        assert not allows(REFUND, state, event)
