"""What happened to a payment request, in order: pure functions from stored rows to entries of a timeline.

Entries hold codes, not sentences; the pages have the words for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from payments.core.lifecycle import AttemptState, RequestState
from payments.store.timeline import Traces
from payments.use_cases.mask_message import mask_message
from payments.use_cases.timeline_model import Action, Deed, Entry, EntryKind, Fact, Shape, Tone

DIGEST = re.compile(r"[0-9a-f]{64}")
KIND_ORDER = {kind: place for place, kind in enumerate(EntryKind)}
# An attempt ends because of a message, a request because of money: the end is told after its cause.
ENDS_AFTER = {EntryKind.ATTEMPT: EntryKind.NOTICE, EntryKind.REQUEST: EntryKind.TRANSFER}

ATTEMPT_TONES = {"paid": Tone.GOOD, "failed": Tone.WARNING, "held": Tone.WARNING}
REQUEST_TONES = {
    RequestState.PAID: Tone.GOOD,
    RequestState.CANCELLED: Tone.WARNING,
    RequestState.EXPIRED: Tone.WARNING,
}
VERDICT_TONES = {
    "paid": Tone.GOOD,
    "failed": Tone.WARNING,
    "review": Tone.WARNING,
    "reversed": Tone.BAD,
    "unknown": Tone.WARNING,
    "": Tone.BAD,
}
TROUBLED = ("contradicted", "asked_after_failure", "unknown_order_again")
"""Decisions that are no good news, whatever the message said."""
JOB_TONES = {"dead": Tone.BAD}
DELIVERY_TONES = {"delivered": Tone.GOOD, "dead": Tone.BAD}


def entries_of(request: Row[Any], traces: Traces) -> tuple[Entry, ...]:
    """Every entry of the timeline of ``request``, oldest first."""
    told = [*request_entries(request)]
    holding = {row.attempt_reference for row in traces.payments if row.disposition == "suspense"}
    for row in traces.attempts:
        told.extend(attempt_entries(row, holds_money=row.reference in holding))
    for same in repeats(traces.notices):
        told.extend(notice_entries(same))
    for rows, tell in (
        (traces.discrepancies, discrepancy_entries),
        (traces.payments, money_entries),
        (traces.transfers, transfer_entries),
        (traces.receipts, receipt_entries),
        (traces.files, file_entries),
        (traces.refunds, refund_entries),
        (traces.events, event_entries),
        (traces.deliveries, delivery_entries),
        (traces.jobs, job_entries),
        (traces.audit, audit_entries),
    ):
        for row in rows:
            told.extend(tell(row))
    return tuple(sorted(told, key=_place))


def _place(entry: Entry) -> tuple[datetime, int, bool]:
    """By time; what happened at one moment is told cause first."""
    is_end = entry.kind in ENDS_AFTER and entry.what != "created"
    return entry.at, KIND_ORDER[ENDS_AFTER[entry.kind] if is_end else entry.kind], is_end


def _facts(*facts: Fact) -> tuple[Fact, ...]:
    """Those of ``facts`` that have something to say."""
    return tuple(fact for fact in facts if fact.value not in (None, ""))


def _code(label: str, value: object) -> Fact:
    return Fact(label, value, Shape.CODE)


def _word(label: str, value: object) -> Fact:
    return Fact(label, value, Shape.WORD)


def _actor(label: str, value: str | None) -> Fact:
    return Fact(label, value, Shape.ACTOR)


def _dong(label: str, value: int | None) -> Fact:
    return Fact(label, value, Shape.DONG)


def _moment(label: str, value: datetime | None) -> Fact:
    return Fact(label, value, Shape.MOMENT)


def request_entries(row: Row[Any]) -> Iterator[Entry]:
    """The request was made, and perhaps ended."""
    facts = _facts(
        _dong("amount", row.amount_dong),
        _code("portal", row.portal_code),
        _code("dossier", row.dossier_code),
        _code("procedure", row.procedure_code),
        _moment("expires_at", row.expires_at),
    )
    yield Entry(row.created_at, EntryKind.REQUEST, "created", facts)
    if row.ended_at is not None:
        yield Entry(row.ended_at, EntryKind.REQUEST, row.state, tone=REQUEST_TONES[RequestState(row.state)])


def attempt_entries(row: Row[Any], *, holds_money: bool) -> Iterator[Entry]:
    """The payer was sent to a provider, and perhaps that try ended; it did not end empty where money is held for it."""
    state = "held" if holds_money and row.state != AttemptState.PAID else row.state
    facts = _facts(
        _code("reference", row.reference),
        _code("account", row.account_code),
        _dong("amount", row.amount_dong),
        _moment("expires_at", row.expires_at),
        _word("state", state),
    )
    # What is paid is settled; about everything else a provider may have changed its mind.
    ask = None if row.state == AttemptState.PAID else Action(Deed.ASK, row.reference)
    yield Entry(row.created_at, EntryKind.ATTEMPT, "created", facts, action=ask)
    if row.ended_at is not None:
        facts = _facts(
            _code("reference", row.reference),
            _code("provider_reference", row.provider_reference),
            _code("provider_code", row.provider_code),
        )
        yield Entry(
            row.ended_at,
            EntryKind.ATTEMPT,
            state,
            facts,
            ATTEMPT_TONES.get(state, Tone.PLAIN),
        )


SAME = (
    *("verdict", "source", "code", "amount_dong", "reference", "provider_reference"),
    *("decision", "acknowledgement", "detail"),
)
"""What makes one message the repetition of the one before it."""


def repeats(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    """The messages in their order; those that say the same one after another, and led to the same, together."""
    for _, same in groupby(rows, key=attrgetter(*SAME)):
        yield tuple(same)


def notice_entries(same: Sequence[Row[Any]]) -> Iterator[Entry]:
    """A provider, or somebody who poses as one, said something; with what was decided about it.

    ``same`` are the messages that said it; the first is shown.
    """
    row, last_seen_at = same[0], max(one.last_seen_at for one in same)
    times_seen = sum(one.times_seen for one in same)
    facts = _facts(
        _word("source", row.source),
        _word("verdict", row.verdict),
        _code("provider_code", row.code),
        _dong("amount", row.amount_dong),
        _code("reference", row.reference),
        _code("provider_reference", row.provider_reference),
        _word("decision", row.decision),
        _word("acknowledgement", row.acknowledgement),
        Fact("detail", row.detail),
        Fact("times_seen", times_seen if times_seen > 1 else None),
        _moment("last_seen_at", last_seen_at if times_seen > 1 else None),
    )
    message = mask_message(row.method, row.query_string, row.headers, row.body)
    what = "believed" if row.verdict else "not_believed"
    tone = VERDICT_TONES.get(row.verdict, Tone.PLAIN)
    if row.decision in TROUBLED or row.decision.startswith("held_"):
        tone = Tone.WARNING
    yield Entry(row.first_seen_at, EntryKind.NOTICE, what, facts, tone, message)


def discrepancy_entries(row: Row[Any]) -> Iterator[Entry]:
    """Something does not add up, and perhaps an officer closed it."""
    facts = _facts(
        _word("trouble", row.kind),
        _dong("expected", row.expected_dong),
        _dong("actual", row.actual_dong),
        _code("account", row.account_code),
        _code("reference", row.attempt_reference),
    )
    yield Entry(row.opened_at, EntryKind.DISCREPANCY, "opened", facts, Tone.BAD)
    if row.closed_at is not None:
        facts = _facts(_word("trouble", row.kind), Fact("resolution", row.resolution))
        yield Entry(row.closed_at, EntryKind.DISCREPANCY, "closed", facts)


def money_entries(row: Row[Any]) -> Iterator[Entry]:
    """A sum of money was booked."""
    facts = _facts(
        _dong("amount", row.amount_dong),
        _word("reason", row.reason),
        _code("account", row.account_code),
        _code("reference", row.attempt_reference),
        _code("provider_reference", row.provider_reference),
        Fact("method", row.method),
        _moment("occurred_at", row.occurred_at),
        _dong("refunded", row.refunded_dong or None),
        _code("payment", row.id),
    )
    tone = Tone.GOOD if row.disposition == "settled" else Tone.WARNING
    yield Entry(row.booked_at, EntryKind.MONEY, row.disposition, facts, tone)


def transfer_entries(row: Row[Any]) -> Iterator[Entry]:
    """One row of the ledger."""
    facts = _facts(
        Fact("debit", row.debit_account, Shape.ACCOUNT),
        Fact("credit", row.credit_account, Shape.ACCOUNT),
        _dong("amount", row.amount_dong),
        _code("ledger_row", f"{row.chain} #{row.position}"),
        _code("refund", row.refund_reference),
    )
    yield Entry(row.booked_at, EntryKind.TRANSFER, row.code, facts)


def receipt_entries(row: Row[Any]) -> Iterator[Entry]:
    """A receipt got its number."""
    facts = _facts(
        _code("number", f"{row.form_code}-{row.serial}-{row.number:08d}"),
        _dong("amount", row.total_dong),
        _code("agency", row.agency_code),
        _code("lookup_code", row.lookup_code),
        _word("receipt_state", row.state),
    )
    yield Entry(row.issued_at, EntryKind.RECEIPT, "issued", facts, Tone.GOOD)


def file_entries(row: Row[Any]) -> Iterator[Entry]:
    """The paper of a receipt was made."""
    facts = _facts(_code("format", row.format.upper()), _code("digest", row.digest))
    yield Entry(row.made_at, EntryKind.RECEIPT, "file_made", facts)


def refund_entries(row: Row[Any]) -> Iterator[Entry]:
    """Money was to be given back: each step with who took it."""
    steps = (
        (row.requested_at, "requested", row.requested_by, Tone.PLAIN),
        (row.approved_at, "approved", row.approved_by, Tone.PLAIN),
        (row.sent_at, "sent", None, Tone.PLAIN),
        (row.ended_at, row.state, row.ended_by, Tone.GOOD if row.state == "done" else Tone.WARNING),
    )
    for at, what, person, tone in steps:
        if at is not None:
            facts = _facts(
                _code("refund", row.reference),
                _dong("amount", row.amount_dong),
                _actor("person", person),
                Fact("reason_given", row.reason if what == "requested" else None),
                Fact("evidence", (row.evidence or None) if at == row.ended_at else None),
                _code("provider_code", row.provider_code if at == row.ended_at else None),
            )
            yield Entry(at, EntryKind.REFUND, what, facts, tone)


def event_entries(row: Row[Any]) -> Iterator[Entry]:
    """The portal is told."""
    facts = _facts(_code("event", row.type), _code("event_id", row.id), _code("portal", row.portal_code))
    yield Entry(row.created_at, EntryKind.EVENT, "announced", facts)


def delivery_entries(row: Row[Any]) -> Iterator[Entry]:
    """A webhook: its last try, or that none was made yet."""
    facts = _facts(
        _code("event", row.event_type),
        _code("url", row.url),
        Fact("tries", row.tries),
        _code("status", row.last_status),
        Fact("error", row.last_error),
    )
    at = row.delivered_at or row.tried_at or row.created_at
    tone = DELIVERY_TONES.get(row.state, Tone.WARNING if row.tries else Tone.PLAIN)
    yield Entry(at, EntryKind.DELIVERY, row.state, facts, tone, action=Action(Deed.RESEND, row.id))


def job_entries(row: Row[Any]) -> Iterator[Entry]:
    """Work in the background, at its end or at its next run."""
    facts = _facts(
        _word("job_state", row.state),
        _code("subject", row.subject),
        Fact("tries", row.tries or None),
        Fact("error", row.last_error),
    )
    yield Entry(
        row.ended_at or row.run_at, EntryKind.JOB, row.kind, facts, JOB_TONES.get(row.state, Tone.PLAIN)
    )


def audit_entries(row: Row[Any]) -> Iterator[Entry]:
    """Who did or saw what."""
    # The request itself needs no naming on its own page.
    subject = "" if row.subject.startswith("pr_") else row.subject
    facts = _facts(_actor("actor", row.actor), _code("subject", subject), Fact("detail", _detail(row.detail)))
    yield Entry(row.at, EntryKind.AUDIT, row.action, facts)


def _detail(detail: Any) -> str:
    if not isinstance(detail, dict):
        return str(detail or "")
    return ", ".join(
        f"{name}: {_short(value)}" for name, value in sorted(detail.items()) if value is not None
    )


def _short(value: object) -> str:
    """Digests are shown by their beginning."""
    text = str(value)
    return f"{text[:10]}…" if DIGEST.fullmatch(text) else text
