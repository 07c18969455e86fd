"""What a working gateway writes into its log: every request, all money, every door that stayed shut; never who."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog

from payments.app import make_web
from payments.core.references import api_key
from payments.logs import configure_logs
from payments.store import portals
from payments.store.database import transaction
from payments.use_cases.log_in import MOST_FAILURES, LoginRefused, add_user, log_in
from payments.use_cases.views import PaymentRequestView
from payments.use_cases.wishes import Payer
from payments.worker import Worker, make_handlers
from tests.gateway import PORTAL, Installation
from tests.servers.http import browser_of, serve
from tests.use_cases.money import open_bank_page

CALLBACK = "/providers/vnpay/callback"
PERSON = "Trần Thị Ánh Nguyệt"
MY_OWN = "portal-log-0001"

# The log does not depend on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Log:
    """The lines written so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def lines(self, event: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in found if line["event"] == event]

    def only(self, event: str) -> dict[str, Any]:
        (line,) = self.lines(event)
        return {name: value for name, value in line.items() if name not in ("event", "timestamp")}


@pytest.fixture
def log() -> Iterator[Log]:
    written = Log()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(written.stream)
    yield written
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def browser(installation: Installation, log: Log) -> Iterator[httpx.Client]:
    with serve(make_web(installation.gateway)) as url, browser_of(url) as client:
        yield client


@pytest.fixture
def request_made(installation: Installation) -> PaymentRequestView:
    return installation.request_payment(payer=Payer(PERSON, "0101234567", "12 Lê Lợi, Huế"))


def test_every_request_is_a_line_with_its_id_route_status_and_time(
    browser: httpx.Client, installation: Installation, request_made: PaymentRequestView, log: Log
) -> None:
    answer = browser.get(f"/pay/{installation.token(request_made)}")
    line = log.only("request answered")
    spent = line.pop("milliseconds")
    assert 0 < spent < 60_000
    assert line == {
        "level": "info",
        "request_id": answer.headers["X-Request-Id"],
        "method": "GET",
        "route": "/pay/{token}",
        "status": 200,
    }
    browser.get("/nowhere-at-all", headers={"X-Request-Id": MY_OWN})
    last = log.lines("request answered")[-1]
    assert (last["request_id"], last["route"], last["status"]) == (MY_OWN, "other", 404)


def test_settled_money_is_a_line_with_the_ids_of_payment_request_and_callback(
    browser: httpx.Client, installation: Installation, request_made: PaymentRequestView, log: Log
) -> None:
    query = installation.bank.notice(open_bank_page(installation, request_made))
    answers = [browser.get(f"{CALLBACK}?{query}") for _ in range(2)]
    line = log.only("payment settled")
    assert line == {
        "level": "info",
        "payment": line["payment"],
        "payment_request": request_made.id,
        "account": "vnpay",
        "source": "callback",
        "decision": "settled",
        "request_id": answers[0].headers["X-Request-Id"],
    }
    assert line["payment"].startswith("pm_")
    assert [each["route"] for each in log.lines("request answered")] == ["/providers/{account}/callback"] * 2


def test_held_money_and_forged_messages_are_lines_of_their_own(
    browser: httpx.Client, installation: Installation, request_made: PaymentRequestView, log: Log
) -> None:
    page = open_bank_page(installation, request_made)
    browser.get(f"{CALLBACK}?{installation.bank.notice(page, vnp_Amount='100')}")
    held = log.only("payment held")
    assert (held["payment_request"], held["decision"]) == (request_made.id, "held_wrong_amount")
    assert held["payment"].startswith("pm_")
    forged = browser.get(f"{CALLBACK}?{installation.bank.notice(page)}0")
    refused = log.only("notice refused")
    assert (refused["level"], refused["fault"], refused["account"]) == ("warning", "bad_signature", "vnpay")
    assert refused["request_id"] == forged.headers["X-Request-Id"]
    assert log.lines("payment settled") == []


def test_money_that_was_asked_for_is_a_line_under_the_name_of_the_job(
    installation: Installation, request_made: PaymentRequestView, log: Log
) -> None:
    installation.bank.choose(open_bank_page(installation, request_made), "silent")
    installation.clock.advance(minutes=10)
    Worker(installation.gateway, make_handlers(lambda *_: b"")).run_once()
    line = log.only("payment settled")
    assert (line["source"], line["job"], line["payment_request"]) == (
        "query",
        "ask_provider",
        request_made.id,
    )
    assert "request_id" not in line


def test_a_refused_key_is_a_warning_with_the_id_of_the_call(browser: httpx.Client, log: Log) -> None:
    answer = browser.get("/v1/procedures", headers={"Authorization": "Bearer thuphi_WRONGWRONGWRONG"})
    line = log.only("api key refused")
    assert line == {"level": "warning", "request_id": answer.headers["X-Request-Id"]}
    assert log.only("request answered")["status"] == 401


def test_failed_logins_are_warnings_that_lead_to_the_audit_log_and_name_nobody(
    installation: Installation, log: Log
) -> None:
    add_user(installation.gateway, "lan.nguyen", PERSON, "auditor", "mười ký tự hơn")
    for _ in range(MOST_FAILURES + 1):
        with pytest.raises(LoginRefused):
            log_in(installation.gateway, "lan.nguyen", "sai", "203.0.113.5")
    named = {(line["level"], line["audited_as"]) for line in log.lines("login failed")}
    assert named == {("warning", log.only("login throttled")["audited_as"])}
    assert len(log.lines("login failed")) == MOST_FAILURES
    for private in ("lan.nguyen", "203.0.113.5", PERSON):
        assert private not in log.stream.getvalue()


def test_no_line_says_who_paid_or_holds_what_opens_a_door(
    browser: httpx.Client, installation: Installation, request_made: PaymentRequestView, log: Log
) -> None:
    key = api_key(installation.gateway.draw)
    with transaction(installation.gateway.engine) as connection:
        portals.add_key(connection, PORTAL, key, installation.clock())
    token, page = installation.token(request_made), open_bank_page(installation, request_made)
    query = installation.bank.notice(page)
    browser.get(f"/pay/{token}")
    browser.get(f"{CALLBACK}?{query}")
    browser.get(f"/providers/vnpay/return?{query}")
    browser.get(f"/v1/payment-requests/{request_made.id}", headers={"Authorization": f"Bearer {key}"})
    browser.get("/v1/procedures", headers={"Authorization": f"Bearer {key}", "X-Request-Id": key})
    signature = query.partition("vnp_SecureHash=")[2]
    assert len(log.lines("request answered")) == 5
    for private in (PERSON, "Nguyệt", "0101234567", "Lê Lợi", token, key, signature, "203.0.113.9"):
        assert private not in log.stream.getvalue()
