"""A look-alike VNPAY with a browser, a merchant and a clock, for the tests beside this file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from providers import (
    Acknowledgement,
    Ask,
    BadSignature,
    Notice,
    Order,
    Question,
    RefundOrder,
    RefundOutcome,
    RefundQuestion,
    Reply,
    Step,
    VnPay,
)
from providers.sandbox.vnpay import SandboxVnPay, Terminal, make_app
from tests.providers.samples import CREATED_AT, SECRET, TERMINAL, get, vnpay

BANK = "http://127.0.0.1:8081"
IPN = "http://127.0.0.1:8080/ipn"


@dataclass
class Merchant:
    """The merchant's side: hears IPNs by the module and acknowledges them."""

    provider: VnPay
    answers: list[Acknowledgement] = field(default_factory=list)
    heard: list[Notice | str] = field(default_factory=list)

    async def take(self, url: str) -> tuple[int, bytes]:
        try:
            self.heard.append(self.provider.hear(get(url.partition("?")[2])))
            said = self.answers.pop(0) if self.answers else Acknowledgement.RECORDED
        except BadSignature:
            self.heard.append("forged")
            said = Acknowledgement.BAD_SIGNATURE
        answer = self.provider.reply(said)
        return answer.status, answer.body

    def verdicts(self) -> list[str]:
        return [heard if isinstance(heard, str) else str(heard.verdict) for heard in self.heard]


@dataclass
class Clock:
    now: datetime = CREATED_AT

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Bank:
    """A browser and a server connection to one look-alike."""

    client: httpx.AsyncClient
    merchant: Merchant
    clock: Clock

    async def open(self, wanted: Order) -> httpx.Response:
        return await self.client.get(self.merchant.provider.start(wanted).url)

    async def choose(self, choice: str, wanted: Order) -> httpx.Response:
        page = await self.open(wanted)
        found = re.search('name="token" value="([^"]+)"', page.text)
        assert found, page.text
        return await self.press(choice, found[1])

    async def press(self, choice: str, token: str) -> httpx.Response:
        pressed = await self.client.post("/paymentv2/vpcpay.html", data={"token": token, "choice": choice})
        await self.settle()
        return pressed

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def perform(self, step: Step[Any]) -> Any:
        while isinstance(step, Ask):
            sent = step.request
            answer = await self.client.request(
                sent.method, sent.url, headers=dict(sent.headers), content=sent.body
            )
            step = step.read(Reply(answer.status_code, dict(answer.headers), answer.content))
        return step

    async def query(self, wanted: Order, request_id: str = "Q1") -> Notice:
        asked = Question(wanted, request_id, self.clock(), "127.0.0.1")
        notice: Notice = await self.perform(self.merchant.provider.query(asked))
        return notice

    async def refund(self, wanted: Order, amount_dong: int, reference: str = "R1") -> RefundOutcome:
        asked = RefundOrder(wanted, reference, amount_dong, "ketoan01", "Hoàn", self.clock(), "127.0.0.1")
        outcome: RefundOutcome = await self.perform(self.merchant.provider.refund(asked))
        return outcome

    async def query_refund(self, wanted: Order, amount_dong: int, request_id: str) -> RefundOutcome:
        sent = RefundOrder(wanted, "R1", amount_dong, "ketoan01", "Hoàn", self.clock(), "127.0.0.1")
        asked = RefundQuestion(sent, request_id, self.clock(), "127.0.0.1")
        outcome: RefundOutcome = await self.perform(self.merchant.provider.query_refund(asked))
        return outcome


def terminal(code: str = TERMINAL, ipn_url: str = IPN) -> Terminal:
    return Terminal(code, SECRET, ipn_url, merchant="Sở Tư pháp <thử>")


@asynccontextmanager
async def running(answers: list[Acknowledgement] | None = None, **settings: Any) -> AsyncIterator[Bank]:
    merchant = Merchant(
        vnpay(pay_url=f"{BANK}/paymentv2/vpcpay.html", api_url=f"{BANK}/merchant_webapi/api/transaction"),
        answers or [],
    )
    clock = Clock()
    usual: dict[str, Any] = {"retry_interval_seconds": 0, "late_notice_seconds": 0.02}
    app = make_app(SandboxVnPay((terminal(),), **{**usual, **settings}), clock, merchant.take)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BANK) as client:
            yield Bank(client, merchant, clock)


def play(story: Callable[[Bank], Awaitable[None]], **settings: Any) -> None:
    async def told() -> None:
        async with running(**settings) as bank:
            await story(bank)

    asyncio.run(told())


def code_of(page: httpx.Response) -> str:
    found = re.search(r"Mã lỗi: (\d\d)", page.text)
    return found[1] if found else ""
