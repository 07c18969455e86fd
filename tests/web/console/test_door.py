"""The door: no page without a session, no form without its token, no act without the right."""

from __future__ import annotations

from starlette.routing import Route

from payments.store.users import Role
from payments.web.console.guard import Right
from payments.web.console.routes import GUARDED, routes
from tests.servers.http import browser_of
from tests.web.console.conftest import LOGINS, PASSWORD, Desk

OPEN_TO_ALL = {("/console/login", "GET"), ("/console/login", "POST")}
GETS = [path for method, path, _, _ in GUARDED if method == "GET"]
POSTS = [path for method, path, _, _ in GUARDED if method == "POST"]
ACTS = [path for method, path, _, right in GUARDED if right is Right.ACT]


def filled(path: str) -> str:
    return path.replace("{request_id}", "pr_00000000000000000000000000")


def addresses(all_routes: list[Route]) -> set[tuple[str, str]]:
    return {(route.path, method) for route in all_routes for method in (route.methods or set()) - {"HEAD"}}


def test_every_address_but_the_login_page_stands_behind_the_door(visitor: Desk) -> None:
    behind = {(path, method) for method, path, _, _ in GUARDED}
    assert addresses(routes(visitor.installation.gateway)) == behind | OPEN_TO_ALL


def test_a_page_without_a_session_leads_to_the_login_page(visitor: Desk) -> None:
    for path in GETS:
        answer = visitor.get(filled(path))
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/console/login"), path


def test_a_form_without_a_session_leads_to_the_login_page(visitor: Desk) -> None:
    for path in POSTS:
        answer = visitor.browser.post(filled(path), data={"csrf_token": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login"), path


def test_a_form_without_its_token_is_refused(desk: Desk) -> None:
    for path in POSTS:
        for fields in ({}, {"csrf_token": ""}, {"csrf_token": "0" * 51}):
            answer = desk.browser.post(filled(path), data=fields)
            assert answer.status_code == 403, path
            assert "Biểu mẫu đã cũ" in answer.text


def test_a_login_without_the_token_of_its_form_is_refused(visitor: Desk) -> None:
    form = {"login": LOGINS[Role.FINANCE_OFFICER], "password": PASSWORD}
    assert visitor.browser.post("/console/login", data={**form, "csrf_token": ""}).status_code == 403
    visitor.get("/console/login")  # now the cookie is there
    for token in ("", "0" * 51):
        answer = visitor.browser.post("/console/login", data={**form, "csrf_token": token})
        assert answer.status_code == 403, token


def test_the_token_of_another_person_is_refused(desk: Desk) -> None:
    with browser_of(desk.url) as browser:
        other = Desk(desk.installation, desk.url, browser)
        other.log_in(Role.AUDITOR)
        stolen = other.csrf_token("/console/payments")
    assert desk.browser.post("/console/logout", data={"csrf_token": stolen}).status_code == 403


def test_an_invented_cookie_opens_nothing(visitor: Desk) -> None:
    for cookie in ("", "x", "0" * 51, "é" * 8, "a" * 4000):
        header = f"thuphi_console={cookie}".encode()
        answer = visitor.browser.get("/console/payments", headers={b"cookie": header})
        assert answer.status_code == 303, cookie


def test_who_may_only_look_cannot_act(visitor: Desk) -> None:
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        visitor.browser.cookies.clear()
        visitor.log_in(role)
        assert visitor.get("/console/payments").status_code == 200
        for path in ACTS:
            answer = visitor.post(filled(path), subject="x")
            assert answer.status_code == 403, path
            assert "Vai trò của bạn không được" in answer.text


def test_a_page_is_kept_by_no_cache_and_runs_nothing_from_elsewhere(visitor: Desk) -> None:
    login_page = visitor.get("/console/login")
    visitor.log_in()
    for page in (login_page, visitor.get("/console/payments")):
        headers = page.headers
        assert headers["cache-control"] == "no-store"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
