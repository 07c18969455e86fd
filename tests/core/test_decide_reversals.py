"""What a bank's word about money given back means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.core.decide import (
    Decision,
    Source,
    Trouble,
)
from payments.core.lifecycle import AttemptEvent, AttemptState
from providers.protocol import Acknowledgement, Verdict
from tests.core.deciding import PAID, PENDING, after, standing


@pytest.mark.parametrize("verdict", [Verdict.REVERSED, Verdict.REVIEW, Verdict.UNKNOWN])
def test_what_tells_of_our_own_refund_is_no_news_and_lets_the_attempt_end(verdict: Verdict) -> None:
    end = PENDING.answerable_until
    notice = replace(PAID, verdict=verdict, amount_dong=30_000, code="00/05/02", of_refund=True)
    known = standing(attempt_holds_money=True, refunds_dong=frozenset({30_000}))
    told = Decision("told_of_own_refund", Acknowledgement.RECORDED)
    assert after(known, notice, Source.QUERY) == told
    ended = replace(told, attempt_event=AttemptEvent.LAPSED, answers=verdict is Verdict.REVERSED)
    assert after(known, notice, Source.QUERY, end) == ended
    for other in (replace(notice, amount_dong=29_999), replace(notice, of_refund=False)):
        assert after(known, other, Source.QUERY, end).trouble is not None
    assert after(standing(), notice, Source.QUERY, end).trouble is not None


@pytest.mark.parametrize("of_refund", [False, True])
def test_a_reversal_that_is_not_ours_ends_an_attempt_and_its_doubts_once_its_time_is_over(
    of_refund: bool,
) -> None:
    end = PENDING.answerable_until
    notice = replace(PAID, verdict=Verdict.REVERSED, code="00/05", of_refund=of_refund)
    ended = after(standing(), notice, Source.QUERY, end)
    told = (Trouble.REVERSED, AttemptEvent.LAPSED, True)
    assert (ended.trouble, ended.attempt_event, ended.answers) == told
    for too_early in (after(standing(), notice, Source.QUERY), after(standing(), notice, at=end)):
        unchanged = (Trouble.REVERSED, None, False)
        assert (too_early.trouble, too_early.attempt_event, too_early.answers) == unchanged
    failed = after(standing(AttemptState.FAILED), notice, Source.QUERY)
    assert (failed.trouble, failed.attempt_event, failed.answers) == (Trouble.REVERSED, None, True)
    review = after(standing(), replace(notice, verdict=Verdict.REVIEW), Source.QUERY, end)
    assert (review.attempt_event, review.answers) == (None, False)


@pytest.mark.parametrize("verdict", [Verdict.REVERSED, Verdict.REVIEW])
def test_money_given_back_by_a_refund_that_failed_is_a_contradiction(verdict: Verdict) -> None:
    end = PENDING.answerable_until
    notice = replace(PAID, verdict=verdict, amount_dong=30_000, code="00/05/02", of_refund=True)
    known = standing(failed_refunds_dong=frozenset({30_000}))
    expected = Trouble.CONTRADICTION if verdict is Verdict.REVERSED else None
    decision = after(known, notice, Source.QUERY, end)
    assert (decision.trouble, decision.attempt_event) == (expected, AttemptEvent.LAPSED)
    another_on_its_way = replace(known, refunds_dong=frozenset({30_000}))
    assert after(another_on_its_way, notice, Source.QUERY, end).trouble is None
