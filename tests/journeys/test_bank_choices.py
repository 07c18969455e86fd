"""Every choice on the bank's page ends in the right state, and the citizen's page says which.

Real Chromium without JavaScript, on a phone and on a desktop screen.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from payments.core.lifecycle import RequestState
from payments.store.tables import attempts, notices
from payments.use_cases.views import PaymentRequestView
from payments.use_cases.wishes import Payer
from tests.journeys.world import World

PAY_BUTTON = "Nộp qua VNPAY"
BANK_PAGE = re.compile(r"/paymentv2/vpcpay\.html\?")
PATIENCE_MS = 30_000
LEAST_TOUCH_PIXELS = 44

PAID = "Đã nộp xong"
NOT_PAID = "Lần nộp trước chưa thành công"
HELD = "Đã nhận tiền, cán bộ đang xem lại"
ASKING = "Chúng tôi đang hỏi ngân hàng"


def go_to_bank(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.get_by_role("button", name=PAY_BUTTON).click()
    tab.wait_for_url(BANK_PAGE)


def choose(tab: Page, address: str, choice: str) -> None:
    """Open the link, go to the bank and press the button for ``choice``."""
    go_to_bank(tab, address)
    tab.locator(f'button[value="{choice}"]').click()
    tab.wait_for_url(re.compile(re.escape(address)))


def sees(tab: Page, heading: str) -> None:
    """Wait for the page, which reloads itself, to say ``heading``."""
    expect(tab.get_by_role("heading", name=heading)).to_be_visible(timeout=PATIENCE_MS)


def settled(world: World, request: PaymentRequestView) -> tuple[RequestState, list[str]]:
    """The request's state, and the disposition of all money that came for it."""
    view = world.now_of(request)
    return view.state, [payment.disposition for payment in view.payments]


def callbacks_seen(world: World, request: PaymentRequestView, expected: int) -> int:
    """How often the bank's callbacks came for the request; waits a while for as many as are expected."""
    query = (
        select(func.coalesce(func.sum(notices.c.times_seen), 0))
        .join(attempts, attempts.c.reference == notices.c.reference)
        .where(attempts.c.request_id == request.id, notices.c.source == "callback")
    )
    for _ in range(100):
        with world.installation.gateway.engine.connect() as connection:
            seen = int(connection.execute(query).scalar_one())
        if seen >= expected:
            break
        time.sleep(0.1)
    return seen


@pytest.mark.parametrize(("choice", "callbacks"), [("pay", 1), ("late", 1), ("silent", 0), ("double", 2)])
def test_money_that_was_taken_is_found_however_the_bank_tells_of_it(
    world: World, tab: Page, choice: str, callbacks: int
) -> None:
    request, address = world.owe(dossier_code=f"HS-{choice}")
    choose(tab, address, choice)
    sees(tab, PAID)
    assert callbacks_seen(world, request, callbacks) == callbacks
    assert settled(world, request) == (RequestState.PAID, ["settled"])


@pytest.mark.parametrize("choice", ["cancel", "fail", "forged"])
def test_a_try_without_money_is_told_and_can_be_repeated(world: World, tab: Page, choice: str) -> None:
    request, address = world.owe(dossier_code=f"HS-{choice}")
    choose(tab, address, choice)
    sees(tab, NOT_PAID)
    assert settled(world, request) == (RequestState.OPEN, [])
    choose(tab, tab.url, "pay")
    sees(tab, PAID)
    assert settled(world, request) == (RequestState.PAID, ["settled"])


def test_another_amount_is_held_and_nothing_is_unlocked(world: World, tab: Page) -> None:
    request, address = world.owe(dossier_code="HS-other-amount")
    choose(tab, address, "other_amount")
    sees(tab, HELD)
    assert settled(world, request) == (RequestState.OPEN, ["suspense"])
    expect(tab.get_by_role("main")).to_contain_text("xin đừng nộp lại")
    expect(tab.get_by_role("button", name=PAY_BUTTON)).to_have_count(0)


def test_suspected_fraud_is_neither_called_paid_nor_failed(world: World, tab: Page) -> None:
    request, address = world.owe(dossier_code="HS-fraud")
    choose(tab, address, "fraud")
    sees(tab, ASKING)
    assert settled(world, request) == (RequestState.OPEN, [])
    assert tab.get_by_text(PAID).count() == tab.get_by_text(NOT_PAID).count() == 0


def test_leaving_the_bank_without_a_choice_asks_and_lets_one_continue(world: World, tab: Page) -> None:
    _, address = world.owe(dossier_code="HS-back")
    go_to_bank(tab, address)
    first_page = tab.url
    tab.goto(address)
    sees(tab, ASKING)
    tab.get_by_role("link", name="Dừng tự cập nhật").click()
    tab.get_by_text("Tôi chưa trả tiền").click()
    tab.get_by_role("button", name="Tiếp tục ở VNPAY").click()
    assert tab.url == first_page


def test_asking_again_by_hand_says_that_the_bank_was_asked(world: World, tab: Page) -> None:
    _, address = world.owe(dossier_code="HS-ask")
    go_to_bank(tab, address)
    tab.goto(f"{address}?reload=off")
    tab.get_by_role("button", name="Hỏi lại ngân hàng ngay").click()
    expect(tab.get_by_role("main")).to_contain_text("vừa hỏi lại ngân hàng")


def test_the_receipt_appears_by_itself_is_fetched_and_proves_genuine(
    world: World, tab: Page, tmp_path: Path
) -> None:
    _, address = world.owe(dossier_code="HS-receipt")
    choose(tab, address, "pay")
    link = tab.get_by_role("link", name="Tải biên lai (PDF)")
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    with tab.expect_download() as fetched:
        link.click()
    paper = tmp_path / fetched.value.suggested_filename
    fetched.value.save_as(paper)
    assert re.fullmatch(r"EBL01-26TAA-\d{8}\.pdf", paper.name)
    tab.get_by_role("link", name="Kiểm tra biên lai").click()
    tab.get_by_label("Tệp PDF hoặc XML").set_input_files(paper)
    tab.get_by_role("button", name="Kiểm tra tệp").click()
    sees(tab, "Biên lai này là thật")


def test_the_whole_way_in_english(world: World, tab: Page) -> None:
    _, address = world.owe(dossier_code="HS-english")
    tab.goto(address)
    tab.get_by_role("link", name="English").click()
    tab.get_by_role("button", name="Pay with VNPAY").click()
    expect(tab.locator("html")).to_have_attribute("lang", "en")
    tab.locator('button[value="pay"]').click()
    sees(tab, "Payment complete")


def test_nothing_on_the_way_is_wider_than_the_screen(world: World, tab: Page) -> None:
    _, address = world.owe(dossier_code="HS-" + "9" * 90, payer=Payer("W" * 200))
    for path in (address, f"{world.url}/verify", f"{world.url}/r/000000000000"):
        tab.goto(path)
        wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, path


def test_every_control_has_a_name_and_is_large_enough_for_a_finger(world: World, tab: Page) -> None:
    _, address = world.owe(dossier_code="HS-fingers")
    go_to_bank(tab, address)
    for path in (address, f"{world.url}/verify", f"{world.url}/r/000000000000"):
        tab.goto(path)
        controls = tab.locator("button, .button, input:not([type=hidden]), summary, header a:not(.skip)")
        shown = [control for control in controls.all() if control.is_visible()]
        heights = [(control.bounding_box() or {"height": 0})["height"] for control in shown]
        assert min(heights) >= LEAST_TOUCH_PIXELS, (path, heights)
        assert tab.locator("input:not([type=hidden])").count() == tab.locator("label").count(), path


def test_the_keyboard_alone_reaches_the_bank(world: World, tab: Page) -> None:
    _, address = world.owe(dossier_code="HS-keyboard")
    tab.goto(address)
    for _ in range(10):
        tab.keyboard.press("Tab")
        if tab.locator("button:focus-visible").count():
            break
    assert tab.locator("button:focus-visible").count() == 1
    tab.keyboard.press("Enter")
    tab.wait_for_url(BANK_PAGE)
