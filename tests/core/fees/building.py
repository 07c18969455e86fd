"""Small schedules and procedures made in the test itself. JSON is YAML, so files are written with ``json``."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from payments.core.fees import Catalogue, Facts, Quote, QuoteLine, quote

DAY = date(2026, 11, 22)
BOTH = {"name_vi": "Tên", "name_en": "Name"}
OPTIONS = [{"value": word, "label_vi": word, "label_en": word} for word in ("a", "b", "c")]

PROVINCES = [{"code": "31", "name": "Hải Phòng", "former": {"30": "Hải Dương", "31": "Hải Phòng"}}]


def item(rule: Any, **changes: Any) -> dict[str, Any]:
    basic = {"code": "test.item", "kind": "fee", "article_vi": "Điều 4", "article_en": "Article 4"}
    return {**basic, **BOTH, "collector": "commune", "rule": rule, **changes}


def schedule(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    document = {"number": "1/2020/TT-BTC", "issuer_vi": "Bộ", "issuer_en": "Ministry"}
    basic = {
        "schedule": "test",
        "version": 1,
        "document": {**document, "name_vi": "Thông tư 1/2020/TT-BTC", "name_en": "Circular 1/2020/TT-BTC"},
        "source": {"confidence": "full_text", "note": "Written for a test."},
        "effective_from": "2020-01-01",
        "effective_to": None,
        "items": list(items),
    }
    return {**basic, **changes}


def question(name: str, kind: str, **changes: Any) -> dict[str, Any]:
    basic: dict[str, Any] = {
        "name": name,
        "type": kind,
        "label_vi": name,
        "label_en": name,
        "required": False,
    }
    return basic | ({"options": OPTIONS} if kind in ("option", "quantities") else {}) | changes


def procedure(*questions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    basic = {
        "code": "TP-TEST",
        "code_source": "own",
        "field_vi": "Thử",
        "field_en": "Test",
        "level": "commune",
    }
    items = [{"item": "test.item"}]
    return {**basic, **BOTH, "agency": "commune", "items": items, "inputs": list(questions), **changes}


def texts(*schedules: dict[str, Any], procedures: list[dict[str, Any]]) -> dict[str, str]:
    files = {f"schedule-{place}.yaml": json.dumps(found) for place, found in enumerate(schedules)}
    lists = {"procedures": procedures, "provinces": PROVINCES}
    return files | {f"{name}.yaml": json.dumps({name: listed}) for name, listed in lists.items()}


def facts(inputs: dict[str, Any] | None = None, **changes: Any) -> Facts:
    return Facts(**{"inputs": inputs or {}, "filed_on": DAY, "paid_on": DAY, "channel": "counter", **changes})


def quoted(found: dict[str, Any], questions: dict[str, str], inputs: dict[str, Any], **changes: Any) -> Quote:
    """The quote for one item that reads ``questions`` (name → type)."""
    asked = [question(name, kind) for name, kind in questions.items()]
    catalogue = Catalogue.from_files(texts(schedule(found), procedures=[procedure(*asked)]))
    return quote(catalogue, "TP-TEST", facts(inputs, **changes))


def priced(rule: Any, questions: dict[str, str], inputs: dict[str, Any], **changes: Any) -> int:
    """What ``rule`` alone comes to."""
    return quoted(item(rule), questions, inputs, **changes).total_dong


def line(
    found: dict[str, Any], questions: dict[str, str], inputs: dict[str, Any], **changes: Any
) -> QuoteLine:
    return quoted(found, questions, inputs, **changes).lines[0]
