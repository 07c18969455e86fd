"""What every answer carries, to programs and to people."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from payments.app import make_web
from payments.core.fees.refusals import FeeRefusal
from payments.core.refusals import Conflict, Invalid, NotFound, Problem, Refusal, Unavailable
from payments.web.edge import exception_handlers
from payments.web.security import HEADERS, MOST_UPLOAD_BYTES, Guard, most_body_bytes
from tests.gateway import Installation, seeded_draw
from tests.web.portal.conftest import Caller

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SAID = ("Nói bằng tiếng Việt.", "Said in English.")
PROBLEM = Problem("field", "Sai.", "Wrong.")


def raising(error: Exception) -> Starlette:
    async def endpoint(_request: Request) -> Response:
        raise error

    return guarded(endpoint)


def guarded(endpoint: Any) -> Starlette:
    return Starlette(
        routes=[
            Route("/v1/x", endpoint, methods=["GET", "POST"]),
            Route("/page", endpoint),
            Route("/pay/x", endpoint),
        ],
        middleware=[Middleware(Guard, draw=seeded_draw(), https=False)],
        exception_handlers=exception_handlers(),
    )


def get(runner: asyncio.Runner, app: Starlette, path: str, **headers: str) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as client:
            return await client.get(path, headers=headers)

    return runner.run(call())


async def fine(_request: Request) -> Response:
    return PlainTextResponse("fine")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid("c", *SAID, (PROBLEM,)), 422),
        (FeeRefusal("out_of_scope", *SAID, (PROBLEM,)), 422),
        (NotFound("c", *SAID), 404),
        (Conflict("c", *SAID), 409),
        (Unavailable("c", *SAID), 503),
        (Refusal("c", *SAID), 400),
        (HTTPException(418), 418),
        (ValueError("inside"), 500),
    ],
)
def test_each_kind_of_refusal_has_its_status_for_programs_and_people(
    runner: asyncio.Runner, error: Exception, status: int
) -> None:
    app = raising(error)
    for_programs = get(runner, app, "/v1/x")
    for_people = get(runner, app, "/page", **PERSON)
    assert for_programs.status_code == for_people.status_code == status
    assert for_programs.headers["content-type"] == "application/problem+json"
    assert for_people.headers["content-type"] == "text/html; charset=utf-8"
    assert for_programs.json()["status"] == status
    assert for_programs.json()["type"].startswith("/docs#error-")


def test_a_person_reads_the_refusal_in_the_chosen_language(runner: asyncio.Runner) -> None:
    app = raising(Invalid("c", *SAID, (PROBLEM,)))
    vietnamese, english = get(runner, app, "/page").text, get(runner, app, "/page?lang=en").text
    assert SAID[0] in vietnamese
    assert SAID[1] not in vietnamese
    assert SAID[1] in english
    assert "Wrong." in english


def test_a_fee_refusal_names_the_text_it_rests_on(runner: asyncio.Runner) -> None:
    refusal = FeeRefusal("no_rate_in_force", *SAID, schedule="tt-226-2016", article="Article 4")
    assert "(tt-226-2016, Article 4)" in get(runner, raising(refusal), "/v1/x").json()["detail"]


def test_html_in_a_refusal_is_shown_as_letters(runner: asyncio.Runner) -> None:
    page = get(runner, raising(NotFound("c", "<b>x</b>", "<b>x</b>")), "/page").text
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_program_may_ask_for_json_anywhere(runner: asyncio.Runner) -> None:
    answer = get(runner, raising(NotFound("c", *SAID)), "/page", Accept="application/json")
    assert answer.json()["code"] == "c"


def test_every_answer_carries_the_strict_headers(runner: asyncio.Runner) -> None:
    for app in (guarded(fine), raising(ValueError("inside")), raising(NotFound("c", *SAID))):
        answer = get(runner, app, "/page")
        assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert "Strict-Transport-Security" not in answer.headers


def test_a_checkout_form_may_lead_to_the_bank(runner: asyncio.Runner) -> None:
    policy = get(runner, guarded(fine), "/pay/x").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "form-action" not in policy


def test_an_installation_behind_https_says_so_to_browsers(
    embedded: Installation, runner: asyncio.Runner
) -> None:
    secure = make_web(replace(embedded.gateway, public_url="https://pay.example"))
    plain = make_web(embedded.gateway)
    assert "Strict-Transport-Security" in Caller(runner, secure, None).get("/docs").headers
    assert "Strict-Transport-Security" not in Caller(runner, plain, None).get("/docs").headers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0af7651916cd43dd", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f g h", False),
        ("<script>", False),
    ],
)
def test_a_sane_request_id_of_the_caller_is_kept(runner: asyncio.Runner, given: str, kept: bool) -> None:
    answer = get(runner, guarded(fine), "/page", **{"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) is kept
    assert len(answer.headers["X-Request-Id"]) >= 8


def test_a_fault_after_the_answer_has_begun_ends_the_connection(runner: asyncio.Runner) -> None:
    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("inside")

    app: Any = Guard(breaking, draw=seeded_draw(), https=False)
    with pytest.raises(ValueError, match="inside"):
        get(runner, app, "/page")


def test_only_where_people_send_files_is_a_large_body_taken() -> None:
    assert most_body_bytes("/verify") == most_body_bytes("/console/statements") == MOST_UPLOAD_BYTES
    assert most_body_bytes("/v1/quotes") == most_body_bytes("/pay/x") < MOST_UPLOAD_BYTES
