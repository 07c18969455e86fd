"""May processing begin?"""

from __future__ import annotations

import pytest

from payments.core.dossier import permission
from payments.core.lifecycle import RequestState

OPEN, PAID, CANCELLED, EXPIRED = RequestState


@pytest.mark.parametrize(
    ("states", "may_begin", "reason"),
    [
        ([PAID], True, "all_paid"),
        ([PAID, PAID], True, "all_paid"),
        ([PAID, CANCELLED], True, "all_paid"),
        ([PAID, EXPIRED], True, "all_paid"),
        ([PAID, OPEN], False, "waiting_for_payment"),
        ([OPEN], False, "waiting_for_payment"),
        ([OPEN, EXPIRED, CANCELLED], False, "waiting_for_payment"),
        ([EXPIRED], False, "payment_expired"),
        ([EXPIRED, CANCELLED], False, "payment_expired"),
        ([CANCELLED], False, "nothing_asked"),
        ([], False, "nothing_asked"),
    ],
)
def test_processing_begins_when_everything_asked_is_paid(
    states: list[RequestState], may_begin: bool, reason: str
) -> None:
    may = permission(states)
    assert (may.may_begin, may.reason) == (may_begin, reason)
    assert may.reason_vi
    assert may.reason_en
