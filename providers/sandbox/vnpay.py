"""A look-alike VNPAY server: pay page, bank page with choices, IPN, querydr and refund.

Run it with any ASGI server: ``make_app(SandboxVnPay(terminals=(Terminal(...),)))``. It moves no money.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from providers.sandbox import vnpay_bank as bank
from providers.sandbox import vnpay_messages as messages
from providers.sandbox.vnpay_calls import MOST_CALLS, Send, call, get
from providers.sandbox.vnpay_memory import Memory
from providers.sandbox.vnpay_pages import bank_page, ended_page, error_page

PAY_PATH = "/paymentv2/vpcpay.html"
API_PATH = "/merchant_webapi/api/transaction"


class RefundBehaviour(StrEnum):
    """How refunds are answered."""

    ACCEPT = "accept"
    REPEATED = "repeated"  # always 94
    OTHER_ERROR = "other_error"  # always 99, as VNPAY's own sandbox does
    SLOW = "slow"  # taken in at once and answered late, so that the caller may have hung up
    DECLINED = "declined"  # taken in, and refused by the bank when it has been processed


@dataclass(frozen=True, slots=True)
class Terminal:
    """A merchant's terminal: its code, its secret, and where its IPNs go."""

    code: str
    secret: str = field(repr=False)
    ipn_url: str
    merchant: str = "Đơn vị thử nghiệm"


@dataclass(frozen=True, slots=True)
class SandboxVnPay:
    """Settings of the look-alike.

    Raises ValueError when an IPN address is not on this machine, unless ``loopback_only`` is False.
    ``file`` is a SQLite file that keeps the transactions over a restart. VNPAY itself calls again every
    300 seconds.
    """

    terminals: tuple[Terminal, ...]
    file: Path | None = None
    page_delay_seconds: float = 0.0
    late_notice_seconds: float = 8.0
    retry_interval_seconds: float = 300.0
    most_calls: int = MOST_CALLS
    refunds: RefundBehaviour = RefundBehaviour.ACCEPT
    slow_refund_seconds: float = 20.0
    loopback_only: bool = True

    def __post_init__(self) -> None:
        for terminal in self.terminals:
            if self.loopback_only and not _is_loopback(urlsplit(terminal.ipn_url).hostname or ""):
                raise ValueError(f"the IPN address of terminal {terminal.code} is not on this machine")

    def terminal(self, code: str) -> Terminal | None:
        """The terminal with that code."""
        return next((terminal for terminal in self.terminals if terminal.code == code), None)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def make_app(
    settings: SandboxVnPay, clock: Callable[[], datetime] = lambda: datetime.now(UTC), send: Send = get
) -> Starlette:
    """The look-alike as an ASGI application; ``send`` carries the IPN calls."""
    server = Server(settings, clock, send)
    routes = [
        Route(PAY_PATH, server.open_page, methods=["GET"]),
        Route(PAY_PATH, server.choose, methods=["POST"]),
        Route(API_PATH, server.transact, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=server.lifespan)


class Server:
    """The endpoints. What they decide is in ``vnpay_bank``; here it is remembered, sent and answered."""

    def __init__(self, settings: SandboxVnPay, clock: Callable[[], datetime], send: Send) -> None:
        self.settings = settings
        self.clock = clock
        self.send = send
        self.memory = Memory(settings.file)
        self.calls: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Drop the calls that are still to be made when the server stops."""
        yield
        for task in self.calls:
            task.cancel()
        await asyncio.gather(*self.calls, return_exceptions=True)
        self.memory.close()

    async def open_page(self, request: Request) -> Response:
        """The pay address: the bank's page, or an error page with VNPAY's code."""
        await asyncio.sleep(self.settings.page_delay_seconds)
        try:
            fields = messages.read_query(request.url.query)
        except ValueError:
            return error_page("03", "vn")
        locale = fields.get("vnp_Locale", "vn")
        terminal = self.settings.terminal(fields.get("vnp_TmnCode", ""))
        if terminal is None or not messages.query_holds(fields, terminal.secret):
            return error_page("70", locale)
        if not _is_whole(fields):
            return error_page("03", locale)
        return self._page_of(terminal, self._opened(fields))

    def _opened(self, fields: Mapping[str, str]) -> bank.Transaction:
        key = (fields["vnp_TmnCode"], fields["vnp_TxnRef"], fields["vnp_CreateDate"])
        return self.memory.find(*key) or bank.Transaction(
            *key,
            expire_date=fields["vnp_ExpireDate"],
            amount=int(fields["vnp_Amount"]),
            order_info=fields["vnp_OrderInfo"],
            return_url=fields["vnp_ReturnUrl"],
            locale=fields["vnp_Locale"],
            token=secrets.token_urlsafe(16),
        )

    def _page_of(self, terminal: Terminal, transaction: bank.Transaction) -> Response:
        if transaction.response not in bank.OPEN_RESPONSES:
            return ended_page(transaction, _way_back(transaction, terminal))
        if bank.is_expired(transaction, self._now()):
            return error_page("11", transaction.locale)
        self.memory.keep(transaction)
        return bank_page(transaction, terminal.merchant, self.settings.late_notice_seconds)

    async def choose(self, request: Request) -> Response:
        """A button of the bank's page: the IPNs go out, the browser goes back to the merchant."""
        form = await request.form()
        transaction = self.memory.by_token(str(form.get("token", "")))
        choice = bank.CHOICES.get(str(form.get("choice", "")))
        terminal = self.settings.terminal(transaction.terminal) if transaction else None
        if transaction is None or choice is None or terminal is None:
            return error_page("03", "vn")
        if transaction.response in bank.OPEN_RESPONSES:
            transaction = self._settled(transaction, choice, terminal)
        return RedirectResponse(_way_back(transaction, terminal), 303)

    def _settled(
        self, transaction: bank.Transaction, choice: bank.Choice, terminal: Terminal
    ) -> bank.Transaction:
        now = self._now()
        made = bank.EXPIRED if bank.is_expired(transaction, now) else choice
        settled = bank.chosen(transaction, made, now, self.memory.next_number())
        self.memory.keep(settled)
        for kind in made.notices:
            self._announce(self._notify(kind, settled, terminal))
        return settled

    async def _notify(self, kind: str, transaction: bank.Transaction, terminal: Terminal) -> None:
        if kind == "forged":
            # Who forges a notice does not try again.
            await call(_with_query(terminal.ipn_url, bank.forged_query(transaction)), self.send, 0, 1)
            return
        if kind == "late":
            await asyncio.sleep(self.settings.late_notice_seconds)
        url = _with_query(terminal.ipn_url, _query(transaction, terminal))
        await call(url, self.send, self.settings.retry_interval_seconds, self.settings.most_calls)

    def _announce(self, notice: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(notice)
        self.calls.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self.calls.discard)

    async def transact(self, request: Request) -> Response:
        """querydr and refund. What cannot be tied to a terminal is answered without a hash."""
        try:
            asked = messages.read_request(await request.body())
        except (ValueError, RecursionError):
            return _unsigned("03")
        terminal = self.settings.terminal(asked.get("vnp_TmnCode", ""))
        if terminal is None:
            return _unsigned("02")
        if asked.get("vnp_Command") not in messages.REQUEST_ORDERS:
            return _unsigned("03")
        answer = await self._answer(asked, terminal)
        return JSONResponse(messages.signed_answer(_addressed(asked, answer), terminal.secret))

    async def _answer(self, asked: Mapping[str, str], terminal: Terminal) -> dict[str, str]:
        if not messages.request_holds(asked, terminal.secret):
            return {"vnp_ResponseCode": "97"}
        if not all(asked.get(name) for name in ("vnp_RequestId", "vnp_TxnRef", "vnp_TransactionDate")):
            return {"vnp_ResponseCode": "03"}
        if not self.memory.is_new_request(terminal.code, self._now()[:8], asked["vnp_RequestId"]):
            return {"vnp_ResponseCode": "94"}
        known = self.memory.find(terminal.code, asked["vnp_TxnRef"], asked["vnp_TransactionDate"])
        if asked["vnp_Command"] == "querydr":
            return bank.query_answer(known, self._now())
        return await self._refund(known, asked)

    async def _refund(self, known: bank.Transaction | None, asked: Mapping[str, str]) -> dict[str, str]:
        refusals = {RefundBehaviour.REPEATED: "94", RefundBehaviour.OTHER_ERROR: "99"}
        code = refusals.get(self.settings.refunds) or bank.refund_code(known, asked)
        if known is None or code != "00":
            return {"vnp_ResponseCode": code}
        ends_at = messages.wire_time(self.clock() + timedelta(seconds=bank.REFUND_SECONDS))
        declined = self.settings.refunds is RefundBehaviour.DECLINED
        given_back = bank.refunded(known, asked, self.memory.next_number(), ends_at, declined)
        self.memory.keep(given_back)
        if self.settings.refunds is RefundBehaviour.SLOW:
            await asyncio.sleep(self.settings.slow_refund_seconds)
        return bank.refund_answer(given_back, self._now())

    def _now(self) -> str:
        return messages.wire_time(self.clock())


# Lengths of the required fields of a pay address.
REQUIRED_DIGITS = {
    "vnp_Amount": range(1, 13),
    "vnp_CreateDate": range(14, 15),
    "vnp_ExpireDate": range(14, 15),
}
REQUIRED_TEXTS = {
    "vnp_Version": range(1, 9),
    "vnp_Command": range(1, 17),
    "vnp_CurrCode": range(3, 4),
    "vnp_TxnRef": range(1, 101),
    "vnp_OrderInfo": range(1, 256),
    "vnp_OrderType": range(1, 101),
    "vnp_Locale": range(2, 6),
    "vnp_ReturnUrl": range(10, 256),
    "vnp_IpAddr": range(7, 46),
}


def _is_whole(fields: Mapping[str, str]) -> bool:
    """Whether every required field of a pay address is there in its length."""
    for name, lengths in REQUIRED_DIGITS.items():
        value = fields.get(name, "")
        if len(value) not in lengths or not (value.isascii() and value.isdigit()):
            return False
    texts_hold = all(len(fields.get(name, "")) in lengths for name, lengths in REQUIRED_TEXTS.items())
    return texts_hold and fields["vnp_Command"] == "pay" and fields["vnp_CurrCode"] == "VND"


def _query(transaction: bank.Transaction, terminal: Terminal) -> str:
    return messages.signed_query(bank.notice_fields(transaction), terminal.secret)


def _way_back(transaction: bank.Transaction, terminal: Terminal) -> str:
    """The merchant's page, told how the transaction ended."""
    return _with_query(transaction.return_url, _query(transaction, terminal))


def _with_query(address: str, query: str) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{query}"


def _addressed(asked: Mapping[str, str], answer: Mapping[str, str]) -> dict[str, str]:
    return {
        "vnp_ResponseId": secrets.token_hex(16),
        "vnp_Command": asked["vnp_Command"],
        "vnp_Message": bank.MESSAGES[answer["vnp_ResponseCode"]],
        "vnp_TmnCode": asked["vnp_TmnCode"],
        "vnp_TxnRef": asked.get("vnp_TxnRef", ""),
        **answer,
    }


def _unsigned(code: str) -> Response:
    return JSONResponse({"vnp_ResponseCode": code, "vnp_Message": bank.MESSAGES[code]})
