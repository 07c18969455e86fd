"""A site for tests of pages: real routes on a real database, served over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import Engine
from starlette.applications import Starlette

from payments.core.decide import Source
from payments.use_cases.gateway import ProviderAccount
from payments.use_cases.start_checkout import start_checkout
from payments.use_cases.take_notice import listen, take_notices
from payments.use_cases.views import PaymentRequestView
from payments.web import assets
from payments.web.checkout import routes as checkout
from payments.web.edge import exception_handlers
from payments.web.receipts import routes as receipts
from payments.web.security import Guard
from tests.gateway import ACCOUNT, PAYER_ADDRESS, Installation, ipn, make_installation, seeded_draw
from tests.servers.http import browser_of, serve


@dataclass(frozen=True)
class Site:
    """The citizens' pages of an installation, and a browser without cookies or scripts."""

    installation: Installation
    browser: httpx.Client

    def owe(self, **wishes: object) -> tuple[PaymentRequestView, str]:
        """A new payment request and the path of its page."""
        view = self.installation.request_payment(**wishes)  # type: ignore[arg-type]
        return view, f"/pay/{self.installation.token(view)}"

    def get(self, path: str) -> httpx.Response:
        return self.browser.get(path)

    def pay(self, path: str, choice: str = "pay") -> None:
        """Choose the bank, make ``choice`` on its page, and let its notices arrive."""
        token = path.removeprefix("/pay/")
        gateway = self.installation.gateway
        url = start_checkout(gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
        self.installation.bank.choose(url, choice)
        for query in self.installation.bank.notices:
            take_notices(gateway, [listen(gateway, ACCOUNT, Source.CALLBACK, ipn(query))])
        self.installation.bank.notices.clear()


@contextmanager
def citizen_site(engine: Engine, accounts: Sequence[ProviderAccount] | None = None) -> Iterator[Site]:
    """Serve the citizens' pages of a new installation on ``engine``."""
    installation = make_installation(engine, accounts=accounts)
    gateway = installation.gateway
    app = Starlette(
        routes=[*checkout.routes(gateway), *receipts.routes(gateway), *assets.routes()],
        exception_handlers=exception_handlers(),
    )
    with (
        serve(Guard(app, draw=seeded_draw(2), https=False)) as url,
        browser_of(url) as browser,
    ):
        yield Site(installation, browser)
