"""The OpenAPI document."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from payments.web.edge import PROBLEM_MEDIA_TYPE
from payments.web.portal.contract import contract

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
    return json.dumps(document(), ensure_ascii=False, indent=1)


def _state_media_types(described: dict[str, Any]) -> None:
    for status, answer in described["responses"].items():
        if int(status) >= 400:
            answer["content"] = {PROBLEM_MEDIA_TYPE: answer["content"]["application/json"]}
    media_type = FILES.get(described["operationId"])
    if media_type is not None:
        answer = described["responses"]["200"]
        answer["content"] = {media_type: {"schema": {"type": "string", "format": "binary"}}}


@cache
def page_text() -> str:
    return ""
