"""The public check of receipts over HTTP: no login, no cookie, a few indexed queries for a code."""

from __future__ import annotations

from collections.abc import Mapping

import anyio
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments.core.lifecycle import ReceiptState
from payments.core.refusals import NotFound
from payments.use_cases.check_receipt import (
    FileFinding,
    check_file,
    find_public_receipt,
    read_lookup_code,
)
from payments.use_cases.gateway import Gateway
from payments.web.languages import keep_language, language_of
from payments.web.templating import page

MOST_FIELDS = 5
MOST_CHECKS_AT_ONCE = 4  # checking a seal is arithmetic; more at once would only starve the others
SEE_OTHER = 303

STATES: Mapping[ReceiptState, tuple[str, str]] = {
    ReceiptState.ISSUED: ("good", "verify.state.issued"),
    ReceiptState.REPLACED: ("wait", "verify.state.replaced"),
    ReceiptState.REPORTED_WRONG: ("wait", "verify.state.reported_wrong"),
}
"""Tone and heading for a receipt that the books hold."""

FINDINGS: Mapping[FileFinding, str] = {
    FileFinding.UNREADABLE: "verify.finding.unreadable",
    FileFinding.UNSIGNED: "verify.finding.unsigned",
    FileFinding.WRONG_SIGNER: "verify.finding.wrong_signer",
    FileFinding.CHANGED: "verify.finding.changed",
    FileFinding.OUTSIDE_VALIDITY: "verify.finding.outside_validity",
    FileFinding.OTHER_RECEIPT: "verify.finding.other_receipt",
    FileFinding.NOT_IN_BOOKS: "verify.finding.not_in_books",
}


class Verification:
    """The endpoints of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.checks = anyio.CapacityLimiter(MOST_CHECKS_AT_ONCE)

    def ask(self, request: Request) -> Response:
        """GET /verify: the forms; with ?code= on to the receipt."""
        typed = request.query_params.get("code", "")
        code = read_lookup_code(typed)
        if code:
            return RedirectResponse(keep_language(language_of(request), f"/r/{code}"), SEE_OTHER)
        return page(request, "receipts/ask.html", typed=typed, unknown=bool(typed.strip()), finding=None)

    def show(self, request: Request) -> Response:
        """GET /r/{lookup_code}: what the books say of this receipt."""
        typed: str = request.path_params["lookup_code"]
        try:
            found = find_public_receipt(self.gateway, typed)
        except NotFound:
            return page(request, "receipts/ask.html", status=404, typed=typed, unknown=True, finding=None)
        return page(request, "receipts/show.html", found=found, said=STATES[found.state], by_file=False)

    async def check(self, request: Request) -> Response:
        """POST /verify with a file: whether it is whole, signed by the collector and in the books."""
        async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
            file = form.get("file")
            content = await file.read() if isinstance(file, UploadFile) else b""
        return await anyio.to_thread.run_sync(self._check, request, content, limiter=self.checks)

    def _check(self, request: Request, content: bytes) -> Response:
        if not content:
            finding = "verify.finding.no_file"
            return page(request, "receipts/ask.html", status=422, typed="", unknown=False, finding=finding)
        outcome = check_file(self.gateway, content)
        if outcome.found is None:
            finding = FINDINGS[outcome.finding or FileFinding.UNREADABLE]
            return page(request, "receipts/ask.html", status=422, typed="", unknown=False, finding=finding)
        said = STATES[outcome.found.state]
        return page(request, "receipts/show.html", found=outcome.found, said=said, by_file=True)


def routes(gateway: Gateway) -> list[Route]:
    verification = Verification(gateway)
    return [
        Route("/verify", verification.ask, methods=["GET"]),
        Route("/verify", verification.check, methods=["POST"]),
        Route("/r/{lookup_code}", verification.show, methods=["GET"]),
    ]
