"""Who gets in, who does not, and how a session ends."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Table, select, update

from payments.core.refusals import Conflict, Invalid
from payments.store.database import reading, transaction
from payments.store.tables import audit_log, sessions, users
from payments.store.users import Role
from payments.use_cases.log_in import (
    HASHER,
    MOST_FAILURES,
    MOST_FAILURES_ANYWHERE,
    LoginRefused,
    add_user,
    log_in,
)
from payments.web.console.login import way_back
from tests.gateway import Installation, make_installation
from tests.servers.http import browser_of
from tests.web.console.conftest import LITTLE_WORK, LOGINS, PASSWORD, Desk, serve_console

OFFICER = LOGINS[Role.FINANCE_OFFICER]
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
WAIT = "Đăng nhập sai quá nhiều lần."


def everything_in(installation: Installation, table: Table) -> str:
    with reading(installation.gateway.engine) as connection:
        return repr(connection.execute(select(table)).all())


def may_see(desk: Desk) -> bool:
    return desk.get("/console/payments").status_code == 200


def test_a_person_with_the_right_password_gets_to_the_payments(visitor: Desk) -> None:
    answer = visitor.log_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/payments")
    assert may_see(visitor)


def test_a_wrong_login_and_a_wrong_password_get_the_same_answer(visitor: Desk) -> None:
    for login, password in (
        (OFFICER, "sai mật khẩu rồi"),
        (OFFICER, ""),
        ("khong.co.ai", PASSWORD),
        ("", ""),
        ("\0", "\0"),
        ("x" * 5000, "y" * 5000),
    ):
        answer = visitor.try_login(login, password)
        assert answer.status_code == 401, login
        assert WRONG in answer.text
        assert not may_see(visitor)


def test_a_login_may_be_typed_with_capitals_and_spaces(visitor: Desk) -> None:
    assert visitor.try_login(f" {OFFICER.upper()} ", PASSWORD).status_code == 303


def test_a_password_composed_by_another_keyboard_is_the_same_password(visitor: Desk) -> None:
    assert visitor.try_login(OFFICER, unicodedata.normalize("NFD", PASSWORD)).status_code == 303


def test_a_person_who_was_switched_off_gets_the_answer_of_a_stranger(visitor: Desk) -> None:
    visitor.log_in()
    with transaction(visitor.installation.gateway.engine) as connection:
        connection.execute(update(users).where(users.c.login == OFFICER).values(active=False))
    assert not may_see(visitor)
    assert WRONG in visitor.try_login(OFFICER, PASSWORD).text


def test_after_five_failures_even_the_right_password_has_to_wait(visitor: Desk) -> None:
    for _ in range(MOST_FAILURES):
        assert visitor.try_login(OFFICER, "sai mật khẩu rồi").status_code == 401
    answer = visitor.log_in()
    assert answer.status_code == 429
    assert WAIT in answer.text
    visitor.installation.clock.advance(minutes=16)
    assert visitor.log_in().status_code == 303


def test_failures_elsewhere_or_of_another_login_do_not_lock_a_person_out(installation: Installation) -> None:
    gateway = installation.gateway
    for login, address in ((OFFICER, "198.51.100.7"), ("khong.co.ai", "203.0.113.5")):
        for _ in range(MOST_FAILURES):
            with pytest.raises(LoginRefused, match="login_refused"):
                log_in(gateway, login, "sai mật khẩu rồi", address)
        with pytest.raises(LoginRefused, match="login_throttled"):
            log_in(gateway, login, "sai mật khẩu rồi", address)
    assert log_in(gateway, OFFICER, PASSWORD, "203.0.113.5").session.user.login == OFFICER


@pytest.fixture
def quick_hashes(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that are quickly checked, for tests of many logins."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("payments.use_cases.log_in.HASHER", quick)
    with transaction(installation.gateway.engine) as connection:
        connection.execute(update(users).values(password_hash=quick.hash(PASSWORD)))


def fail(installation: Installation, login: str, address: str) -> str:
    """The code of the refusal of a wrong password."""
    with pytest.raises(LoginRefused) as refused:
        log_in(installation.gateway, login, "sai mật khẩu rồi", address)
    return refused.value.code


@pytest.mark.usefixtures("quick_hashes")
def test_guessing_from_many_addresses_is_slowed_down_and_keeps_nobody_out_of_their_own_place(
    installation: Installation,
) -> None:
    own, gateway = "203.0.113.5", installation.gateway
    log_in(gateway, OFFICER, PASSWORD, own)
    installation.clock.advance(days=89)
    for number in range(MOST_FAILURES_ANYWHERE):
        assert fail(installation, OFFICER, f"198.51.100.{number}") == "login_refused"
        installation.clock.advance(seconds=59)
    assert fail(installation, OFFICER, "198.51.100.250") == "login_throttled"
    with pytest.raises(LoginRefused, match="login_throttled"):
        log_in(gateway, OFFICER, PASSWORD, "192.0.2.1")
    assert fail(installation, LOGINS[Role.AUDITOR], "198.51.100.250") == "login_refused"
    assert log_in(gateway, OFFICER, PASSWORD, own).session.user.login == OFFICER
    installation.clock.advance(minutes=32)
    assert log_in(gateway, OFFICER, PASSWORD, "192.0.2.1").session.user.login == OFFICER


@pytest.mark.usefixtures("quick_hashes")
def test_an_address_is_forgotten_as_a_persons_own_and_is_own_for_that_person_only(
    installation: Installation,
) -> None:
    own, gateway = "203.0.113.5", installation.gateway
    log_in(gateway, OFFICER, PASSWORD, own)
    log_in(gateway, LOGINS[Role.AUDITOR], PASSWORD, "203.0.113.6")
    installation.clock.advance(days=91)
    for number in range(MOST_FAILURES_ANYWHERE):
        fail(installation, OFFICER, f"198.51.100.{number}")
    for address in (own, "203.0.113.6"):
        with pytest.raises(LoginRefused, match="login_throttled"):
            log_in(gateway, OFFICER, PASSWORD, address)


def test_who_fails_in_their_own_place_waits_there_like_anybody(installation: Installation) -> None:
    log_in(installation.gateway, OFFICER, PASSWORD, "203.0.113.5")
    codes = [fail(installation, OFFICER, "203.0.113.5") for _ in range(MOST_FAILURES + 1)]
    assert codes == ["login_refused"] * MOST_FAILURES + ["login_throttled"]


def test_a_password_typed_into_the_field_of_the_login_is_written_down_nowhere(
    installation: Installation,
) -> None:
    with pytest.raises(LoginRefused):
        log_in(installation.gateway, "bi-mat-cua-toi", "x", "203.0.113.5")
    assert "bi-mat-cua-toi" not in everything_in(installation, audit_log)


def test_the_database_holds_neither_the_cookie_nor_the_password(visitor: Desk) -> None:
    visitor.log_in()
    cookie = visitor.browser.cookies["thuphi_console"]
    held = "".join(everything_in(visitor.installation, table) for table in (sessions, users, audit_log))
    assert cookie not in held
    assert PASSWORD not in held
    assert "$argon2id$" in held


def test_a_hash_of_less_work_is_made_anew_at_the_next_login(installation: Installation) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with transaction(installation.gateway.engine) as connection:
        connection.execute(
            update(users).where(users.c.login == OFFICER).values(password_hash=weak.hash(PASSWORD))
        )
    log_in(installation.gateway, OFFICER, PASSWORD, "203.0.113.5")
    with reading(installation.gateway.engine) as connection:
        stored = connection.execute(
            select(users.c.password_hash).where(users.c.login == OFFICER)
        ).scalar_one()
    assert not LITTLE_WORK.check_needs_rehash(stored)
    assert log_in(installation.gateway, OFFICER, PASSWORD, "203.0.113.5").session.user.login == OFFICER


def test_a_hash_is_made_with_the_work_that_the_library_recommends() -> None:
    assert extract_parameters(HASHER.hash(PASSWORD)) == RFC_9106_LOW_MEMORY


def test_a_session_ends_after_half_an_hour_without_use(desk: Desk) -> None:
    for _ in range(3):
        desk.installation.clock.advance(minutes=29)
        assert may_see(desk)
    desk.installation.clock.advance(minutes=30)
    assert not may_see(desk)


def test_a_session_ends_after_twelve_hours_of_constant_use(desk: Desk) -> None:
    for _ in range(25):
        desk.installation.clock.advance(minutes=28)
        assert may_see(desk)
    desk.installation.clock.advance(minutes=21)
    assert not may_see(desk)


def test_logging_out_ends_the_session_and_not_only_the_cookie(desk: Desk) -> None:
    cookie = desk.browser.cookies["thuphi_console"]
    answer = desk.post("/console/logout")
    assert answer.headers["location"] == "/console/login"
    assert "thuphi_console" not in desk.browser.cookies
    desk.browser.cookies.set("thuphi_console", cookie, path="/console")
    assert not may_see(desk)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Desk) -> None:
    cookie = visitor.log_in().headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/console" in cookie
    assert "secure" not in cookie  # this installation is reached by http


def test_the_cookie_is_sent_by_https_only_where_the_site_is(installation: Installation) -> None:
    safe = make_installation(installation.gateway.engine, public_url="https://nop.example")
    with serve_console(safe) as url, browser_of(url) as browser:
        page = browser.get("/console/login")
        assert "; secure" in page.headers["set-cookie"].lower()


def test_who_is_logged_in_already_goes_on_at_once(desk: Desk) -> None:
    answer = desk.get("/console/login", next="/console/unmatched")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/unmatched")


def test_one_comes_back_to_the_page_one_wanted(visitor: Desk) -> None:
    page = "/console/payments?q=HS-1&state=paid"
    login_page = visitor.get("/console/payments", q="HS-1", state="paid")
    assert login_page.status_code == 303
    wanted = visitor.browser.get(login_page.headers["location"]).text
    assert f'name="next" value="{page.replace("&", "&amp;")}"' in wanted
    assert visitor.try_login(OFFICER, PASSWORD, page).headers["location"] == page


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/",
        "//evil.example/",
        "/console//evil.example",
        "/console/\\evil.example",
        "/pay/abc",
        "javascript:alert(1)",
        "/console/payments\r\nSet-Cookie: a=b",
        "/consolex",
        "",
    ],
)
def test_the_way_back_never_leads_elsewhere(wish: str) -> None:
    assert way_back(wish) == "/console/payments"


@pytest.mark.parametrize(
    "wish", ["/console", "/console/unmatched", "/console/payments/pr_1?show=money&lang=en"]
)
def test_the_way_back_leads_to_pages_of_the_console(wish: str) -> None:
    assert way_back(wish) == wish


def test_a_new_person_needs_sound_details(installation: Installation) -> None:
    details = {"login": "nguoi.moi", "name": "Người Mới", "role": "auditor", "password": "mười ký tự hơn"}
    for changed in (
        {"login": "Có Dấu"},
        {"login": "a"},
        {"name": "  "},
        {"role": "boss"},
        {"password": "chín chữ!"},
        {"password": "a" * 12},
        {"password": "nguoi.moi-2026"},
    ):
        with pytest.raises(Invalid) as refused:
            add_user(installation.gateway, **{**details, **changed})
        assert [problem.field for problem in refused.value.problems] == list(changed), changed


def test_a_new_person_may_log_in_and_is_added_once(installation: Installation) -> None:
    details = "nguoi.moi", "Người Mới", "auditor", "mười ký tự hơn"
    assert add_user(installation.gateway, *details).role is Role.AUDITOR
    assert log_in(installation.gateway, "nguoi.moi", "mười ký tự hơn", "203.0.113.5").token
    with pytest.raises(Conflict):
        add_user(installation.gateway, *details)
