"""Standings, notices and what is decided of them, for tests of decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from payments.core.decide import (
    AttemptFacts,
    Decision,
    Heard,
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

PAID = Notice(Verdict.PAID, "TP1", ALL_COVERED, ASKED, "14100001", code="00/00")
FAILED = Notice(Verdict.FAILED, "TP1", ALL_COVERED, ASKED, code="24/02")
OPEN = RequestFacts("pr_1", RequestState.OPEN, holds_late_money=False)
PENDING = AttemptFacts("TP1", "pr_1", AttemptState.PENDING, ASKED, NOW + timedelta(minutes=20))
BOOKED = MoneyFacts("pm_1", "TP1", ASKED, hold=None)


def standing(
    attempt: AttemptState = AttemptState.PENDING, request: RequestState = RequestState.OPEN, **more: object
) -> Standing:
    known = Standing(replace(PENDING, state=attempt), replace(OPEN, state=request))
    return replace(known, **more)  # type: ignore[arg-type]


def after(known: Standing, notice: Notice, source: Source = Source.CALLBACK, at: datetime = NOW) -> Decision:
    return decide(known, Heard(notice, source, at))
