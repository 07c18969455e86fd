"""A gateway for tests: real code on a real database, with a clock that is set and a bank that is the sandbox's.

    installation = make_installation(engine)
    view = installation.request_payment(dossier_code="HS-1")
    url = start_checkout(installation.gateway, installation.token(view), "vnpay", "203.0.113.9", "vi")
    returned = installation.bank.choose(url, "pay")        # the choice made on the bank's page
    installation.bank.notices                               # query strings of the IPNs it sent, for the test to bring

``make_test_gateway(engine)`` is the same without the handles.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from sqlalchemy import Engine, select

from payments.app import read_catalogue_files
from payments.core.fees.catalogue import Catalogue
from payments.core.references import Draw
from payments.demo.standing import COMMUNE, prepare_province
from payments.settings import CATALOGUE
from payments.store.database import transaction
from payments.store.secrets import SecretBox
from payments.store.tables import payment_requests, portals, webhook_endpoints
from payments.use_cases.gateway import Gateway, ProviderAccount, Terms
from payments.use_cases.publish_shipped import publish_shipped
from payments.use_cases.request_payment import request_payment
from payments.use_cases.views import PaymentRequestView
from payments.use_cases.wishes import FeeWish, Idempotency, ObligationLine, ObligationWish, Payer, Wish
from providers.protocol import Incoming, Reply, Request
from providers.sandbox import vnpay_messages as wire
from providers.sandbox.vnpay import RefundBehaviour, SandboxVnPay, Terminal, make_app
from providers.vnpay import VnPay
from receipts.seal import Sealer, make_self_signed

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""Ten in the morning in Vietnam, on a day when every schedule of the catalogue's present is in force."""

PORTAL = "portal"
OTHER_PORTAL = "other-portal"
ACCOUNT = "vnpay"
TERMINAL = "THUPHI01"
HASH_SECRET = "SANDBOXSECRETSANDBOXSECRET000001"
SECRET_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
BANK_URL = "http://127.0.0.1:9999"
PUBLIC_URL = "http://127.0.0.1:8000"
PROCEDURE = "2.000815"  # certified copies: 2.000 đ a page for the first two pages, 1.000 đ from the third
INPUTS: Mapping[str, object] = {"pages": 3, "copies": 1}
PAYER_ADDRESS = "203.0.113.9"

Answered = TypeVar("Answered")


class Clock:
    """The time, standing still until a test moves it."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> datetime:
        """Move forward by ``timedelta(**parts)`` and return the new moment."""
        self.moment += timedelta(**parts)
        return self.moment


def seeded_draw(seed: int = 1) -> Draw:
    """Random bytes that are the same in every run."""
    return random.Random(seed).randbytes


class Bank:
    """The look-alike VNPAY without a network. IPNs are collected, so that a test decides when they come."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        terminal: str = TERMINAL,
        secret: str = HASH_SECRET,
        refunds: RefundBehaviour = RefundBehaviour.ACCEPT,
    ) -> None:
        self.terminal = terminal
        self.secret = secret
        self.notices: list[str] = []
        self.requests: list[Request] = []
        terminals = (Terminal(terminal, secret, f"{PUBLIC_URL}/providers/{ACCOUNT}/callback"),)
        settings = SandboxVnPay(terminals=terminals, late_notice_seconds=0, refunds=refunds)
        self._app = make_app(settings, clock, self._collect)

    async def _collect(self, url: str) -> tuple[int, bytes]:
        self.notices.append(urlsplit(url).query)
        return 200, b'{"RspCode":"00","Message":"Confirm Success"}'

    def send(self, account_code: str, request: Request) -> Reply:
        """Answer a querydr or a refund; fits ``Gateway.send``."""
        self.requests.append(request)
        path = urlsplit(request.url).path
        response = _in_a_loop(
            self._exchange(request.method, path, content=request.body, headers=dict(request.headers))
        )
        return Reply(response.status_code, dict(response.headers), response.content)

    def choose(self, pay_url: str, choice: str = "pay") -> str:
        """Open the bank's page, press a button, and return the address the browser is sent back to."""
        parts = urlsplit(pay_url)
        page = _in_a_loop(self._exchange("GET", f"{parts.path}?{parts.query}"))
        token = page.text.partition('name="token" value="')[2].partition('"')[0]
        response = _in_a_loop(self._exchange("POST", parts.path, data={"token": token, "choice": choice}))
        return response.headers["location"]

    def notice(self, pay_url: str, **changed: str) -> str:
        """The query string of a signed IPN that says the order of ``pay_url`` is paid, with fields changed."""
        order = dict(parse_qsl(urlsplit(pay_url).query))
        fields = {
            "vnp_Amount": order["vnp_Amount"],
            "vnp_BankCode": "NCB",
            "vnp_BankTranNo": "VNP14100001",
            "vnp_CardType": "ATM",
            "vnp_OrderInfo": order["vnp_OrderInfo"],
            "vnp_PayDate": order["vnp_CreateDate"],
            "vnp_ResponseCode": "00",
            "vnp_TmnCode": self.terminal,
            "vnp_TransactionNo": "14100001",
            "vnp_TransactionStatus": "00",
            "vnp_TxnRef": order["vnp_TxnRef"],
        }
        return wire.signed_query({**fields, **changed}, self.secret)

    async def _exchange(self, method: str, path: str, **content: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=BANK_URL) as client:
            response = await client.request(method, path, **content)
        # The IPNs are tasks of this loop; they end here, so that the test finds them all.
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
        return response


def _in_a_loop(work: Coroutine[Any, Any, Answered]) -> Answered:
    """Run ``work`` to its end, also where this thread has an event loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@dataclass
class Mailbox:
    """Receives webhooks: keeps what was delivered and answers with the next status, 200 by default."""

    statuses: list[int] = field(default_factory=list)
    delivered: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Fits ``Gateway.deliver``."""
        self.delivered.append((url, headers, body))
        return self.statuses.pop(0) if self.statuses else 200


@dataclass(frozen=True)
class Installation:
    """A gateway with the handles by which a test moves its world."""

    gateway: Gateway
    clock: Clock
    bank: Bank
    mailbox: Mailbox

    def request_payment(
        self,
        *,
        dossier_code: str = "HS-2026-000001",
        procedure_code: str = PROCEDURE,
        inputs: Mapping[str, object] = INPUTS,
        portal_code: str = PORTAL,
        idempotency: Idempotency | None = None,
        **wishes: Any,
    ) -> PaymentRequestView:
        """Ask for the fee of a procedure; ``wishes`` are further fields of ``Wish`` or ``FeeWish``."""
        own = [name for name in ("payer", "return_url", "lifetime") if name in wishes]
        of_wish: dict[str, Any] = {name: wishes.pop(name) for name in own}
        what = FeeWish(procedure_code=procedure_code, inputs=inputs, **wishes)
        return self._request(portal_code, what, dossier_code, idempotency, of_wish)

    def request_obligation(
        self,
        amount_dong: int,
        *,
        number: str = "01/TB",
        dossier_code: str = "HS-2026-000002",
        portal_code: str = PORTAL,
        **of_wish: Any,
    ) -> PaymentRequestView:
        """Ask for one amount that an outside notice states: any amount, without a schedule."""
        line = ObligationLine(
            kind="fee",
            name_vi="Phí theo thông báo",
            name_en="Fee under a notice",
            amount_dong=amount_dong,
            sub_item="2716",
            legal_basis_vi="Thông báo số 01/TB",
            legal_basis_en="Notice 01/TB",
        )
        what = ObligationWish(
            agency_code=COMMUNE.code, number=number, issued_on=None, due_on=None, lines=(line,)
        )
        return self._request(portal_code, what, dossier_code, None, of_wish)

    def _request(
        self,
        portal_code: str,
        what: FeeWish | ObligationWish,
        dossier_code: str,
        idempotency: Idempotency | None,
        of_wish: Mapping[str, Any],
    ) -> PaymentRequestView:
        given = {"payer": Payer("Nguyễn Văn Ổn"), "return_url": "https://portal.example/hs", **of_wish}
        wish = Wish(dossier_code=dossier_code, what=what, **given)
        return request_payment(self.gateway, portal_code, wish, idempotency)

    def token(self, request: PaymentRequestView) -> str:
        """The unguessable part of the request's checkout address."""
        with self.gateway.engine.connect() as connection:
            query = select(payment_requests.c.token).where(payment_requests.c.id == request.id)
            token: str = connection.execute(query).scalar_one()
            return token


def ipn(query_string: str, headers: Mapping[str, str] | None = None) -> Incoming:
    """An IPN or a return as it arrives over HTTP."""
    return Incoming("GET", query_string, dict(headers or {}), b"")


def vnpay_account(
    code: str = ACCOUNT,
    *,
    terminal: str = TERMINAL,
    secret: str | Sequence[str] = HASH_SECRET,
    bank_url: str = BANK_URL,
    agencies: frozenset[str] = frozenset(),
) -> ProviderAccount:
    """An account at the look-alike VNPAY."""
    values = {
        "terminal_code": terminal,
        "hash_secret": secret,
        "pay_url": f"{bank_url}/paymentv2/vpcpay.html",
        "api_url": f"{bank_url}/merchant_webapi/api/transaction",
    }
    return ProviderAccount(code, VnPay.from_settings(values), agencies)


@cache
def catalogue_files(directory: Path = CATALOGUE) -> Mapping[str, str]:
    return read_catalogue_files(directory)


@cache
def catalogue(directory: Path = CATALOGUE) -> Catalogue:
    return Catalogue.from_files(catalogue_files(directory))


@cache
def sealer() -> Sealer:
    """A self-made seal, made once per run: making a key is slow."""
    return Sealer.from_pem(*make_self_signed("Thuphi tests", START - timedelta(days=1), 1))


def make_installation(
    engine: Engine,
    *,
    clock: Clock | None = None,
    accounts: Sequence[ProviderAccount] | None = None,
    send: Callable[[str, Request], Reply] | None = None,
    deliver: Callable[[str, Mapping[str, str], bytes], int] | None = None,
    terms: Terms | None = None,
    draw: Draw | None = None,
    public_url: str = PUBLIC_URL,
    refunds: RefundBehaviour = RefundBehaviour.ACCEPT,
) -> Installation:
    """A gateway on a migrated database, with the demonstration's province and two portals in it."""
    clock = clock or Clock()
    bank = Bank(clock, refunds=refunds)
    mailbox = Mailbox()
    own_accounts = accounts or (vnpay_account(),)
    gateway = Gateway(
        engine=engine,
        now=clock,
        draw=draw or seeded_draw(),
        accounts={account.code: account for account in own_accounts},
        send=send or bank.send,
        deliver=deliver or mailbox.deliver,
        sealer=sealer(),
        secrets=SecretBox([SECRET_KEY]),
        public_url=public_url,
        caller_address="127.0.0.1",
        terms=terms or Terms(),
    )
    publish_shipped(gateway, catalogue_files())
    prepare_province(gateway)
    _add_portals(gateway)
    return Installation(gateway, clock, bank, mailbox)


def make_test_gateway(engine: Engine, **parts: Any) -> Gateway:
    """The gateway of :func:`make_installation`, for tests that need no other handle."""
    return make_installation(engine, **parts).gateway


def _add_portals(gateway: Gateway) -> None:
    with transaction(gateway.engine) as connection:
        known = set(connection.execute(select(portals.c.code)).scalars())
        for code in (PORTAL, OTHER_PORTAL):
            if code not in known:
                connection.execute(portals.insert().values(code=code, name=f"Cổng {code}"))


def add_endpoint(
    gateway: Gateway,
    url: str = "https://portal.example/hooks",
    *,
    secrets: Sequence[str] = ("whsec_dGVzdHMtb25seS10ZXN0cy1vbmx5",),
    portal_code: str = PORTAL,
) -> str:
    """Let a portal listen at ``url``; returns the endpoint's id."""
    endpoint_id = f"we_{len(url)}_{abs(hash((portal_code, url))) % 10**8}"
    row = {
        "id": endpoint_id,
        "portal_code": portal_code,
        "url": url,
        "sealed_secrets": [gateway.secrets.seal(secret) for secret in secrets],
        "active": True,
        "created_at": gateway.now(),
    }
    with transaction(gateway.engine) as connection:
        connection.execute(webhook_endpoints.insert().values(row))
    return endpoint_id
