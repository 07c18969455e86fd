"""What a batch of decisions will write, collected before anything is written.

Pure: it turns decisions into rows. ``settle.py`` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from payments.core.board import money_key
from payments.core.decide import DOUBTS, Booking, Decision, Source, Standing, Trouble, reference_of
from payments.core.lifecycle import ATTEMPT, REQUEST, AttemptState, follow
from payments.store.audit import AuditEntry
from payments.store.jobs import Job, JobKind
from payments.use_cases.announce import Announcement
from providers.protocol import Notice

if TYPE_CHECKING:
    from payments.use_cases.take_notice import Arrival

UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""For NUL in what a stranger wrote and a fault repeats: no database keeps it."""
KEPT_HEADERS = ("content-type", "user-agent")
SYSTEM = "system"
"""Who proposes a refund when nobody asked: an officer still has to approve it."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Money that pays a request: newly booked, or released from suspense."""

    payment_id: str
    account_code: str
    request_id: str
    released: bool
    method: str
    provider_reference: str


@dataclass(frozen=True, slots=True)
class Held:
    """Money that arrived and pays nothing yet."""

    payment_id: str
    account_code: str
    amount_dong: int


@dataclass
class Effects:
    """Rows to write, by table, in the order of the decisions."""

    now: datetime
    notices: list[dict[str, Any]] = field(default_factory=list)
    corrections: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    attempts: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    placements: list[dict[str, Any]] = field(default_factory=list)
    discrepancies: list[dict[str, Any]] = field(default_factory=list)
    answered_attempts: list[str] = field(default_factory=list)  # every doubt about them has ended
    lapsed_attempts: list[str] = field(default_factory=list)  # only the codes that said nothing have
    proposals: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)

    def keep(self, arrival: Arrival, decision: Decision) -> None:
        """Keep the message itself, believed or not."""
        notice = arrival.notice
        incoming = arrival.incoming
        row = {
            "id": arrival.id,
            "account_code": arrival.account_code,
            "source": arrival.source,
            "method": incoming.method,
            "query_string": incoming.query_string,
            "headers": {name: incoming.headers[name] for name in KEPT_HEADERS if name in incoming.headers},
            "body": incoming.body,
            "verdict": notice.verdict if notice else "",
            "reference": notice.reference[:100] if notice else "",
            "provider_reference": notice.provider_reference[:100] if notice else "",
            "amount_dong": notice.amount_dong if notice else None,
            "code": notice.code[:100] if notice else "",
            "acknowledgement": decision.acknowledgement,
            "decision": decision.name,
            "detail": (arrival.detail or (notice.message if notice else "")).replace("\0", UNREADABLE),
        }
        (self.corrections if arrival.reconsidered else self.notices).append(row)

    def add(
        self, arrival: Arrival, notice: Notice, standing: Standing, decision: Decision, payment_id: str
    ) -> None:
        """Everything that ``decision`` changes, and the questions and jobs that follow."""
        if decision.booking in (Booking.SETTLE, Booking.HOLD):
            self._book(arrival, notice, standing, decision, payment_id)
        if decision.booking in (Booking.RELEASE, Booking.EXPLAIN):
            self._place(standing, decision, payment_id)
        if decision.booking in (Booking.SETTLE, Booking.RELEASE) and standing.request:
            self.settlements.append(
                Settlement(
                    payment_id,
                    arrival.account_code,
                    standing.request.id,
                    decision.booking is Booking.RELEASE,
                    notice.method,
                    notice.provider_reference,
                )
            )
        self._move(notice, standing, decision)
        self._tell_officers(arrival, notice, standing, decision, payment_id)
        self._follow_up(arrival, standing, decision)

    def _book(
        self, arrival: Arrival, notice: Notice, standing: Standing, decision: Decision, payment_id: str
    ) -> None:
        amount_dong = notice.amount_dong or 0
        holds = decision.booking is Booking.HOLD
        self.payments.append(
            {
                "id": payment_id,
                "account_code": arrival.account_code,
                "money_key": money_key(notice),
                "told_reference": reference_of(notice),
                "provider_reference": notice.provider_reference[:100],
                "attempt_reference": standing.attempt.reference if standing.attempt else None,
                "request_id": standing.request.id if standing.request else None,
                "notice_id": arrival.id,
                "amount_dong": amount_dong,
                "refunded_dong": amount_dong if decision.propose_refund else 0,
                "disposition": "suspense" if holds else "settled",
                "reason": decision.hold or "",
                "method": notice.method[:60],
                "occurred_at": notice.occurred_at or self.now,
                "booked_at": self.now,
            }
        )
        if holds:
            self.held.append(Held(payment_id, arrival.account_code, amount_dong))
        if decision.propose_refund:
            self._propose(payment_id, amount_dong, decision)

    def _place(self, standing: Standing, decision: Decision, payment_id: str) -> None:
        """Money that was held for an unknown attempt belongs to one that is known now."""
        if standing.request is None or standing.attempt is None or standing.money is None:
            return
        amount_dong = standing.money.amount_dong if decision.propose_refund else 0
        self.placements.append(
            {
                "payment": payment_id,
                "request": standing.request.id,
                "attempt": standing.attempt.reference,
                "place": "suspense" if decision.hold else "settled",
                "why": decision.hold or "",
                "promised": amount_dong,
            }
        )
        if decision.propose_refund:
            self._propose(payment_id, amount_dong, decision)

    def _propose(self, payment_id: str, amount_dong: int, decision: Decision) -> None:
        self.proposals.append(
            {"payment_id": payment_id, "amount_dong": amount_dong, "reason": str(decision.hold)}
        )

    def _move(self, notice: Notice, standing: Standing, decision: Decision) -> None:
        decided = False
        if standing.attempt and decision.attempt_event:
            state = follow(ATTEMPT, standing.attempt.state, decision.attempt_event).to
            self.attempts[standing.attempt.reference] = {
                "attempt": standing.attempt.reference,
                "new_state": state,
                "number": notice.provider_reference[:100],
                "answer": notice.code[:100],
                "ended": None if state is AttemptState.PENDING else self.now,
            }
            if state is AttemptState.EXPIRED:
                self.lapsed_attempts.append(standing.attempt.reference)
            decided = state in (AttemptState.PAID, AttemptState.FAILED)
        if standing.attempt and (decided or decision.answers):
            self.answered_attempts.append(standing.attempt.reference)
        if standing.request and decision.request_event:
            edge = follow(REQUEST, standing.request.state, decision.request_event)
            self.requests.append(
                {
                    "request": standing.request.id,
                    "old_state": standing.request.state,
                    "new_state": edge.to,
                    "ended": self.now,
                }
            )
            if edge.announces:
                self.announcements.append(Announcement(edge.announces, standing.request.id))

    def _tell_officers(
        self, arrival: Arrival, notice: Notice, standing: Standing, decision: Decision, payment_id: str
    ) -> None:
        if decision.trouble is None:
            return
        if standing.attempt and decision.trouble in DOUBTS:
            in_doubt = standing.attempt.reference  # again, if it was answered before in this batch
            self.answered_attempts = [name for name in self.answered_attempts if name != in_doubt]
            self.lapsed_attempts = [name for name in self.lapsed_attempts if name != in_doubt]
        self.discrepancies.append(
            {
                "key": f"{decision.trouble}:{_fault_key(arrival, notice, standing, decision, payment_id)}",
                "kind": decision.trouble,
                "account_code": arrival.account_code,
                "request_id": standing.request.id if standing.request else None,
                "attempt_reference": standing.attempt.reference if standing.attempt else None,
                "payment_id": payment_id or None,
                "notice_id": arrival.id,
                "expected_dong": standing.attempt.amount_dong if standing.attempt else None,
                "actual_dong": notice.amount_dong,
                "state": "open",
                "opened_at": self.now,
            }
        )

    def _follow_up(self, arrival: Arrival, standing: Standing, decision: Decision) -> None:
        # A question that is being asked repeats itself; only other messages make a new one.
        if decision.ask and standing.attempt and arrival.source is not Source.QUERY:
            self.jobs.append(Job(JobKind.ASK_PROVIDER, standing.attempt.reference, self.now))
        if decision.reconsider and not arrival.reconsidered:
            self.jobs.append(Job(JobKind.RECONSIDER_NOTICE, arrival.id, self.now))
        if decision.changes:
            subject = standing.request.id if standing.request else arrival.id
            self.audit.append(
                AuditEntry(
                    f"provider:{arrival.account_code}", decision.name, subject, _detail(arrival, standing)
                )
            )


def _fault_key(
    arrival: Arrival, notice: Notice, standing: Standing, decision: Decision, payment_id: str
) -> str:
    """What makes a fault the same one: told again, it opens nothing new."""
    if decision.booking in (Booking.HOLD, Booking.EXPLAIN):
        return payment_id
    if decision.trouble is Trouble.CONTRADICTION:
        money = standing.money.id if standing.money else arrival.account_code
        return f"{money}:{notice.verdict}:{notice.amount_dong}:{notice.reference}"[:150]
    return f"{arrival.account_code}:{notice.reference}:{notice.code}"[:150]


def _detail(arrival: Arrival, standing: Standing) -> Mapping[str, Any]:
    return {
        "source": arrival.source,
        "notice": arrival.id,
        "attempt": standing.attempt.reference if standing.attempt else None,
        "was": standing.request.state if standing.request else None,
    }
