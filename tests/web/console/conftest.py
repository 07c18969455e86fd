"""A console on a real database: real routes over HTTP, and people of every role who may enter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from starlette.applications import Starlette

from payments.core.decide import Source
from payments.store.database import transaction
from payments.store.users import Role, User, insert_user
from payments.use_cases import log_in as entrance
from payments.use_cases.start_checkout import start_checkout
from payments.use_cases.take_notice import listen, take_notices
from payments.use_cases.views import PaymentRequestView
from payments.web import assets
from payments.web.console.routes import routes
from payments.web.edge import exception_handlers
from payments.web.security import Guard
from tests.gateway import ACCOUNT, PAYER_ADDRESS, Installation, ipn, make_installation, seeded_draw
from tests.servers.http import browser_of, serve

PASSWORD = "đúng mật khẩu 7"
LOGINS: Mapping[Role, str] = {
    Role.FINANCE_OFFICER: "lan.nguyen",
    Role.AUDITOR: "kiem.toan",
    Role.ADMINISTRATOR: "quan.tri",
}
NAMES: Mapping[Role, str] = {
    Role.FINANCE_OFFICER: "Nguyễn Thị Lan",
    Role.AUDITOR: "Trần Kiểm",
    Role.ADMINISTRATOR: "Lê Quản",
}
LITTLE_WORK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Desk:
    """The console of an installation, and a browser that may have entered it."""

    installation: Installation
    url: str
    browser: httpx.Client

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return self.browser.get(path, params=parameters or None)

    def csrf_token(self, path: str) -> str:
        """The token that stands in the forms of the page at ``path``."""
        found = CSRF.search(self.get(path).text)
        assert found is not None
        return found[1]

    def log_in(self, role: Role = Role.FINANCE_OFFICER, password: str = PASSWORD) -> httpx.Response:
        """Send the login form as a person would."""
        return self.try_login(LOGINS[role], password)

    def try_login(self, login: str, password: str, next_page: str = "") -> httpx.Response:
        form = {
            "csrf_token": self.csrf_token("/console/login"),
            "login": login,
            "password": password,
            "next": next_page,
        }
        return self.browser.post("/console/login", data=form)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the console with its token."""
        return self.browser.post(path, data={"csrf_token": self.csrf_token("/console/payments"), **fields})

    def owe(self, **wishes: object) -> PaymentRequestView:
        return self.installation.request_payment(**wishes)  # type: ignore[arg-type]

    def start(self, view: PaymentRequestView) -> str:
        """Send the payer to the bank; the address of the bank's page."""
        token = self.installation.token(view)
        return start_checkout(self.installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")

    def hear(self, query_string: str) -> None:
        """Let an IPN arrive."""
        gateway = self.installation.gateway
        take_notices(gateway, [listen(gateway, ACCOUNT, Source.CALLBACK, ipn(query_string))])

    def pay(self, view: PaymentRequestView, **changed: str) -> None:
        """Pay at the bank and let its notice arrive, with fields changed."""
        self.hear(self.installation.bank.notice(self.start(view), **changed))


@contextmanager
def serve_console(installation: Installation) -> Iterator[str]:
    """The console of ``installation`` behind the same guard as in production; yields its address."""
    app = Starlette(
        routes=[*routes(installation.gateway), *assets.routes()], exception_handlers=exception_handlers()
    )
    with serve(Guard(app, draw=seeded_draw(2), https=False)) as url:
        yield url


@pytest.fixture(autouse=True)
def little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A login is slow by design, and most of these tests begin with one: here it is quick."""
    monkeypatch.setattr(entrance, "HASHER", LITTLE_WORK)


@cache
def password_hash() -> str:
    """The hash of everybody's password, made once."""
    return LITTLE_WORK.hash(PASSWORD)


@pytest.fixture
def installation(engine: Engine) -> Installation:
    """An installation with a person of every role."""
    made = make_installation(engine)
    with transaction(engine) as connection:
        for role, login in LOGINS.items():
            user = User(login, NAMES[role], role, active=True)
            insert_user(connection, user, password_hash(), made.clock())
    return made


@pytest.fixture
def visitor(installation: Installation) -> Iterator[Desk]:
    """A browser that has not logged in."""
    with serve_console(installation) as url, browser_of(url) as browser:
        yield Desk(installation, url, browser)


@pytest.fixture
def desk(visitor: Desk) -> Desk:
    """A finance officer's browser."""
    assert visitor.log_in().status_code == 303
    return visitor
