"""Texts of fees at the console: one officer brings, another approves, and what is refused says how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload

from payments.core.fees.inputs import Facts
from payments.core.fees.quote import quote
from payments.core.publication import DraftState
from payments.store.database import transaction
from payments.store.users import Role, User, insert_user
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.draft_views import list_drafts, list_published
from payments.web import languages
from payments.web.console.schedules import TOLD
from payments.web.console.wording import PREFIX
from tests.gateway import catalogue_files
from tests.servers.http import browser_of
from tests.use_cases.publishing import approved, next_version, publish_now
from tests.use_cases.texts import case, procedures, schedule
from tests.web.console.conftest import LOGINS, PASSWORD, Desk, password_hash

LIST = "/console/schedules"


@pytest.fixture
def second(desk: Desk) -> Iterator[Desk]:
    """The browser of a second finance officer."""
    mai = User("mai.tran", "Trần Mai", Role.FINANCE_OFFICER, active=True)
    with transaction(desk.installation.gateway.engine) as connection:
        insert_user(connection, mai, password_hash(), desk.installation.clock())
    with browser_of(desk.url) as browser:
        other = Desk(desk.installation, desk.url, browser)
        assert other.try_login("mai.tran", PASSWORD).status_code == 303
        yield other


def bring(desk: Desk, name: str, text: str | bytes) -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    token = desk.csrf_token("/console/payments")
    return desk.browser.post(
        LIST, data={"csrf_token": token}, files={"file": (name, content, "application/yaml")}
    )


def brought(desk: Desk, name: str, text: str) -> str:
    """The address of the draft that a file became."""
    answer = bring(desk, name, text)
    assert answer.status_code == 303
    return answer.headers["location"].partition("?")[0]


def price(desk: Desk) -> int:
    day = desk.installation.clock().date()
    facts = Facts(inputs={}, filed_on=day, paid_on=day)
    return quote(current_catalogue(desk.installation.gateway), "TP-THU", facts).total_dong


def test_a_file_becomes_a_fee_through_the_hands_of_two_officers(desk: Desk, second: Desk) -> None:
    tariff = brought(desk, *schedule(cases=case(50_000)))
    listed = brought(desk, *procedures())
    beside = {f"with-{listed.rpartition('/')[2]}": "on"}
    assert "Chưa kiểm tra." in desk.get(tariff).text
    assert desk.post(f"{tariff}/check", **beside).headers["location"] == f"{tariff}?done=checked"
    page = desk.get(tariff).text
    assert "Không có gì phải sửa." in page
    assert "Bạn đã nhập dự thảo này; người khác phải duyệt." in page
    refused = desk.post(f"{tariff}/approve")
    assert refused.status_code == 409
    assert "Người nhập dự thảo không được tự duyệt" in refused.text
    for path in (tariff, listed):
        assert second.post(f"{path}/approve").status_code == 303
    answer = desk.post(f"{tariff}/publish", from_day="2026-11-22", **beside)
    assert answer.headers["location"] == f"{tariff}?done=published"
    assert price(desk) == 50_000
    page = desk.get(tariff, done="published").text
    assert "Đã công bố." in page
    assert "Trần Mai (mai.tran), 22/11/2026 10:00" in page
    assert "thu-1" in desk.get(LIST).text


def test_what_is_to_be_mended_is_shown_by_file_and_line(desk: Desk) -> None:
    name, text = schedule()
    answer = bring(desk, name, text.replace("kind: fee", "kind: tax"))
    assert answer.status_code == 422
    assert "thu-1.yaml:15" in answer.text
    for faulty in (("phí.yaml", text), ("a.yaml", "\xff".encode("latin-1")), ("a.yaml", "")):
        assert bring(desk, *faulty).status_code == 422
    publish_now(desk.installation.gateway, schedule())
    path = brought(desk, *schedule("thu-2"))
    desk.post(f"{path}/check")
    page = desk.get(path, lang="en").text
    assert "thu-2.yaml:14" in page
    assert "is set for that time by Circular 1/2026/TT-THU too; end one earlier" in page
    assert "To mend (1)" in desk.get(LIST, lang="en").text


def test_the_difference_and_the_last_month_are_shown_before_publishing(desk: Desk) -> None:
    view = desk.owe(dossier_code="HS-REPLAY")
    name = next(name for name in catalogue_files() if "226" in name)
    dearer = next_version(catalogue_files()[name]).replace("price: 2000}", "price: 3000}")
    path = brought(desk, name, dearer)
    page = desk.get(path, replay="yes", lang="en").text
    assert "price: 2000 → 3000" in page
    assert "1 requests computed again, 1 would differ: 5,000\N{NO-BREAK SPACE}VND → 7,000" in page
    assert f"/console/payments/{view.id}" in page
    ended = dearer.replace("effective_to: null", "effective_to: 2026-06-30")
    page = desk.get(brought(desk, name, ended), replay="yes", lang="en").text
    assert "No longer computed" in page


def test_a_wrong_day_is_refused_and_kept_in_the_form(desk: Desk) -> None:
    (draft_id,) = approved(desk.installation.gateway, schedule())
    for day, words in (("", "chọn ngày"), ("22/11/2026", "chọn ngày"), ("2026-11-21", "trước hôm nay")):
        answer = desk.post(f"{LIST}/{draft_id}/publish", from_day=day)
        assert answer.status_code == 422
        assert words in answer.text
    assert list_drafts(desk.installation.gateway)[0].state is DraftState.APPROVED


def test_a_draft_is_withdrawn_with_a_reason(desk: Desk) -> None:
    path = brought(desk, *schedule())
    assert desk.post(f"{path}/withdraw", why=" ").status_code == 422
    assert desk.post(f"{path}/withdraw", why="nhập nhầm").status_code == 303
    page = desk.get(path, done="withdrawn").text
    assert "nhập nhầm" in page
    assert "/approve" not in page
    assert list_drafts(desk.installation.gateway) == ()


def test_who_may_only_look_sees_no_form_and_a_stranger_to_the_list_is_told(visitor: Desk) -> None:
    visitor.log_in(Role.AUDITOR)
    (draft_id,) = approved(visitor.installation.gateway, schedule())
    for path in (LIST, f"{LIST}/{draft_id}"):
        page = visitor.get(path).text
        assert "thu-1" in page
        assert re.findall(r'<form[^>]*action="([^"]+)"', page) == ["/console/logout"]
    assert visitor.get(f"{LIST}/fd_nothing").status_code == 404


def test_every_state_and_every_act_has_its_words() -> None:
    texts = languages.texts()["vi"]
    assert [state for state in DraftState if f"{PREFIX}draft_state.{state}" not in texts] == []
    assert [told for told in TOLD if f"schedules.told.{told}" not in texts] == []


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
def test_an_officer_publishes_in_a_browser(visitor: Desk, chromium: Browser, width: int, height: int) -> None:
    (draft_id,) = approved(visitor.installation.gateway, schedule())
    with chromium.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{visitor.url}{LIST}")
        page.get_by_label("Tên đăng nhập").fill(LOGINS[Role.FINANCE_OFFICER])
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{LIST}")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        name, text = procedures()
        file = FilePayload(name=name, mimeType="application/yaml", buffer=text.encode())
        page.get_by_label("Tệp").set_input_files(file)
        page.get_by_role("button", name="Nhập làm dự thảo").click()
        page.get_by_text("Đã nhập làm dự thảo").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.goto(f"{visitor.url}{LIST}/{draft_id}")
        page.get_by_role("button", name="Công bố").click()
        page.get_by_text("Đã công bố.").wait_for()
        assert complaints == []
    assert "thu-1" in {text.id for text in list_published(visitor.installation.gateway)}
