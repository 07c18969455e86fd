"""A small public-service portal, as a province's developer might write it against the published interface.

It knows the gateway by its HTTP interface alone and checks webhooks with the public ``standardwebhooks`` library.
A clerk picks a procedure, answers its questions, and gets a link for the citizen; the dossier opens when the
webhook says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from payments.demo.http import Unreachable, call
from payments.demo.portal_memory import Dossier, PortalMemory

TEMPLATES = Path(__file__).parent / "templates"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MOST_WEBHOOK_BYTES = 256 * 1024
INPUT_PREFIX = "input."


class GatewayRefused(Exception):
    """The gateway refused; the text is its own sentence for people."""


class GatewayApi:
    """The few calls that a portal needs."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base_url = base_url
        self._api_key = api_key

    def procedures(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "/v1/procedures")["items"])

    def procedure(self, code: str) -> dict[str, Any]:
        return self._call("GET", f"/v1/procedures/{quote(code, safe='')}")

    def request_payment(self, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._call("POST", "/v1/payment-requests", body, {"Idempotency-Key": key})

    def dossier(self, code: str) -> dict[str, Any]:
        return self._call("GET", f"/v1/dossiers/{quote(code, safe='')}")

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        sent = {"Authorization": f"Bearer {self._api_key}", **(headers or {})}
        try:
            answer = call(method, self._base_url + path, headers=sent, content=body)
            told: dict[str, Any] = answer.json()
        except (Unreachable, ValueError):
            raise GatewayRefused("Cổng thanh toán chưa trả lời; hãy thử lại.") from None
        if answer.status >= 400:
            fields = [f"{error['field']}: {error['message_vi']}" for error in told.get("errors", ())]
            raise GatewayRefused(" ".join(fields) or told.get("detail_vi", ""))
        return told


class Portal:
    """The portal's pages and the address of its webhook."""

    def __init__(
        self,
        api: GatewayApi,
        webhook_secret: str,
        memory: PortalMemory,
        *,
        own_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self.api = api
        self.webhook = Webhook(webhook_secret)
        self.memory = memory
        self.own_url = own_url
        self.now = now
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.templates.filters["dong"] = lambda amount: (
            f"{amount:,}".replace(",", ".") + "\N{NO-BREAK SPACE}đ"
        )

    def home(self, _request: Request) -> Response:
        return self._page("portal_home.html", dossiers=self.memory.newest())

    def choose(self, request: Request) -> Response:
        """The clerk's form: first which procedure, then its questions."""
        try:
            code = request.query_params.get("procedure", "")
            if not code:
                return self._page("portal_choose.html", fields=_by_field(self.api.procedures()))
            return self._form(self.api.procedure(code), {}, "")
        except GatewayRefused as refused:
            return self._page("portal_trouble.html", 503, trouble=str(refused))

    async def make(self, request: Request) -> Response:
        """Make the dossier and its payment request; sent twice, it is still one of each."""
        async with request.form(max_files=0, max_fields=100) as form:
            given = form
        return await run_in_threadpool(self._make, given)

    def _make(self, given: FormData) -> Response:
        text = {name: str(value).strip() for name, value in given.items()}
        try:
            procedure = self.api.procedure(text.get("procedure_code", ""))
        except GatewayRefused as refused:
            return self._page("portal_trouble.html", 422, trouble=str(refused))
        code = text.get("dossier_code") or self._new_code()
        dossier = Dossier(
            code, procedure["code"], procedure["name_vi"], text.get("payer_name", ""), self.now().isoformat()
        )
        body = {
            "dossier_code": code,
            "procedure_code": procedure["code"],
            "inputs": read_inputs(procedure["inputs"], text),
            "payer": {"name": dossier.payer_name},
            "return_url": f"{self.own_url}/dossiers/{code}",
        }
        try:
            made = self.api.request_payment(f"{code}-phi", body)
        except GatewayRefused as refused:
            return self._form(procedure, text, str(refused))
        self.memory.add(dossier)
        self.memory.keep_request(code, made)
        # A fee of zero đồng is settled at once, before any webhook can be waited for.
        return RedirectResponse(f"/dossiers/{code}", 303)

    def show(self, request: Request) -> Response:
        dossier = self.memory.find(request.path_params["code"])
        if dossier is None:
            return self._page("portal_trouble.html", 404, trouble="Không có hồ sơ này.")
        return self._page("portal_dossier.html", dossier=dossier, events=self.memory.events_of(dossier.code))

    def show_json(self, request: Request) -> Response:
        dossier = self.memory.find(request.path_params["code"])
        if dossier is None:
            return JSONResponse({"problem": "unknown dossier"}, 404)
        events = [{"id": id, "type": type} for id, type, _ in self.memory.events_of(dossier.code)]
        return JSONResponse({**asdict(dossier), "events": events})

    async def hear(self, request: Request) -> Response:
        """The webhook: nothing counts before the library has verified the raw bytes."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_WEBHOOK_BYTES:
                return PlainTextResponse("too large", 413)
        try:
            event = self.webhook.verify(bytes(body), dict(request.headers))
        except WebhookVerificationError:
            return PlainTextResponse("signature does not hold", 401)
        await run_in_threadpool(
            self.memory.take_event, request.headers["webhook-id"], self.now().isoformat(), event
        )
        return Response(status_code=204)

    def style(self, _request: Request) -> Response:
        return FileResponse(TEMPLATES / "portal.css")

    def _form(self, procedure: Mapping[str, Any], given: Mapping[str, str], trouble: str) -> Response:
        return self._page(
            "portal_form.html",
            422 if trouble else 200,
            procedure=procedure,
            given=given,
            trouble=trouble,
            dossier_code=given.get("dossier_code") or self._new_code(),
        )

    def _new_code(self) -> str:
        return f"H29-{self.now().astimezone(VIETNAM):%y%m%d-%H%M%S%f}"[:-3]

    def _page(self, template: str, status: int = 200, **values: object) -> Response:
        return HTMLResponse(self.templates.get_template(template).render(values), status)


def read_inputs(questions: list[dict[str, Any]], text: Mapping[str, str]) -> dict[str, Any]:
    """The answers of the form in the types that the procedure asks for; unanswered ones are left out."""
    inputs: dict[str, Any] = {}
    for question in questions:
        name, kind = question["name"], question["type"]
        if kind == "quantities":
            parts = {
                option["value"]: text.get(f"{INPUT_PREFIX}{name}.{option['value']}", "")
                for option in question["options"]
            }
            found = {value: amount for value, amount in parts.items() if amount}
            if found:
                inputs[name] = found
            continue
        answer = text.get(INPUT_PREFIX + name, "")
        if answer:
            inputs[name] = _typed(kind, answer)
    return inputs


def _typed(kind: str, answer: str) -> object:
    if kind in ("whole", "money"):
        digits = answer.replace(".", "").replace(" ", "")
        return int(digits) if digits.isdecimal() else answer
    if kind == "yes_no":
        return answer == "yes"
    return answer.replace(",", ".") if kind == "decimal" else answer


def _by_field(procedures: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    fields: dict[str, list[dict[str, Any]]] = {}
    for procedure in sorted(procedures, key=lambda each: (each["field_vi"], each["name_vi"])):
        fields.setdefault(procedure["field_vi"], []).append(procedure)
    return fields


def make_portal(portal: Portal) -> Starlette:
    """The portal as an ASGI application."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        portal.memory.close()

    return Starlette(
        routes=[
            Route("/", portal.home),
            Route("/new", portal.choose),
            Route("/dossiers", portal.make, methods=["POST"]),
            Route("/dossiers/{code}.json", portal.show_json),
            Route("/dossiers/{code}", portal.show),
            Route("/webhooks", portal.hear, methods=["POST"]),
            Route("/portal.css", portal.style),
        ],
        lifespan=lifespan,
    )
