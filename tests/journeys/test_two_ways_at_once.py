"""Two things that happen together: the bank's callback and the browser's return, and two tabs of one citizen."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from payments.core.lifecycle import RequestState
from payments.store.tables import refunds
from payments.use_cases.start_checkout import start_checkout
from tests.gateway import ACCOUNT, PAYER_ADDRESS
from tests.journeys.world import SECOND_ACCOUNT, World

RETURN_TO_NATIONALITY = "2.002038"  # one charge, not collected by the commune
PATIENCE_MS = 30_000


def returned(world: World, address: str, choice: str) -> str:
    """Make ``choice`` at the bank by hand; the address that the browser is sent back to, not yet opened."""
    token = urlsplit(address).path.rpartition("/")[2]
    pay_url = start_checkout(world.installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
    page = httpx.get(pay_url)
    form = {"token": re.findall(r'name="token" value="([^"]+)"', page.text)[0], "choice": choice}
    return httpx.post(pay_url.partition("?")[0], data=form).headers["location"]


def together(addresses: list[str]) -> list[httpx.Response]:
    """Open all addresses at the same instant."""
    start = threading.Barrier(len(addresses))

    def open_one(address: str) -> httpx.Response:
        with httpx.Client() as client:
            start.wait()
            return client.get(address, timeout=30)

    with ThreadPoolExecutor(len(addresses)) as pool:
        return list(pool.map(open_one, addresses))


@pytest.mark.parametrize("turn", range(5))
def test_T02_callback_and_return_at_the_same_instant_end_alike_and_the_page_says_what_is_stored(
    world: World, turn: int
) -> None:
    request, address = world.owe(dossier_code=f"HS-T02-{turn}")
    back = returned(world, address, "silent")
    callback = back.replace("/return?", "/callback?")
    answers = together([callback, back, callback, back])
    assert [answer.status_code for answer in answers] == [200, 303, 200, 303]
    assert answers[1].headers["location"] == answers[3].headers["location"] == urlsplit(address).path
    assert {answer.json()["RspCode"] for answer in answers[::2]} <= {"00", "02"}
    view = world.now_of(request)
    assert view.state is RequestState.PAID
    assert [payment.disposition for payment in view.payments] == ["settled"]
    assert len(view.receipts) == 1
    assert "Đã nộp xong" in httpx.get(address).text


def test_T02_the_return_alone_shows_what_the_database_says_and_not_what_the_address_claims(
    world: World,
) -> None:
    request, address = world.owe(dossier_code="HS-T02-forged")
    back = returned(world, address, "cancel")
    claimed = back.replace("vnp_ResponseCode=24", "vnp_ResponseCode=00").replace(
        "vnp_TransactionStatus=02", "vnp_TransactionStatus=00"
    )
    assert claimed != back
    assert httpx.get(claimed).status_code == 404
    assert world.now_of(request).state is RequestState.OPEN
    assert "Đã nộp xong" not in httpx.get(address).text


def pay_button(tab: Page, account: str) -> None:
    form = tab.locator("form", has=tab.locator(f'input[value="{account}"]'))
    form.get_by_role("button").click()
    tab.wait_for_url(re.compile(r"/paymentv2/vpcpay\.html\?"))


def test_T21_two_tabs_two_accounts_both_paid_are_both_recorded_and_one_goes_back(
    world: World, tab: Page
) -> None:
    request, address = world.owe(dossier_code="HS-T21", procedure_code=RETURN_TO_NATIONALITY, inputs={})
    other_tab = tab.context.new_page()
    for each in (tab, other_tab):
        each.goto(address)
    pay_button(tab, ACCOUNT)
    pay_button(other_tab, SECOND_ACCOUNT)
    for each in (tab, other_tab):
        each.locator('button[value="pay"]').click()
        expect(each.get_by_role("heading", name="Đã nộp xong")).to_be_visible(timeout=PATIENCE_MS)
    tab.goto(address)
    expect(tab.get_by_role("heading", name="Chúng tôi nhận thêm")).to_be_visible(timeout=PATIENCE_MS)
    view = world.now_of(request)
    assert sorted(payment.disposition for payment in view.payments) == ["settled", "suspense"]
    assert [receipt.total_dong for receipt in view.receipts] == [view.amount_dong]
    with world.installation.gateway.engine.connect() as connection:
        extra = next(payment for payment in view.payments if payment.disposition == "suspense")
        query = select(refunds.c.amount_dong, refunds.c.state).where(refunds.c.payment_id == extra.id)
        assert connection.execute(query).all() == [(view.amount_dong, "requested")]
