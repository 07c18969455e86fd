"""The first page: where somebody who only knows the address finds what they came for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.web.templating import page


def routes() -> list[Route]:
    """The page at ``/``."""
    return [Route("/", _home, methods=["GET"], name="home")]


def _home(request: Request) -> Response:
    return page(request, "home.html")
