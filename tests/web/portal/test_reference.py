"""The OpenAPI document, the reference and the guides say what the program does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from payments.core import lifecycle
from payments.core.fees.refusals import CODES as FEE_CODES
from payments.web.portal.reference import EVENTS, document, page_text
from payments.web.portal.reference_model import example, prose
from payments.web.portal.routes import OPERATIONS
from payments.web.problem_codes import CODES
from tests.source_files import ROOT, parsed
from tests.web.portal.conftest import Caller

GUIDES = ROOT / "docs" / "portal-developers"
RAISED_BY = {
    "Invalid": {422},
    "FeeRefusal": {422},
    "NotFound": {404},
    "Conflict": {409},
    "Unavailable": {503},
}
# The files whose refusals a portal can meet; FeeRefusal's codes are listed in the core.
MET_BY_PORTALS = (
    "payments/use_cases/ask_for_refund.py",
    "payments/use_cases/expire_payment.py",
    "payments/use_cases/once.py",
    "payments/use_cases/portal_refunds.py",
    "payments/use_cases/price.py",
    "payments/use_cases/read_portal_receipt.py",
    "payments/use_cases/read_requests.py",
    "payments/use_cases/receipt_content.py",
    "payments/use_cases/request_payment.py",
    "payments/web/portal/contract.py",
    "payments/web/portal/strict_json.py",
    "payments/web/edge.py",
    "payments/web/security.py",
)


class Page(HTMLParser):
    """Every address that a page names, and every id that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attributes:
            if name in ("href", "src"):
                self.addresses.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")


def raised_codes() -> Iterator[tuple[str, int]]:
    """Every code that is written where a portal can meet it, with its status."""
    for name in MET_BY_PORTALS:
        for node in ast.walk(parsed(ROOT / name)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from codes_of(node.func.id, node.args)


def codes_of(name: str, arguments: list[ast.expr]) -> Iterator[tuple[str, int]]:
    words = [each.value for each in arguments[:2] if isinstance(each, ast.Constant)]
    if name == "EdgeRefusal" and len(words) == 2:
        yield str(words[1]), int(str(words[0]))
    elif name in RAISED_BY and words:
        for status in RAISED_BY[name]:
            yield str(words[0]), status


def test_every_code_that_a_portal_can_meet_is_explained_and_no_other() -> None:
    explained = {(each.code, status) for each in CODES for status in each.statuses}
    of_fees = {(code, 422) for code in FEE_CODES} | {("unknown_procedure", 404)}
    assert explained == set(raised_codes()) | of_fees | {("bad_request", 400)}


def test_every_event_that_is_announced_is_explained() -> None:
    tables: list[Any] = [lifecycle.REQUEST, lifecycle.ATTEMPT, lifecycle.REFUND, lifecycle.RECEIPT]
    announced = {edge.announces for table in tables for edge in table.values()} - {""}
    assert announced == set(EVENTS)


def test_every_operation_is_in_the_document_with_a_sentence() -> None:
    described = {
        (method.upper(), path): each
        for path, methods in document()["paths"].items()
        for method, each in methods.items()
    }
    assert set(described) == {(each.method, each.path.replace(":path", "")) for each in OPERATIONS}
    assert all(re.fullmatch(r"[A-Z].+\.", each["summary"]) for each in described.values())
    assert len({each["operationId"] for each in described.values()}) == len(described)


def test_every_route_under_v1_is_in_the_document_and_asks_for_a_key(caller: Caller) -> None:
    paths = {
        path for path in (getattr(route, "path", "") for route in caller.app.routes) if path.startswith("/v1")
    }
    assert {path.replace(":path", "") for path in paths} == set(document()["paths"])
    stranger = Caller(caller.runner, caller.app, None)
    for each in OPERATIONS:
        address = re.sub(r"\{[\w:]+\}", "x", each.path)
        assert stranger.call(each.method, address).json()["code"] == "missing_api_key", each


def test_every_reference_inside_the_document_leads_somewhere() -> None:
    named = set(re.findall(r"'#/components/schemas/([^']+)'", str(document())))
    assert named
    assert named <= set(document()["components"]["schemas"])


def described_things() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of every model and every parameter, with its place."""
    for model, schema in document()["components"]["schemas"].items():
        for name, each in schema.get("properties", {}).items():
            yield f"{model}.{name}", each
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            for each in operation["parameters"]:
                yield f"{method} {path} {each['name']}", each


def examples_of(schema: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every example in ``schema`` and the schema that it must keep to."""
    if isinstance(schema, dict):
        if isinstance(schema.get("examples"), list):
            yield from ((schema, each) for each in schema["examples"])
        for each in schema.values():
            yield from examples_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from examples_of(each)


def test_every_field_and_parameter_is_described_by_a_sentence() -> None:
    things = list(described_things())
    assert len(things) > 150
    silent = [place for place, each in things if not re.search(r"[.`]$", each.get("description", ""))]
    assert silent == []


def test_every_model_is_described() -> None:
    shown = {place.partition(".")[0] for place, _ in described_things() if "/" not in place}
    silent = [
        name
        for name in sorted(shown)
        if not name.endswith("Searched") and not document()["components"]["schemas"][name].get("description")
    ]
    assert silent == []


def test_every_amount_says_that_it_is_whole_dong() -> None:
    amounts = {place: each for place, each in described_things() if place.endswith("_dong")}
    assert len(amounts) > 5
    assert [place for place, each in amounts.items() if "hole đồng" not in each["description"]] == []


def test_every_moment_says_that_it_is_in_utc() -> None:
    moments = {place: each for place, each in described_things() if place.endswith("_at")}
    assert len(moments) > 5
    assert [place for place, each in moments.items() if "in UTC" not in each["description"]] == []


def test_every_example_keeps_to_its_schema() -> None:
    examples = list(examples_of(document()))
    assert len(examples) > 80
    for schema, value in examples:
        # Its references are looked up in the whole document.
        whole = {**schema, "components": document()["components"]}
        checker = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        assert [fault.message for fault in checker.iter_errors(value)] == [], schema


def test_the_document_and_the_reference_are_served_without_a_key(caller: Caller) -> None:
    stranger = Caller(caller.runner, caller.app, None)
    assert stranger.get("/openapi.json").json() == document()
    page = stranger.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_the_reference_needs_no_script_and_nothing_from_elsewhere() -> None:
    page = Page(page_text())
    assert {"script", "style"}.isdisjoint(page.tags)
    assert page.inline == []
    loaded = [each for each in page.addresses if not each.startswith(("#", "/"))]
    assert loaded == ["https://www.standardwebhooks.com"]  # a link, not something that is fetched


def test_every_link_of_the_reference_leads_to_something_on_it() -> None:
    page = Page(page_text())
    assert len(page.ids) == len(set(page.ids))
    assert {each[1:] for each in page.addresses if each.startswith("#")} <= set(page.ids)


def test_prose_shows_code_and_paragraphs_and_lets_no_html_in() -> None:
    assert prose("a `b<c>`\n\n<i>d</i>") == "<p>a <code>b&lt;c&gt;</code></p><p>&lt;i&gt;d&lt;/i&gt;</p>"


@pytest.mark.parametrize(("path", "status"), [("/v1/quotes", 200), ("/v1/payment-requests", 201)])
def test_the_examples_of_the_reference_can_be_sent_as_they_stand(
    caller: Caller, path: str, status: int
) -> None:
    body = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert caller.post(path, example(document(), body.rpartition("/")[2])).status_code == status


def test_the_guide_to_errors_lists_every_code() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([\d, ]+) \|", (GUIDES / "errors.md").read_text(encoding="utf-8"), re.M
    )
    assert dict(rows) == {each.code: ", ".join(map(str, each.statuses)) for each in CODES}


def test_the_guide_to_webhooks_lists_every_event() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|", (GUIDES / "webhooks.md").read_text(encoding="utf-8"), re.M)
    assert set(EVENTS) <= set(rows)
