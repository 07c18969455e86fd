"""What a decision leaves behind besides the money: jobs, the audit log, times, faults and the message itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, select

from payments.core.decide import Source
from payments.core.lifecycle import AttemptState
from payments.store.attempts import get_attempt
from payments.store.database import reading, transaction
from payments.store.tables import attempts, audit_log
from payments.use_cases.take_notice import Arrival, take_notices
from providers.protocol import ALL_COVERED, Incoming, Notice, Verdict
from tests.gateway import ACCOUNT, START, Installation, make_installation, vnpay_account
from tests.use_cases.money import open_bank_page, reference_in, rows, troubles

OTHER_ACCOUNT = "second"

# What is asked here does not depend on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def installation(engine: Engine) -> Installation:
    return make_installation(
        engine, accounts=(vnpay_account(), vnpay_account(OTHER_ACCOUNT, terminal="THUPHI02"))
    )


@pytest.fixture
def paid(installation: Installation) -> Notice:
    """What the bank will say of an attempt that is under way."""
    request = installation.request_payment()
    reference = reference_in(open_bank_page(installation, request))
    return Notice(Verdict.PAID, reference, ALL_COVERED, request.amount_dong, "14100001", code="00/00")


def arrival(
    notice: Notice,
    *,
    account: str = ACCOUNT,
    source: Source = Source.CALLBACK,
    text: str = "",
    headers: dict[str, str] | None = None,
) -> Arrival:
    incoming = Incoming("GET", text or repr(notice), headers or {}, b"")
    return Arrival(account, source, incoming, notice=notice)


def take(installation: Installation, *arrivals: Arrival) -> list[str]:
    return [outcome.decision for outcome in take_notices(installation.gateway, arrivals)]


def queued(engine: Engine, kind: str) -> list[str]:
    return [row.subject for row in rows(engine, "jobs") if row.kind == kind and row.run_at == START]


def in_creation(engine: Engine, reference: str) -> str:
    """An attempt like that one, of which a crash has kept from us whether it reached the provider."""
    with transaction(engine) as connection:
        known = get_attempt(connection, reference)
        columns = {column.name: getattr(known, column.name) for column in attempts.c}
        changed = {"reference": f"{reference[:-1]}C", "state": AttemptState.CREATED, "redirect_url": ""}
        connection.execute(insert(attempts), columns | changed)
    return changed["reference"]


def test_an_open_question_is_asked_at_once(installation: Installation, engine: Engine, paid: Notice) -> None:
    assert queued(engine, "ask_provider") == []
    assert take(installation, arrival(paid, source=Source.RETURN)) == ["asked_after_return"]
    assert queued(engine, "ask_provider") == [paid.reference]


def test_money_for_an_unknown_reference_is_reconsidered_once_and_not_for_ever(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    first = arrival(replace(paid, reference="TPUNKNOWN1"))
    second = arrival(replace(paid, reference="TPUNKNOWN2", provider_reference="14100002"))
    assert take(installation, replace(second, notice=None)) == ["refused"]
    taken = take(installation, first, replace(second, reconsidered=True))
    assert taken == ["held_unknown_reference"] * 2
    assert queued(engine, "reconsider_notice") == [first.id]


def test_what_changes_something_is_in_the_audit_log_and_a_repetition_is_not(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    assert take(installation, arrival(paid), arrival(paid)) == ["settled", "repeated"]
    with reading(engine) as connection:
        query = select(audit_log).where(audit_log.c.actor == f"provider:{ACCOUNT}")
        (entry,) = connection.execute(query).all()
    (payment,) = rows(engine, "payments")
    assert (entry.action, entry.subject, entry.at) == ("settled", payment.request_id, START)
    assert entry.detail == {
        "source": "callback",
        "notice": arrival(paid).id,
        "attempt": paid.reference,
        "was": "open",
    }


@pytest.mark.parametrize("minutes", [None, 7])
def test_money_bears_the_time_of_the_provider_or_else_ours(
    installation: Installation, engine: Engine, paid: Notice, minutes: int | None
) -> None:
    said = START - timedelta(minutes=minutes) if minutes else None
    take(installation, arrival(replace(paid, occurred_at=said)))
    (payment,) = rows(engine, "payments")
    assert (payment.occurred_at, payment.booked_at) == (said or START, START)


def test_an_attempt_that_only_reached_the_provider_has_not_ended_and_answers_no_doubt(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    reference = in_creation(engine, paid.reference)
    take(installation, arrival(replace(paid, reference=reference, verdict=Verdict.REVIEW, code="07")))
    pending = replace(paid, reference=reference, verdict=Verdict.PENDING)
    assert take(installation, arrival(pending)) == ["still_pending"]
    with reading(engine) as connection:
        attempt = get_attempt(connection, reference)
    assert (attempt.state, attempt.ended_at) == ("pending", None)
    assert troubles(engine) == ["review"]


def test_an_attempt_that_fails_has_ended(installation: Installation, engine: Engine, paid: Notice) -> None:
    take(installation, arrival(replace(paid, verdict=Verdict.FAILED)))
    with reading(engine) as connection:
        assert get_attempt(connection, paid.reference).ended_at == START


def test_every_contradiction_is_shown_and_none_twice(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    take(installation, arrival(paid))
    failed = replace(paid, verdict=Verdict.FAILED, provider_reference="", code="24/02")
    take(installation, arrival(failed, text="first"), arrival(failed, text="second"))
    take(installation, arrival(failed, text="third"))
    assert troubles(engine) == ["contradiction"]
    others = [replace(paid, amount_dong=amount_dong) for amount_dong in (1, 2)]
    for text in ("first", "second"):
        take(installation, *(arrival(other, text=f"{text} {other.amount_dong}") for other in others))
    assert troubles(engine) == ["contradiction"] * 3


@pytest.mark.parametrize("together", [False, True])
def test_a_doubt_that_was_answered_is_shown_again_when_another_message_brings_it_up(
    installation: Installation, engine: Engine, paid: Notice, together: bool
) -> None:
    review = replace(paid, verdict=Verdict.REVIEW, code="07/07")
    failed = replace(paid, verdict=Verdict.FAILED, code="24/02")
    story = [arrival(review, text="first"), arrival(failed), arrival(review, text="second")]
    for batch in [story] if together else [[one] for one in story]:
        take(installation, *batch)
    assert troubles(engine) == ["review"]
    (shown,) = rows(engine, "discrepancies")
    assert (shown.resolution, shown.closed_at) == ("", None)


def test_an_answered_doubt_stays_answered_when_its_own_message_comes_again(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    review = arrival(replace(paid, verdict=Verdict.REVIEW, code="07/07"))
    take(installation, review)
    take(installation, arrival(replace(paid, verdict=Verdict.FAILED, code="24/02")))
    take(installation, review)
    assert troubles(engine) == []


def test_every_held_sum_is_shown(installation: Installation, engine: Engine, paid: Notice) -> None:
    other = replace(paid, amount_dong=(paid.amount_dong or 0) + 1)
    take(installation, arrival(other), arrival(replace(other, provider_reference="14100002")))
    shown = {row.payment_id for row in rows(engine, "discrepancies")}
    assert shown == {row.id for row in rows(engine, "payments")}
    assert troubles(engine) == ["wrong_amount"] * 2


def test_an_unclear_answer_is_shown_once_for_each_account_attempt_and_code(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    unclear = replace(paid, verdict=Verdict.UNKNOWN, code="77")
    take(installation, arrival(unclear, text="first"), arrival(unclear, text="second"))
    assert troubles(engine) == ["unknown_code"]
    take(installation, arrival(replace(unclear, code="78")))
    assert troubles(engine) == ["unknown_code"] * 2
    nobodys = replace(unclear, reference="TPNOBODY")
    take(installation, arrival(nobodys), arrival(nobodys, account=OTHER_ACCOUNT))
    found = [row.account_code for row in rows(engine, "discrepancies")]
    assert sorted(found) == [OTHER_ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT]


def test_cookies_and_authorizations_that_come_with_a_message_are_not_kept(
    installation: Installation, engine: Engine, paid: Notice
) -> None:
    harmless = {"content-type": "text/plain", "user-agent": "bank"}
    secret = {"cookie": "session=1", "authorization": "Bearer 1"}
    take(installation, arrival(paid, headers={**harmless, **secret}))
    assert [row.headers for row in rows(engine, "notices")] == [harmless]
