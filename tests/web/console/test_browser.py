"""The console in a real browser: by keyboard alone, at a desk and on a telephone, nothing refused by the policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from payments.store.users import Role
from payments.use_cases.wishes import Payer
from tests.web.console.conftest import LOGINS, PASSWORD, Desk


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
def test_an_officer_finds_and_reads_a_payment_by_keyboard_alone(
    visitor: Desk, chromium: Browser, width: int, height: int
) -> None:
    visitor.owe(dossier_code="KHAC-0001")
    view = visitor.owe(dossier_code="HS-2026-000077", payer=Payer("Đặng Thị Ổn"))
    visitor.pay(view)
    with chromium.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{visitor.url}/console")
        # The browser puts the cursor into the first field a moment after the page has loaded.
        expect(page.locator("[autofocus]")).to_be_focused()
        page.keyboard.type(LOGINS[Role.FINANCE_OFFICER])
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/payments")
        page.keyboard.type("dang thi on")
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/payments?q=*")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        link = page.get_by_role("link", name="HS-2026-000077")
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/console/payments/{view.id}")
        page.get_by_text("Thông điệp gốc").first.click()
        assert page.get_by_text("vnp_SecureHash").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert complaints == []


@pytest.mark.parametrize("width", [1280, 1100])
def test_one_long_name_or_code_does_not_push_the_other_rows_about(
    visitor: Desk, chromium: Browser, width: int
) -> None:
    visitor.owe(dossier_code="HS-1", payer=Payer("Đặng Thị Ổn"))
    visitor.owe(dossier_code="X" * 100, payer=Payer("A" * 250))
    visitor.owe(dossier_code="HS-2", payer=Payer("Công ty Trách nhiệm hữu hạn Một thành viên " * 6))
    with chromium.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{visitor.url}/console")
        page.get_by_label("Tên đăng nhập").fill(LOGINS[Role.FINANCE_OFFICER])
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/payments")
        heights = page.locator("tbody tr").evaluate_all("rows => rows.map(row => row.offsetHeight)")
        columns = page.locator("thead th").evaluate_all("cells => cells.map(cell => cell.offsetWidth)")
        assert len(heights) == 3
        assert max(heights) < 150
        assert min(columns) > 100
        assert page.evaluate("document.documentElement.scrollWidth") == width
