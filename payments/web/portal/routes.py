"""The addresses of the API and what stands at each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.use_cases.gateway import Gateway
from payments.web.portal import fees, outcomes, payment_requests, reference, refunds
from payments.web.portal.contract import Operation, Operations, contract

OPERATIONS = (
    Operation("GET", "/v1/procedures", fees.list_procedures),
    Operation("GET", "/v1/procedures/{procedure_code}", fees.get_procedure),
    Operation("POST", "/v1/quotes", fees.create_quote),
    Operation("POST", "/v1/payment-requests", payment_requests.create_payment_request),
    Operation("GET", "/v1/payment-requests", payment_requests.list_payment_requests),
    Operation("GET", "/v1/payment-requests/{request_id}", payment_requests.get_payment_request),
    Operation("POST", "/v1/payment-requests/{request_id}/cancel", payment_requests.cancel_payment_request),
    Operation("POST", "/v1/payment-requests/{request_id}/refunds", refunds.create_refund),
    Operation("GET", "/v1/payment-requests/{request_id}/refunds", refunds.list_refunds_of_request),
    # A province's dossier number may hold a slash.
    Operation("GET", "/v1/dossiers/{dossier_code:path}", outcomes.get_dossier),
    Operation("GET", "/v1/receipts/{number}.pdf", outcomes.get_receipt_pdf),
    Operation("GET", "/v1/receipts/{number}.xml", outcomes.get_receipt_xml),
    Operation("GET", "/v1/receipts/{number}", outcomes.get_receipt),
    Operation("GET", "/v1/events", outcomes.list_events),
)

contract.register(Operations(OPERATIONS))


def routes(gateway: Gateway) -> list[Route]:
    """The API of portals, its OpenAPI document and its reference."""
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for each in OPERATIONS:
        by_path[each.path][each.method] = each
    api = [
        Route(path, partial(_dispatch, gateway, methods), methods=list(methods))
        for path, methods in by_path.items()
    ]
    return [*api, Route("/openapi.json", _show_document), Route("/docs", _show_reference)]


async def _dispatch(gateway: Gateway, methods: Mapping[str, Operation], request: Request) -> Response:
    # One route per address, so that a wrong method is told all that are right.
    method = "GET" if request.method == "HEAD" else request.method
    operation: Any = methods[method].function
    response: Response = await operation(gateway, request)
    return response


async def _show_document(_request: Request) -> Response:
    content = await anyio.to_thread.run_sync(reference.document_text)
    return Response(content, media_type="application/json", headers={"Cache-Control": "max-age=300"})


async def _show_reference(_request: Request) -> Response:
    content = await anyio.to_thread.run_sync(reference.page_text)
    return Response(content, media_type="text/html", headers={"Cache-Control": "max-age=300"})
