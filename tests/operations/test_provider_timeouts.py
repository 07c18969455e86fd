"""A provider that takes an order in and does not answer: unknown, then asked about, never charged twice."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, fields

import pytest
from sqlalchemy import Engine

from payments.core.lifecycle import RequestState
from payments.core.refusals import Unavailable
from payments.transport import NoAnswer, Transport
from payments.use_cases.ask_provider import ask_provider
from payments.use_cases.gateway import ProviderAccount
from payments.use_cases.start_checkout import look_up_checkout, start_checkout
from payments.use_cases.views import Standing
from providers.protocol import Ask, Order, Redirect, Reply, Request
from providers.vnpay import VnPay
from tests.gateway import ACCOUNT, PAYER_ADDRESS, Installation, make_installation, vnpay_account
from tests.operations.test_transport import listening, silent
from tests.use_cases.money import rows, shown

CREATE = "https://bank.example/create"


@dataclass(frozen=True, slots=True)
class Asking(VnPay):
    """VNPAY as if it had to be told of an order before its page may be opened."""

    def start(self, order: Order) -> Ask[Redirect]:  # type: ignore[override]
        url = VnPay.start(self, order).url
        body = json.dumps({"reference": order.reference, "url": url}).encode()
        request = Request("POST", CREATE, {}, body, timeout_seconds=0.2)
        return Ask(request, lambda reply: Redirect(reply.body.decode()))


class Network:
    """Creates orders at a server that takes them in and is silent, until it is told to answer."""

    def __init__(self, silent_url: str) -> None:
        self.transport = Transport()
        self.silent_url = silent_url
        self.answers = False
        self.created: list[str] = []
        self.installation: Installation | None = None

    def send(self, account_code: str, request: Request) -> Reply:
        if request.url != CREATE:
            if self.installation is None:
                raise NoAnswer("the bank is not there yet")
            return self.installation.bank.send(account_code, request)
        asked = json.loads(request.body)
        self.created.append(asked["reference"])
        if self.answers:
            return Reply(200, {}, asked["url"].encode())
        unanswered = Request("POST", self.silent_url, {}, request.body, request.timeout_seconds)
        return self.transport.send(account_code, unanswered)


def asking_account() -> ProviderAccount:
    usual = vnpay_account().provider
    if not isinstance(usual, VnPay):
        raise TypeError("the usual account is VNPAY's")
    values = {field.name: getattr(usual, field.name) for field in fields(usual)}
    return ProviderAccount(ACCOUNT, Asking(**values), frozenset())


def test_T13_a_timeout_while_creating_is_unknown_then_asked_about_and_never_a_second_charge(
    engine: Engine,
) -> None:
    with listening(silent) as (url, connections):
        network = Network(url)
        installation = make_installation(engine, accounts=[asking_account()], send=network.send)
        network.installation = installation
        request = installation.request_payment()
        token = installation.token(request)
        with pytest.raises(Unavailable, match="not answering"):
            start_checkout(installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
        time.sleep(0.5)
        assert len(connections) == 1, "the transport did not try twice"

    view = look_up_checkout(installation.gateway, token)
    assert view.standing is Standing.ASKING, "unknown is not failed"
    (attempt,) = view.attempts

    # The payer tries again: it is the same order to the provider, so it cannot charge twice.
    network.answers = True
    pay_url = start_checkout(installation.gateway, token, ACCOUNT, PAYER_ADDRESS, "vi")
    assert network.created == [attempt.reference, attempt.reference]

    installation.bank.choose(pay_url, "silent")
    ask_provider(installation.gateway, attempt.reference)
    paid = shown(installation, request)
    assert paid.state is RequestState.PAID
    assert len(paid.payments) == len(paid.receipts) == 1
    assert ask_provider(installation.gateway, attempt.reference) is None
    assert len(rows(engine, "payments")) == 1
    network.transport.close()


def test_T13_an_order_that_never_reached_the_provider_ends_without_money(engine: Engine) -> None:
    with listening(silent) as (url, _):
        network = Network(url)
        installation = make_installation(engine, accounts=[asking_account()], send=network.send)
        network.installation = installation
        request = installation.request_payment()
        with pytest.raises(Unavailable):
            start_checkout(installation.gateway, installation.token(request), ACCOUNT, PAYER_ADDRESS, "vi")
        network.transport.close()
    (attempt,) = look_up_checkout(installation.gateway, installation.token(request)).attempts
    assert ask_provider(installation.gateway, attempt.reference) is not None, "it may still come"
    installation.clock.advance(hours=1)
    ask_provider(installation.gateway, attempt.reference)
    view = look_up_checkout(installation.gateway, installation.token(request))
    assert view.standing is Standing.PAYABLE
    assert view.request.payments == ()
