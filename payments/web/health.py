"""For those who run it: is the process alive, can it serve, and how much does it do?

/healthz   200 while the process answers
/readyz    200 when the database is reachable and migrated, otherwise 503 with one sentence
/metrics   figures for Prometheus
"""

from __future__ import annotations

import time

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from payments.metrics import HTTP_SECONDS, Measures
from payments.use_cases.doctor import check_database
from payments.use_cases.gateway import Gateway

# The first part of a path names its audience; all else is one area, so that strangers cannot invent labels.
AREAS = frozenset(
    {"v1", "pay", "providers", "verify", "r", "console", "static", "healthz", "readyz", "metrics"}
)
METHODS = frozenset({"GET", "HEAD", "POST"})

log = structlog.get_logger("payments.web")


def routes(gateway: Gateway) -> list[Route]:
    measures = Measures(gateway.engine, gateway.now)

    def alive(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    def ready(_request: Request) -> Response:
        problem = check_database(gateway.engine)
        if problem:
            return JSONResponse({"ready": False, "problem": problem}, 503)
        return JSONResponse({"ready": True})

    def metrics(_request: Request) -> Response:
        try:
            return Response(measures.text(), media_type=CONTENT_TYPE_LATEST)
        except SQLAlchemyError:
            return PlainTextResponse(f"{check_database(gateway.engine)}\n", 503)

    return [
        Route("/healthz", alive, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


class Measure:
    """Times every request, by area, method and status, and writes a line of the log about each."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = "500"

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - begun
            HTTP_SECONDS.labels(area_of(scope["path"]), _method(scope), status).observe(seconds)
            _write_down(scope, int(status), seconds)


def _write_down(scope: Scope, status: int, seconds: float) -> None:
    """One line: the route and never the address itself, which may open a payment page."""
    log.info(
        "request answered",
        request_id=scope.get("state", {}).get("request_id", ""),
        method=_method(scope),
        route=getattr(scope.get("route"), "path", area_of(scope["path"])),
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )


def area_of(path: str) -> str:
    """The audience that a path belongs to, "other" for anything unknown."""
    first = path.lstrip("/").partition("/")[0]
    return first if first in AREAS else "other"


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in METHODS else "other"
