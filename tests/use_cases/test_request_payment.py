"""A request keeps what it was quoted, and what owes nothing ends at once."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from payments.core.lifecycle import RequestState
from payments.core.money import MOST_DONG
from payments.core.refusals import Conflict, Invalid
from payments.demo.standing import COMMUNE
from payments.store.database import transaction
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.gateway import Gateway
from payments.use_cases.prepare import open_procedures
from payments.use_cases.read_requests import get_dossier
from payments.use_cases.start_checkout import look_up_checkout, start_checkout
from payments.use_cases.views import PaymentRequestView, Standing
from tests.gateway import (
    ACCOUNT,
    PAYER_ADDRESS,
    PORTAL,
    START,
    Installation,
    catalogue_files,
    make_installation,
    vnpay_account,
)
from tests.use_cases import texts
from tests.use_cases.money import bring, check_books, counts, open_bank_page, rows, shown, troubles
from tests.use_cases.publishing import next_version, publish_now


def _publish_dearer_copies(gateway: Gateway) -> None:
    """The next version of the text about copies: 9.000 đ a page instead of 2.000 đ."""
    name = next(name for name in catalogue_files() if "226" in name)
    changed = next_version(catalogue_files()[name]).replace("2000", "9000")
    publish_now(gateway, (name, changed))


def test_T31_a_new_rate_between_quote_payment_and_receipt_leaves_the_quoted_fee(
    installation: Installation, engine: Engine
) -> None:
    request = installation.request_payment()
    used = list(request.schedules)
    _publish_dearer_copies(installation.gateway)
    url = open_bank_page(installation, request)
    assert "vnp_Amount=500000" in url
    bring(installation, installation.bank.notice(url))
    after = shown(installation, request)
    assert (after.state, after.amount_dong, list(after.schedules)) == ("paid", 5_000, used)
    assert [row.total_dong for row in rows(engine, "receipts")] == [5_000]
    later = installation.request_payment(dossier_code="HS-LATER")
    assert later.amount_dong > 5_000
    assert {line.schedule_version for line in after.lines} != {line.schedule_version for line in later.lines}


def test_a_service_price_is_quoted_but_not_collected(installation: Installation, engine: Engine) -> None:
    name, text = texts.schedule()
    text = text.replace("kind: fee", "kind: service_price").replace('    sub_item: "2716"\n', "")
    publish_now(installation.gateway, (name, text), texts.procedures())
    open_procedures(installation.gateway, {"TP-THU": COMMUNE.code}, START.date())
    with pytest.raises(Invalid) as refused:
        installation.request_payment(procedure_code="TP-THU", inputs={})
    assert (refused.value.code, rows(engine, "jobs")) == ("service_price", [])


def test_T32_an_exempt_fee_ends_at_once_without_provider_or_receipt(
    installation: Installation, engine: Engine
) -> None:
    request = exempt_request(installation)
    assert (request.amount_dong, request.state, request.receipts) == (0, RequestState.PAID, ())
    assert {line.outcome for line in request.lines} <= {"exempt", "not_payable", "zero_by_rule"}
    assert all(line.explanation_vi for line in request.lines)
    assert get_dossier(installation.gateway, PORTAL, request.dossier_code).may_begin
    assert [row.type for row in rows(engine, "events")] == ["payment_request.paid"]
    token = installation.token(request)
    assert look_up_checkout(installation.gateway, token).standing is Standing.NOTHING_DUE
    with pytest.raises(Conflict):
        start_checkout(installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
    assert counts(engine)["payments"] == 0


def exempt_request(installation: Installation) -> PaymentRequestView:
    """A procedure of the catalogue whose fee is zero by rule when it is filed online."""
    for procedure in current_catalogue(installation.gateway).procedures():
        try:
            request = installation.request_payment(
                procedure_code=procedure.code, inputs={}, dossier_code=f"HS-{procedure.code}"
            )
        except Invalid:
            continue
        if request.amount_dong == 0:
            return request
    raise AssertionError("no procedure of the catalogue is free online with its default inputs")


@pytest.mark.parametrize("amount_dong", [1, 9_999_999_999])
def test_T32_the_smallest_and_the_largest_amount_of_a_provider_can_be_paid(
    installation: Installation, engine: Engine, amount_dong: int
) -> None:
    request = installation.request_obligation(amount_dong)
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    after = shown(installation, request)
    assert (after.state, [receipt.total_dong for receipt in after.receipts]) == ("paid", [amount_dong])
    check_books(engine)


def test_T32_an_amount_above_every_providers_limit_is_asked_for_but_not_offered_there(
    installation: Installation,
) -> None:
    request = installation.request_obligation(MOST_DONG)
    assert request.amount_dong == MOST_DONG
    token = installation.token(request)
    view = look_up_checkout(installation.gateway, token)
    assert (view.offers, view.beyond_every_offer) == ((), True)
    with pytest.raises(Conflict) as refused:
        start_checkout(installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
    assert refused.value.code == "provider_not_offered"


def test_only_an_amount_out_of_reach_is_called_so(installation: Installation, engine: Engine) -> None:
    elsewhere = vnpay_account(agencies=frozenset({"another"}))
    closed = make_installation(engine, accounts=(elsewhere,))
    for amount_dong in (1, MOST_DONG):
        request = installation.request_obligation(amount_dong)
        token = installation.token(request)
        assert look_up_checkout(installation.gateway, token).beyond_every_offer is (amount_dong == MOST_DONG)
        assert look_up_checkout(closed.gateway, token).beyond_every_offer is False


@pytest.mark.parametrize("amount_dong", [-1, 0, MOST_DONG + 1])
def test_T32_a_negative_zero_or_absurd_obligation_is_refused(
    installation: Installation, engine: Engine, amount_dong: int
) -> None:
    with pytest.raises(Invalid):
        installation.request_obligation(amount_dong)
    assert counts(engine) == {"paid": 0, "payments": 0, "receipts": 0, "events": 0}


def test_a_citizen_who_presses_twice_stays_in_one_attempt(installation: Installation) -> None:
    request = installation.request_payment()
    assert open_bank_page(installation, request) == open_bank_page(installation, request)
    view = look_up_checkout(installation.gateway, installation.token(request))
    assert (view.standing, len(view.attempts)) == (Standing.ASKING, 1)


@pytest.mark.parametrize("paid", ["499900", "500100"])
def test_T22_too_little_or_too_much_is_held_for_an_officer_and_nothing_more_can_be_paid(
    installation: Installation, engine: Engine, paid: str
) -> None:
    request = installation.request_payment()
    url = open_bank_page(installation, request)
    bring(installation, installation.bank.notice(url, vnp_Amount=paid))
    assert troubles(engine) == ["wrong_amount"]
    token = installation.token(request)
    assert look_up_checkout(installation.gateway, token).standing is Standing.HELD
    with pytest.raises(Conflict) as refused:
        start_checkout(installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
    assert refused.value.code == "money_held"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfers SET amount_dong = amount_dong + 1",
        "DELETE FROM transfers",
        "UPDATE events SET type = 'other'",
        "DELETE FROM audit_log",
        "UPDATE payment_requests SET amount_dong = 1",
        "UPDATE payments SET amount_dong = 1",
        "UPDATE receipts SET number = 99",
        "DELETE FROM receipts",
        "UPDATE payment_request_lines SET amount_dong = 0, retained_dong = 0, remitted_dong = 0",
        "DELETE FROM notices",
    ],
)
def test_what_is_written_once_cannot_be_rewritten_by_anybody(
    installation: Installation, engine: Engine, statement: str
) -> None:
    request = installation.request_payment()
    bring(installation, installation.bank.notice(open_bank_page(installation, request)))
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction(engine) as connection:
        connection.execute(text(statement))
    check_books(engine)
