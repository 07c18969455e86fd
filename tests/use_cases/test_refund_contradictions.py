"""What the bank says of money that went back, where the books say that it did not."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from payments.core.decide import Source
from payments.use_cases.end_refund import end_by_hand
from payments.use_cases.send_refund import send_refund
from payments.use_cases.take_notice import Arrival, take_notices
from providers.protocol import ALL_COVERED, Incoming, Notice, Verdict
from providers.sandbox.vnpay import RefundBehaviour
from tests.gateway import ACCOUNT, make_installation
from tests.use_cases.money import check_books, rows, troubles
from tests.use_cases.test_send_refund import OFFICER, approved, follow, paid, told


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_banks_word_that_it_gave_back_what_counts_as_not_given_back_is_told(
    by_hand: bool, engine: Engine
) -> None:
    here = make_installation(engine, refunds=RefundBehaviour.ACCEPT if by_hand else RefundBehaviour.DECLINED)
    reference = approved(here, paid(here))
    if by_hand:
        send_refund(here.gateway, reference)
        end_by_hand(here.gateway, reference, OFFICER, happened=False, evidence="sao kê")
    follow(here, reference)
    assert told(engine, reference) == ("failed", 0)
    known = troubles(engine)
    attempt = rows(engine, "payments")[0].attempt_reference
    said = Notice(Verdict.REVERSED, attempt, ALL_COVERED, 5_000, code="00/05/02", of_refund=True)
    for text in ("first", "again"):
        arrival = Arrival(ACCOUNT, Source.QUERY, Incoming("QUERY", text, {}, b""), notice=said)
        assert [outcome.decision for outcome in take_notices(here.gateway, [arrival])] == ["contradicted"]
    assert troubles(engine) == sorted([*known, "contradiction"])
    check_books(engine)
