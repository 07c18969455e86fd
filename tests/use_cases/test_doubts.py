"""While it is not certain whether money came, the bank is asked, with patience, and nobody is sent to pay twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from payments.core.decide import Source
from payments.core.refusals import Conflict
from payments.store.attempts import get_attempt
from payments.store.database import reading, transaction
from payments.store.jobs import JobKind
from payments.store.tables import jobs
from payments.use_cases.ask_provider import MOST_PATIENCE, ask_now, ask_provider, still_open
from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.use_cases.start_checkout import look_up_checkout
from payments.use_cases.take_notice import Arrival, take_notices
from payments.use_cases.views import Standing
from payments.web.checkout.telling import tell
from payments.worker import Worker, make_handlers
from providers.protocol import (
    ALL_COVERED,
    Incoming,
    Notice,
    RemoteProviderError,
    Reply,
    Request,
    Verdict,
)
from tests.gateway import ACCOUNT, PORTAL, Installation, make_installation
from tests.use_cases.money import (
    FAILED,
    attempt_state,
    bring,
    check_books,
    open_bank_page,
    reference_in,
    rows,
    shown,
    troubles,
)


def ask(installation: Installation) -> None:
    """Let the worker ask what is due."""
    Worker(installation.gateway, make_handlers(lambda *_: b"")).run_once([JobKind.ASK_PROVIDER], most=20)


def test_an_attempt_whose_money_is_held_is_asked_about_no_more_and_holds_nothing_up(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "other_amount")
    bring(installation, installation.bank.notices[0])
    for _ in range(12):
        installation.clock.advance(minutes=1)
        ask(installation)
    assert len(installation.bank.requests) == 1
    assert cancel_request(installation.gateway, PORTAL, request.id).state == "cancelled"


REVIEW = {"vnp_ResponseCode": "07", "vnp_TransactionStatus": "07"}


@pytest.mark.parametrize("more", [{}, REVIEW])
def test_while_a_bank_that_reported_success_after_failure_is_silent_nobody_is_sent_to_pay_again(
    engine: Engine, more: dict[str, str]
) -> None:
    installation = make_installation(engine, send=_no_answer)
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, **FAILED))
    bring(installation, installation.bank.notice(url, **more))
    token = installation.token(request)
    installation.clock.advance(minutes=30)
    assert look_up_checkout(installation.gateway, token).standing is Standing.ASKING
    with pytest.raises(Conflict) as refused:
        open_bank_page(installation, request)
    assert refused.value.code == "bank_being_asked"
    with pytest.raises(Conflict) as refused:
        cancel_request(installation.gateway, PORTAL, request.id)
    assert refused.value.code == "payer_on_the_way"
    assert "may have taken money" in refused.value.message_en
    installation.clock.moment = request.expires_at
    assert expire_payment(installation.gateway, request.id) is not None
    with transaction(engine) as connection:
        connection.execute(update(jobs).values(state="done", ended_at=installation.clock.moment))
    ask_now(installation.gateway, token)
    queued = [row.subject for row in rows(engine, "jobs") if row.state == "queued"]
    assert queued == [reference_in(url)]


def _no_answer(account_code: str, request: Request) -> Reply:
    raise RemoteProviderError("the bank does not answer")


def test_a_clear_no_after_a_reported_success_lets_the_payer_try_again(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    installation.bank.choose(url, "cancel")
    bring(installation, installation.bank.notices[0], installation.bank.notice(url))
    token = installation.token(request)
    assert look_up_checkout(installation.gateway, token).standing is Standing.ASKING
    assert ask_provider(installation.gateway, reference_in(url)) is None
    assert troubles(engine) == []
    assert look_up_checkout(installation.gateway, token).standing is Standing.PAYABLE
    assert open_bank_page(installation, request) != url


def query_answer(reference: str, verdict: Verdict, text: str = "") -> Arrival:
    notice = Notice(verdict, reference, ALL_COVERED, 5_000, code=f"00/{verdict}")
    return Arrival(ACCOUNT, Source.QUERY, Incoming("QUERY", text or verdict, {}, b""), notice=notice)


def test_a_try_whose_bank_was_not_done_in_time_is_followed_up_for_days(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    reference = reference_in(url)
    installation.bank.choose(url, "silent")
    installation.clock.advance(minutes=21)
    take_notices(installation.gateway, [query_answer(reference, Verdict.PENDING)])
    assert attempt_state(engine, reference) == "expired"
    with reading(engine) as connection:
        attempt = get_attempt(connection, reference)
    now = installation.clock.moment
    owed = {verdict: still_open(attempt, query_answer(reference, verdict), now) for verdict in Verdict}
    assert {verdict for verdict, is_owed in owed.items() if is_owed} == {
        Verdict.PENDING,
        Verdict.REVIEW,
        Verdict.UNKNOWN,
    }
    late = attempt.created_at + MOST_PATIENCE
    assert not still_open(attempt, query_answer(reference, Verdict.PENDING), late)
    ask(installation)
    assert (shown(installation, request).state, attempt_state(engine, reference)) == ("paid", "paid")
    check_books(engine)


def test_a_lapse_does_not_answer_whether_money_was_taken(installation: Installation, engine: Engine) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    reference = reference_in(url)
    bring(installation, installation.bank.notice(url, **REVIEW))
    unknown = replace(query_answer(reference, Verdict.UNKNOWN), incoming=Incoming("QUERY", "u", {}, b""))
    take_notices(installation.gateway, [unknown])
    installation.clock.advance(minutes=21)
    take_notices(installation.gateway, [query_answer(reference, Verdict.NOT_FOUND)])
    assert (attempt_state(engine, reference), troubles(engine)) == ("expired", ["review"])
    with reading(engine) as connection:
        attempt = get_attempt(connection, reference)
    answer = query_answer(reference, Verdict.NOT_FOUND)
    assert still_open(attempt, answer, installation.clock.moment)
    view = look_up_checkout(installation.gateway, installation.token(request))
    assert (view.standing, tell(view, 0).resumable) == (Standing.ASKING, ())
