"""Time running out: the provider is asked first, and money that comes late is never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from payments.core.refusals import Conflict, NotFound
from payments.store.database import transaction
from payments.store.tables import jobs, payment_requests
from payments.use_cases.ask_provider import LONGEST_WAIT, SHORTEST_WAIT, ask_now, ask_provider, wait
from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.use_cases.start_checkout import look_up_checkout
from payments.use_cases.views import Standing
from tests.gateway import PORTAL, START, Installation, make_installation, vnpay_account
from tests.use_cases.money import (
    attempt_state,
    bring,
    check_books,
    counts,
    let_lapse,
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
