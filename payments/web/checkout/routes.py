"""The citizen's pages over HTTP.

The token in the address is the whole permission: no cookie is needed, so a form on another site gains nothing
that the token's holder could not do by opening the page. Paying is a form and a redirect, without JavaScript.
"""

from __future__ import annotations

import re

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments.core.references import ALPHABET
from payments.core.refusals import Conflict, NotFound, Refusal
from payments.use_cases.ask_provider import ask_now
from payments.use_cases.check_receipt import read_receipt_file
from payments.use_cases.gateway import Gateway
from payments.use_cases.start_checkout import look_up_checkout, start_checkout
from payments.web.checkout.telling import MOST_RELOADS, OUTCOMES, reason_of, tell
from payments.web.languages import keep_language, language_of
from payments.web.templating import PRIVATE_PAGE, page

# A slow bank keeps its own threads busy and nobody else's.
MOST_CALLS_TO_PROVIDERS = 20
MOST_FIELDS = 10
SEE_OTHER = 303
TOKEN = re.compile(rf"[{ALPHABET}]{{1,40}}")


class Checkout:
    """The endpoints of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.calls = anyio.CapacityLimiter(MOST_CALLS_TO_PROVIDERS)

    def show(self, request: Request) -> Response:
        """GET /pay/{token}: what is owed and what the database knows of its payment."""
        return self._page(request)

    async def start(self, request: Request) -> Response:
        """POST /pay/{token} with the account chosen: note the try, then send the payer to the provider."""
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            account_code = str(form.get("account", ""))
        return await anyio.to_thread.run_sync(self._start, request, account_code, limiter=self.calls)

    def receipt_pdf(self, request: Request) -> Response:
        """GET /pay/{token}/receipt.pdf?number=: the receipt as paper, the same bytes for ever."""
        return self._receipt(request, "pdf", "application/pdf")

    def receipt_xml(self, request: Request) -> Response:
        """GET /pay/{token}/receipt.xml?number=: the receipt as data, the same bytes for ever."""
        return self._receipt(request, "xml", "application/xml")

    async def ask(self, request: Request) -> Response:
        """POST /pay/{token}/ask: ask the provider now, then show what came of it."""
        return await anyio.to_thread.run_sync(self._ask, request, limiter=self.calls)

    def _start(self, request: Request, account_code: str) -> Response:
        address = request.client.host if request.client else ""
        language = language_of(request)
        try:
            url = start_checkout(self.gateway, _token(request), account_code, address, language)
        except (Conflict, NotFound):
            # Paid, cancelled or expired meanwhile, or the choice is gone: the page says what is so.
            return _back(request)
        except Refusal:
            return self._page(request, trouble=True)
        return RedirectResponse(url, SEE_OTHER)

    def _ask(self, request: Request) -> Response:
        try:
            ask_now(self.gateway, _token(request))
        except NotFound:
            return _not_found(request)
        except Refusal:
            return _back(request)
        return _back(request, asked=1)

    def _receipt(self, request: Request, file_format: str, media_type: str) -> Response:
        number = request.query_params.get("number", "")
        agency_code = request.query_params.get("agency")
        try:
            content = read_receipt_file(self.gateway, _token(request), number, file_format, agency_code)
        except NotFound:
            return _not_found(request)
        # The number was found in the books, so it is plain letters, digits and dashes.
        headers = {**PRIVATE_PAGE, "Content-Disposition": f'attachment; filename="{number}.{file_format}"'}
        return Response(content, headers=headers, media_type=media_type)

    def _page(self, request: Request, trouble: bool = False) -> Response:
        try:
            view = look_up_checkout(self.gateway, _token(request))
        except NotFound:
            return _not_found(request)
        told = tell(view, _reloads(request))
        asked = "asked" in request.query_params
        status = 503 if trouble else 200
        return page(
            request,
            "checkout/show.html",
            status=status,
            view=view,
            page=told,
            trouble=trouble,
            asked=asked,
            outcomes=OUTCOMES,
            reason_of=reason_of,
        )


def _token(request: Request) -> str:
    """The token in the address. What can be none does not reach the database: raises NotFound."""
    token: str = request.path_params["token"]
    if TOKEN.fullmatch(token) is None:
        raise NotFound("unknown_checkout", "Đường dẫn không đúng.", "This link is not right.")
    return token


def _back(request: Request, **parameters: object) -> Response:
    """To the page itself, so that reloading it repeats nothing."""
    path = keep_language(language_of(request), f"/pay/{_token(request)}", **parameters)
    return RedirectResponse(path, SEE_OTHER)


def _not_found(request: Request) -> Response:
    return page(request, "checkout/not_found.html", status=404)


def _reloads(request: Request) -> int:
    """How often the page has reloaded itself; anything that is no small number stops it."""
    text = request.query_params.get("reload", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else MOST_RELOADS


def routes(gateway: Gateway) -> list[Route]:
    checkout = Checkout(gateway)
    return [
        Route("/pay/{token}", checkout.show, methods=["GET"]),
        Route("/pay/{token}", checkout.start, methods=["POST"]),
        Route("/pay/{token}/receipt.pdf", checkout.receipt_pdf, methods=["GET"]),
        Route("/pay/{token}/receipt.xml", checkout.receipt_xml, methods=["GET"]),
        Route("/pay/{token}/ask", checkout.ask, methods=["POST"]),
    ]
