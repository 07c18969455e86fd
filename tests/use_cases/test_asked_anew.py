"""A debt that expired and was asked for anew: its dossier, and money that comes for it late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from payments.use_cases.expire_payment import cancel_request, expire_payment
from payments.use_cases.read_requests import get_dossier
from payments.use_cases.views import PaymentRequestView
from tests.gateway import PORTAL, Installation
from tests.use_cases.money import (
    bring,
    check_books,
    let_lapse,
    open_bank_page,
    rows,
    shown,
    troubles,
)

LIFETIME = timedelta(minutes=10)
FREE = "1.004873"  # a procedure whose fee is zero by rule
BEGINS, EXPIRED = (True, "all_paid"), (False, "payment_expired")


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
