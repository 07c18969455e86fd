"""The OpenAPI document, and the reference at ``/docs`` that is drawn from it on the server.

The reference needs no script and nothing from elsewhere, so it keeps to the strict content policy of all pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from payments.web.edge import PROBLEM_MEDIA_TYPE
from payments.web.portal.contract import contract
from payments.web.portal.reference_model import chapters, models, prose
from payments.web.problem_codes import CODES
from payments.web.templating import render

EVENTS: Mapping[str, str] = {
    "payment_request.paid": "The whole amount has arrived, or nothing was due. Receipts are named in it.",
    "payment_request.cancelled": "You withdrew the request before it was paid.",
    "payment_request.expired": "Its time ran out, and the bank says that nothing was paid.",
    "refund.done": "Money has been given back.",
    "refund.failed": "The bank did not carry out a refund; an officer looks at it.",
    "receipt.replaced": "A receipt has been replaced by another.",
}
"""Every type of event and what has happened."""

FILES = {"get_receipt_pdf": "application/pdf", "get_receipt_xml": "application/xml"}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of every operation, with the media types that SpecTree does not know of."""
    made: dict[str, Any] = contract.spec
    for methods in made["paths"].values():
        for described in methods.values():
            _state_media_types(described)
    return made


@cache
def document_text() -> str:
    """The document as JSON."""
    return json.dumps(document(), ensure_ascii=False, indent=1)


@cache
def page_text() -> str:
    """The reference as a page of HTML, in the language of those who write programs."""
    found = document()
    return render(
        "portal/reference.html",
        "en",
        {
            "info": found["info"],
            "chapters": chapters(found),
            "models": models(found),
            "events": list(EVENTS.items()),
            "codes": CODES,
            "prose": prose,
        },
    )


def _state_media_types(described: dict[str, Any]) -> None:
    for status, answer in described["responses"].items():
        if int(status) >= 400:
            answer["content"] = {PROBLEM_MEDIA_TYPE: answer["content"]["application/json"]}
    media_type = FILES.get(described["operationId"])
    if media_type is not None:
        answer = described["responses"]["200"]
        answer["content"] = {media_type: {"schema": {"type": "string", "format": "binary"}}}
