"""Time running out: the provider is asked first, and money that comes late is never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from payments.core.refusals import Conflict, NotFound
from payments.store.database import transaction
from payments.store.tables import jobs, payment_requests
from payments.use_cases.ask_provider import LONGEST_WAIT, SHORTEST_WAIT, ask_now, ask_provider, wait
from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.use_cases.read_requests import get_dossier
from payments.use_cases.start_checkout import look_up_checkout
from payments.use_cases.views import PaymentRequestView, Standing
from tests.gateway import PORTAL, START, Installation, make_installation, vnpay_account
from tests.use_cases.money import (
    attempt_state,
    bring,
    check_books,
    counts,
    open_bank_page,
    reference_in,
    rows,
    shown,
    troubles,
)

ONCE = {"paid": 1, "payments": 1, "receipts": 1}
LIFETIME = timedelta(minutes=10)
FREE = "1.004873"  # a procedure whose fee is zero by rule
BEGINS, EXPIRED = (True, "all_paid"), (False, "payment_expired")


def set_policy(engine: Engine, policy: str) -> None:
    with transaction(engine) as connection:
        connection.execute(update(payment_requests).values(late_payment=policy))


def let_lapse(installation: Installation, url: str) -> None:
    """Let the payer's time at the bank pass and ask until the bank's "no" ends the attempt."""
    installation.clock.advance(minutes=30)
    assert ask_provider(installation.gateway, reference_in(url)) is None


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("policy", ["settle", "hold"])
def test_T18_money_around_expiry_is_honoured_by_the_procedures_policy(
    installation: Installation, engine: Engine, seconds: int, policy: str
) -> None:
    request = installation.request_payment(lifetime=LIFETIME)
    set_policy(engine, policy)
    url = open_bank_page(installation, request)
    query = installation.bank.notice(url)
    installation.clock.moment = request.expires_at + timedelta(seconds=seconds)
    asked_to_come_back = expire_payment(installation.gateway, request.id)
    assert asked_to_come_back is not None, "a live attempt must be asked about before the request ends"
    assert bring(installation, query)[0].decision == "settled"
    assert expire_payment(installation.gateway, request.id) is None
    assert shown(installation, request).state == "paid"
    assert counts(engine) == {**ONCE, "events": 1}


@pytest.mark.parametrize(
    ("policy", "state", "held", "kinds"), [("settle", "paid", 0, []), ("hold", "expired", 1, ["late"])]
)
def test_T18_money_after_the_end_revives_or_is_held(
    installation: Installation, engine: Engine, policy: str, state: str, held: int, kinds: list[str]
) -> None:
    request = installation.request_payment(lifetime=LIFETIME)
    set_policy(engine, policy)
    url = open_bank_page(installation, request)
    let_lapse(installation, url)
    assert expire_payment(installation.gateway, request.id) is None
    assert shown(installation, request).state == "expired"
    bring(installation, installation.bank.notice(url))
    after = shown(installation, request)
    assert (after.state, len(after.held_payments), troubles(engine)) == (state, held, kinds)
    announced = [row.type for row in rows(engine, "events")]
    assert announced == ["payment_request.expired", "payment_request.paid"][: 2 - held]
    check_books(engine)


def test_a_request_expires_only_after_its_time_and_only_once(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(lifetime=LIFETIME)
    assert expire_payment(installation.gateway, request.id) == request.expires_at
    installation.clock.moment = request.expires_at
    assert expire_payment(installation.gateway, request.id) is None
    assert expire_payment(installation.gateway, request.id) is None
    assert [row.type for row in rows(engine, "events")] == ["payment_request.expired"]
    standing = look_up_checkout(installation.gateway, installation.token(request)).standing
    assert standing is Standing.EXPIRED


def test_expiry_has_open_attempts_asked_about(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment(lifetime=LIFETIME)
    url = open_bank_page(installation, request)
    with transaction(engine) as connection:
        connection.execute(update(jobs).values(state="done", ended_at=installation.clock.moment))
    installation.clock.moment = request.expires_at
    expire_payment(installation.gateway, request.id)
    asked = [(row.state, row.run_at) for row in rows(engine, "jobs") if row.subject == reference_in(url)]
    assert asked == [("queued", request.expires_at)]


def test_T19_expiry_and_a_callback_at_once_end_in_one_state(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(lifetime=LIFETIME)
    url = open_bank_page(installation, request)
    let_lapse(installation, url)
    query = installation.bank.notice(url)
    work: list[Callable[[], object]] = [
        lambda: expire_payment(installation.gateway, request.id),
        lambda: bring(installation, query),
    ] * 10
    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result()
    assert shown(installation, request).state == "paid"
    assert {key: counts(engine)[key] for key in ONCE} == ONCE
    types = [row.type for row in rows(engine, "events")]
    assert types in (["payment_request.paid"], ["payment_request.expired", "payment_request.paid"])
    check_books(engine)


def test_T20_money_after_expiry_beside_a_second_payment_is_proposed_for_refund(engine: Engine) -> None:
    installation = make_installation(
        engine, accounts=(vnpay_account(), vnpay_account("b", terminal="THUPHI02"))
    )
    request = installation.request_payment(lifetime=LIFETIME)
    first, second = open_bank_page(installation, request), open_bank_page(installation, request, "b")
    installation.clock.advance(minutes=30)
    assert ask_provider(installation.gateway, reference_in(first)) is None
    bring(installation, _of_second(installation, second), account="b")
    assert shown(installation, request).state == "paid"
    bring(installation, installation.bank.notice(first))
    _check_one_double(installation, engine, request.id)


def test_T21_two_tabs_two_providers_both_paid_makes_one_receipt_and_one_refund_proposal(
    engine: Engine,
) -> None:
    installation = make_installation(
        engine, accounts=(vnpay_account(), vnpay_account("b", terminal="THUPHI02"))
    )
    request = installation.request_payment()
    first, second = open_bank_page(installation, request), open_bank_page(installation, request, "b")
    paid_first, paid_second = installation.bank.notice(first), _of_second(installation, second)
    with ThreadPoolExecutor(2) as pool:
        for done in [
            pool.submit(bring, installation, paid_first),
            pool.submit(bring, installation, paid_second, account="b"),
        ]:
            done.result()
    bring(installation, paid_first)
    bring(installation, paid_second, account="b")
    _check_one_double(installation, engine, request.id)
    assert {attempt_state(engine, reference_in(url)) for url in (first, second)} == {"paid"}


def _check_one_double(installation: Installation, engine: Engine, request_id: str) -> None:
    found = rows(engine, "payments")
    assert sorted(row.disposition for row in found) == ["settled", "suspense"]
    assert {row.request_id for row in found} == {request_id}
    held = next(row for row in found if row.disposition == "suspense")
    proposals = rows(engine, "refunds")
    assert [(row.payment_id, row.amount_dong, row.state, row.requested_by) for row in proposals] == [
        (held.id, held.amount_dong, "requested", "system")
    ]
    assert held.refunded_dong == held.amount_dong
    assert troubles(engine) == ["double"]
    assert len(rows(engine, "receipts")) == 1
    check_books(engine)


def _of_second(installation: Installation, url: str) -> str:
    installation.bank.terminal = "THUPHI02"
    query = installation.bank.notice(url, vnp_TransactionNo="14200002")
    installation.bank.terminal = "THUPHI01"
    return query


def test_money_for_a_cancelled_request_is_held_and_proposed_for_refund(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    with pytest.raises(Conflict) as refused:
        cancel_request(installation.gateway, PORTAL, request.id)
    assert refused.value.code == "payer_on_the_way"
    let_lapse(installation, url)
    assert cancel_request(installation.gateway, PORTAL, request.id).state == "cancelled"
    bring(installation, installation.bank.notice(url))
    assert (shown(installation, request).state, troubles(engine)) == ("cancelled", ["cancelled"])
    assert [row.state for row in rows(engine, "refunds")] == ["requested"]
    check_books(engine)


def test_cancelling_is_idempotent_and_refused_for_what_is_paid_or_anothers(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(dossier_code="HS-A")
    assert cancel_request(installation.gateway, PORTAL, request.id).state == "cancelled"
    assert cancel_request(installation.gateway, PORTAL, request.id).state == "cancelled"
    assert [row.type for row in rows(engine, "events")] == ["payment_request.cancelled"]
    paid = installation.request_payment(dossier_code="HS-B")
    bring(installation, installation.bank.notice(open_bank_page(installation, paid)))
    with pytest.raises(Conflict) as refused:
        cancel_request(installation.gateway, PORTAL, paid.id)
    assert refused.value.code == "already_paid"
    with pytest.raises(NotFound):
        cancel_request(installation.gateway, "other-portal", paid.id)


def duty(installation: Installation) -> PaymentRequestView:
    return installation.request_obligation(
        7_000_000, number="2/TB", dossier_code="HS-1", lifetime=timedelta(hours=1)
    )


def let_expire(installation: Installation, request: PaymentRequestView) -> None:
    installation.clock.moment = max(installation.clock.moment, request.expires_at)
    assert expire_payment(installation.gateway, request.id) is None


def permissions(installation: Installation, engine: Engine) -> list[tuple[bool, str]]:
    """What each event told of the dossier, and at the end what the portal hears when it asks."""
    told = [row.data["dossier"] for row in sorted(rows(engine, "events"), key=lambda row: row.position)]
    asked = get_dossier(installation.gateway, PORTAL, "HS-1")
    return [(each["may_begin"], each["reason"]) for each in told] + [(asked.may_begin, asked.reason)]


def test_an_expired_duty_keeps_its_dossier_waiting_until_it_is_asked_for_anew_and_paid(
    installation: Installation, engine: Engine
) -> None:
    paid = installation.request_obligation(5_000, number="1/TB", dossier_code="HS-1")
    bring(installation, installation.bank.notice(open_bank_page(installation, paid)))
    let_expire(installation, duty(installation))
    installation.clock.advance(minutes=1)
    installation.request_payment(dossier_code="HS-1", procedure_code=FREE, inputs={})
    assert permissions(installation, engine) == [BEGINS, EXPIRED, EXPIRED, EXPIRED]
    installation.clock.advance(minutes=1)
    anew = duty(installation)
    assert permissions(installation, engine)[-1] == (False, "waiting_for_payment")
    url = open_bank_page(installation, anew)
    bring(installation, installation.bank.notice(url, vnp_TransactionNo="14100002"))
    assert permissions(installation, engine) == [BEGINS, EXPIRED, EXPIRED, BEGINS, BEGINS]


def test_a_debt_that_stood_beside_one_that_is_paid_goes_on_blocking_when_it_expires(
    installation: Installation, engine: Engine
) -> None:
    unpaid = installation.request_payment(
        dossier_code="HS-1", lifetime=LIFETIME, inputs={"pages": 30, "copies": 4}
    )
    installation.clock.advance(minutes=1)
    beside = installation.request_payment(dossier_code="HS-1", inputs={"pages": 3, "copies": 1})
    let_expire(installation, unpaid)
    bring(installation, installation.bank.notice(open_bank_page(installation, beside)))
    waiting = (False, "waiting_for_payment")
    assert permissions(installation, engine) == [waiting, EXPIRED, EXPIRED]


def ask_anew(
    installation: Installation, **changes: Any
) -> tuple[PaymentRequestView, str, PaymentRequestView]:
    """A request that has expired with the bank's page still known, that page, and one that asks for the same."""
    expired = installation.request_payment(dossier_code="HS-1", lifetime=LIFETIME)
    late = open_bank_page(installation, expired)
    let_lapse(installation, late)
    let_expire(installation, expired)
    return expired, late, installation.request_payment(**{"dossier_code": "HS-1", **changes})


@pytest.mark.parametrize("late_first", [True, False])
@pytest.mark.parametrize("together", [True, False])
def test_of_a_debt_asked_for_anew_the_late_money_is_held_and_proposed_for_refund(
    installation: Installation, engine: Engine, late_first: bool, together: bool
) -> None:
    expired, late, anew = ask_anew(installation)
    pages = [late, open_bank_page(installation, anew)]
    queries = [
        installation.bank.notice(url, vnp_TransactionNo=f"1410000{number}")
        for number, url in enumerate(pages)
    ]
    queries = queries if late_first else queries[::-1]
    for batch in [queries] if together else [[query] for query in queries]:
        bring(installation, *batch)
    assert [shown(installation, each).state for each in (expired, anew)] == ["expired", "paid"]
    held = next(row for row in rows(engine, "payments") if row.disposition == "suspense")
    assert (held.request_id, held.reason) == (expired.id, "double")
    assert [(row.payment_id, row.state) for row in rows(engine, "refunds")] == [(held.id, "requested")]
    assert troubles(engine) == ["double"]
    assert len(rows(engine, "receipts")) == 1
    assert permissions(installation, engine)[-1] == BEGINS
    check_books(engine)


def test_late_money_is_held_as_double_also_while_what_asks_anew_waits_or_has_expired_too(
    installation: Installation, engine: Engine
) -> None:
    _, late, anew = ask_anew(installation)
    let_expire(installation, anew)
    assert bring(installation, installation.bank.notice(late))[0].decision == "held_double"
    assert permissions(installation, engine)[-1] == EXPIRED


@pytest.mark.parametrize("changes", [{"dossier_code": "HS-2"}, {"procedure_code": FREE, "inputs": {}}])
def test_late_money_settles_where_only_another_dossier_or_nothing_was_asked_since(
    installation: Installation, changes: dict[str, Any]
) -> None:
    expired, late, _ = ask_anew(installation, **changes)
    assert bring(installation, installation.bank.notice(late))[0].decision == "revived"
    assert shown(installation, expired).state == "paid"


def test_late_money_settles_once_what_had_asked_anew_is_cancelled(installation: Installation) -> None:
    expired, late, anew = ask_anew(installation)
    cancel_request(installation.gateway, PORTAL, anew.id)
    assert bring(installation, installation.bank.notice(late))[0].decision == "revived"
    assert shown(installation, expired).state == "paid"


def test_an_expired_request_that_its_portal_cancels_blocks_no_longer(
    installation: Installation, engine: Engine
) -> None:
    installation.request_payment(dossier_code="HS-1", procedure_code=FREE, inputs={})
    unpaid = duty(installation)
    let_expire(installation, unpaid)
    installation.clock.advance(days=1)
    for _ in range(2):
        cancelled = cancel_request(installation.gateway, PORTAL, unpaid.id)
        assert (cancelled.state, cancelled.ended_at) == ("cancelled", installation.clock.moment)
    assert permissions(installation, engine) == [BEGINS, EXPIRED, BEGINS, BEGINS]
    assert [row.type for row in rows(engine, "events")][-1] == "payment_request.cancelled"


def test_money_for_a_request_cancelled_after_it_expired_is_held(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment(dossier_code="HS-1", lifetime=LIFETIME)
    url = open_bank_page(installation, request)
    let_lapse(installation, url)
    let_expire(installation, request)
    cancel_request(installation.gateway, PORTAL, request.id)
    assert bring(installation, installation.bank.notice(url))[0].decision.startswith("held")
    assert permissions(installation, engine)[-1] == (False, "nothing_asked")
    check_books(engine)


def test_questions_thin_out_with_the_age_of_an_attempt() -> None:
    ages = [timedelta(), timedelta(seconds=31), timedelta(hours=1), timedelta(days=30)]
    waits = [wait(START, START + age) for age in ages]
    assert waits == [SHORTEST_WAIT, timedelta(seconds=15.5), timedelta(minutes=30), LONGEST_WAIT]


def test_a_pending_attempt_is_asked_about_until_it_ends(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.clock.advance(minutes=2)
    again = ask_provider(installation.gateway, reference_in(url))
    assert again == installation.clock.moment + timedelta(minutes=1)
    installation.bank.choose(url, "silent")
    assert installation.bank.notices == []
    assert ask_provider(installation.gateway, reference_in(url)) is None
    assert shown(installation, request).state == "paid"
    assert ask_provider(installation.gateway, reference_in(url)) is None
    assert len(installation.bank.requests) == 2
    check_books(engine)


def test_pressing_again_and_again_asks_the_provider_once_in_a_while(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    token = installation.token(request)

    def queued() -> list[datetime]:
        return [
            row.run_at for row in rows(engine, "jobs") if row.kind == "ask_provider" and row.state == "queued"
        ]

    ask_now(installation.gateway, token)
    assert queued() == [installation.clock.moment]
    ask_provider(installation.gateway, reference_in(url))
    with transaction(engine) as connection:
        connection.execute(update(jobs).values(state="done", ended_at=installation.clock.moment))
    installation.clock.advance(seconds=4)
    ask_now(installation.gateway, token)
    assert queued() == []
    installation.clock.advance(seconds=2)
    ask_now(installation.gateway, token)
    assert queued() == [installation.clock.moment]
