"""A portal that calls the API; everything it is answered must be as the OpenAPI document says."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import structlog.testing
from sqlalchemy import Engine
from starlette.applications import Starlette

from payments.app import make_web
from payments.core.references import api_key
from payments.store.database import make_engine, transaction
from payments.store.portals import add_key
from payments.web.portal.reference import document
from tests.gateway import OTHER_PORTAL, PORTAL, Installation, make_installation, seeded_draw
from tests.web.portal.schema import faults

PATH = "/v1/payment-requests"
KEY = api_key(seeded_draw(11))
OTHER_KEY = api_key(seeded_draw(12))


@dataclass(frozen=True)
class Caller:
    """Calls the API with one key. ``call`` returns the answer after it was compared with the document."""

    runner: asyncio.Runner
    app: Starlette
    key: str | None

    def call(self, method: str, path: str, **content: Any) -> httpx.Response:
        return self.calls([(method, path, content)])[0]

    def calls(self, wanted: list[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Several calls at once; answers in the order of ``wanted``."""
        answers = self.runner.run(self._all(wanted))
        for answer in answers:
            check_documented(answer)
        return answers

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self.call("GET", path, **content)

    def post(self, path: str, body: object = None, key: str | None = None, **content: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key is not None else {}
        if body is not None:
            content["json"] = body
        return self.call("POST", path, headers={**headers, **content.pop("headers", {})}, **content)

    async def _all(self, wanted: list[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        transport = httpx.ASGITransport(self.app)
        own = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.example") as client:
            requests = [
                client.request(method, path, **{**content, "headers": {**own, **content.get("headers", {})}})
                for method, path, content in wanted
            ]
            return list(await asyncio.gather(*requests))


def check_documented(answer: httpx.Response) -> None:
    """The status, the media type and every field of an answer stand in the OpenAPI document."""
    described = operation_of(answer.request.method, answer.request.url.path)
    if described is None:
        assert answer.status_code in (200, 404, 405), answer.text
        return
    stated = described["responses"].get(str(answer.status_code))
    assert stated is not None, f"{answer.status_code} is not documented: {answer.text}"
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in stated["content"], f"{media_type} is not documented"
    if media_type.endswith("json"):
        schema = stated["content"][media_type]["schema"]
        assert list(faults(answer.json(), schema, document()["components"]["schemas"])) == []


def operation_of(method: str, path: str) -> Mapping[str, Any] | None:
    for template, methods in document()["paths"].items():
        tail = ".+" if template.startswith("/v1/dossiers") else "[^/]+"
        pattern = re.sub(r"\\{\w+\\}", tail, re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in methods:
            found: Mapping[str, Any] = methods[method.lower()]
            return found
    return None


def installation_with_keys(engine: Engine) -> Installation:
    made = make_installation(engine)
    with transaction(engine) as connection:
        add_key(connection, PORTAL, KEY, made.clock())
        add_key(connection, OTHER_PORTAL, OTHER_KEY, made.clock())
    return made


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What a test logs, kept instead of printed."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture
def installation(engine: Engine) -> Installation:
    return installation_with_keys(engine)


@pytest.fixture
def portal(installation: Installation, runner: asyncio.Runner) -> Caller:
    return Caller(runner, make_web(installation.gateway), KEY)


@pytest.fixture
def other_portal(portal: Caller) -> Caller:
    return Caller(portal.runner, portal.app, OTHER_KEY)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[Installation]:
    """One installation on SQLite for a module of tests that change nothing or do not mind each other."""
    copy = shutil.copy(migrated_sqlite_file, tmp_path_factory.mktemp("embedded") / "thuphi.sqlite3")
    engine = make_engine(f"sqlite:///{copy}")
    yield installation_with_keys(engine)
    engine.dispose()


@pytest.fixture
def caller(embedded: Installation, runner: asyncio.Runner) -> Caller:
    """The same portal on that installation."""
    return Caller(runner, make_web(embedded.gateway), KEY)


def wish(**changed: Any) -> dict[str, Any]:
    """The body of a sound payment request; a field given as None is left out."""
    body = {
        "dossier_code": "HS-2026-000001",
        "procedure_code": "2.000815",
        "inputs": {"pages": 3, "copies": 1},
        "payer": {"name": "Nguyễn Thị Ánh"},
        "return_url": "https://portal.example/hs",
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


def notice(**changed: Any) -> dict[str, Any]:
    """An obligation of one line; ``changed`` are fields of the line."""
    line = {
        "name_vi": "Tiền phạt",
        "amount_dong": 1000,
        "sub_item": "4254",
        "legal_basis_vi": "Quyết định 1/QĐ",
        **changed,
    }
    return {"agency_code": "ubnd-phuong", "number": "1/QĐ", "lines": [line]}


def problems(caller: Caller, body: object) -> dict[str, str]:
    """The fields that a body is refused for, with their messages."""
    answer = caller.post(PATH, body)
    assert answer.status_code == 422, answer.text
    return {each["field"]: each["message"] for each in answer.json()["errors"]}
