"""Whatever is wrong with a call, it gets one clear answer, and nothing is half done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from payments.app import make_web
from payments.core.money import MOST_DONG
from payments.store.database import make_engine
from payments.store.tables import payment_requests
from payments.use_cases import read_requests
from payments.web.security import MOST_BODY_BYTES
from tests.gateway import Installation
from tests.web.portal.conftest import PATH, Caller, notice, problems, wish

JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def nothing_half_done(embedded: Installation) -> Iterator[None]:
    """After each of these tests there is still no request."""
    yield
    with embedded.gateway.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(payment_requests)).scalar_one() == 0


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "missing_api_key"), ("thuphi_WRONG", "wrong_api_key"), ("\u00e9".encode(), "wrong_api_key")],
)
def test_a_call_without_a_valid_key_is_refused_before_anything_is_read(
    caller: Caller, key: Any, code: str
) -> None:
    headers = (
        {}
        if key is None
        else {"Authorization": b"Bearer " + key if isinstance(key, bytes) else f"Bearer {key}"}
    )
    stranger = Caller(caller.runner, caller.app, None)
    answer = stranger.call("POST", PATH, content=b"not json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("value", ["Basic dGh1cGhp", "Bearer", "thuphi_KEY", "Bearer a b"])
def test_what_is_not_a_bearer_key_counts_as_none(caller: Caller, value: str) -> None:
    answer = Caller(caller.runner, caller.app, None).get(PATH, headers={"Authorization": value})
    assert answer.json()["code"] == "missing_api_key"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"dossier_code": "HS-1",\n "inputs": }', "line 2, column 12"),
        (b'{"dossier_code": "\xff"}', "line 1, column 19"),
        (b'{"a": 1} {"b": 2}', "line 1, column 10"),
        (b"[1, 2]", "line 1, column 1"),
        (b'{"a": NaN}', "NaN is not JSON (line 1, column 7)"),
        (
            '{"á": "NaN \\" NaN",\n "b": [-Infinity, NaN]}'.encode(),
            "-Infinity is not JSON (line 2, column 8)",
        ),
        (b"[" * 60_000, "Nested too deeply"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "Nested too deeply"),
        ("\ufeff{}".encode(), "line 1, column 1"),
        ('{"a": 1}'.encode("utf-16"), "line 1, column 1"),
    ],
)
def test_a_body_that_is_not_json_is_told_where(caller: Caller, content: bytes, place: str) -> None:
    answer = caller.post(PATH, content=content, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert place in answer.json()["detail"]


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_a_body_that_is_not_sent_as_json_is_refused(caller: Caller, media_type: str) -> None:
    answer = caller.post(PATH, content=json.dumps(wish()).encode(), headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")


def test_a_compressed_body_is_refused(caller: Caller) -> None:
    answer = caller.post(PATH, content=b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused_whatever_its_headers_say(caller: Caller, declared: bool) -> None:
    content = json.dumps(wish(payer={"name": "x" * MOST_BODY_BYTES})).encode()

    async def in_parts() -> Any:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    answer = caller.post(PATH, content=content if declared else in_parts(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_every_fault_of_a_body_is_named_at_once(caller: Caller) -> None:
    body = {
        "dossier_code": " ",
        "procedure_code": 5,
        "inputs": {"pages": [1], "Bad Name": 1},
        "channel": "fax",
        "filed_on": "31/12/2026",
        "payer": {"name": 3, "tax_code": "abc", "phone": "0900"},
        "return_url": "javascript:alert(1)",
        "lifetime_seconds": 1,
        "unknown": True,
    }
    assert set(problems(caller, body)) == {
        "dossier_code",
        "procedure_code",
        "inputs.pages",
        "inputs.Bad Name",
        "channel",
        "filed_on",
        "payer.name",
        "payer.tax_code",
        "payer.phone",
        "return_url",
        "lifetime_seconds",
        "unknown",
    }


def test_every_message_is_there_in_vietnamese_too(caller: Caller) -> None:
    errors = caller.post(PATH, {"channel": "fax", "filed_on": "x", "unknown": 1}).json()["errors"]
    assert len(errors) == 4
    assert all(each["message"] != each["message_vi"] and each["message_vi"] for each in errors)
    assert not any("{" in each["message"] for each in errors)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("1000.0", "whole number"),
        ("1e3", "whole number"),
        ('"1000"', "not in quotes"),
        ("true", "whole number"),
        ("null", "whole number"),
        ("0", "at least 1"),
        ("-5", "at least 1"),
        (str(MOST_DONG + 1), "at most 1,000,000,000,000"),
        ("1" + "0" * 17, "at most 1,000,000,000,000"),
        ("1" + "0" * 20, "too large: none may be above 1,000,000,000,000"),
        ("9" * 5000, "too large: none may be above 1,000,000,000,000"),
        ("-1" + "0" * 20, "too small"),
    ],
)
def test_T32_an_amount_is_a_whole_number_within_bounds(caller: Caller, written: str, message: str) -> None:
    body = json.dumps(wish(procedure_code=None, inputs=None, obligation=notice(amount_dong="AMOUNT")))
    answer = caller.post(PATH, content=body.replace('"AMOUNT"', written).encode(), headers=JSON)
    assert answer.status_code == 422
    errors = {each["field"]: each["message"] for each in answer.json()["errors"]}
    assert message in errors["obligation.lines[0].amount_dong"]


def test_T32_lines_together_stay_within_the_bound_too(caller: Caller) -> None:
    lines = [notice(amount_dong=MOST_DONG)["lines"][0], notice(amount_dong=1)["lines"][0]]
    body = wish(procedure_code=None, inputs=None, obligation={**notice(), "lines": lines})
    assert caller.post(PATH, body).json()["code"] == "amount_out_of_bounds"


def test_a_key_given_twice_is_refused_and_not_guessed(caller: Caller) -> None:
    content = b'{"dossier_code": "HS-1", "dossier_code": "HS-2", "payer": {"name": "A", "name": "B"}}'
    answer = caller.post(PATH, content=content, headers=JSON)
    assert [each["field"] for each in answer.json()["errors"]] == ["dossier_code"]
    inner = b'{"dossier_code": "HS-1", "payer": {"name": "A", "name": "B"}}'
    answer = caller.post(PATH, content=inner, headers=JSON)
    assert [each["field"] for each in answer.json()["errors"]] == ["payer.name"]


@pytest.mark.parametrize("letters", ["\x00", "\x1b[31m", "\u202egnp.exe", "\ud800", "two\nlines"])
def test_letters_that_no_name_has_are_refused(caller: Caller, letters: str) -> None:
    content = json.dumps(wish(payer={"name": f"Nguyễn {letters}"})).encode()
    answer = caller.post(PATH, content=content, headers=JSON)
    assert [each["field"] for each in answer.json()["errors"]] == ["payer.name"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"procedure_code": None, "inputs": None}, "body"),
        ({"obligation": notice()}, "body"),
        ({"procedure_code": None, "obligation": notice()}, "body"),
        ({"inputs": {"pages": {"a": 1.5}}}, "inputs.pages.a"),
        ({"inputs": {"pages": {"a": True}}}, "inputs.pages"),
        ({"inputs": {"pages": "9" * 501}}, "inputs.pages"),
        ({"dossier_code": "x" * 101}, "dossier_code"),
        ({"return_url": "https://"}, "return_url"),
        ({"return_url": "https:///etc"}, "return_url"),
        ({"return_url": "ftp://portal.example"}, "return_url"),
        ({"return_url": "https://user:pw@evil.example/a"}, "return_url"),
        ({"return_url": "https://portal.example/a\\b"}, "return_url"),
        ({"return_url": "https://portal.example\\@evil.example"}, "return_url"),
        ({"dossier_code": "."}, "dossier_code"),
        ({"dossier_code": " .. "}, "dossier_code"),
        ({"dossier_code": "H29/../0001"}, "dossier_code"),
        ({"beneficiaries": ["merit", "merti"]}, "beneficiaries"),
        ({"territory": "xx"}, "territory"),
        ({"agency_code": "a b"}, "agency_code"),
    ],
)
def test_a_body_that_contradicts_itself_or_its_limits_is_refused(
    caller: Caller, changed: dict[str, Any], field: str
) -> None:
    assert set(problems(caller, wish(**changed))) == {field}


@pytest.mark.parametrize("path", ["/v1/quotes", PATH])
def test_an_unknown_procedure_is_refused_with_a_hint(caller: Caller, path: str) -> None:
    body = wish(procedure_code="2.000816") if path == PATH else {"procedure_code": "2.000816"}
    answer = caller.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_procedure")
    assert answer.json()["errors"][0]["field"] == "procedure_code"
    assert "2.000815" in answer.json()["errors"][0]["message"]


def test_an_unknown_procedure_is_not_there(caller: Caller) -> None:
    answer = caller.get("/v1/procedures/9.999999")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_procedure")


@pytest.mark.parametrize(
    ("inputs", "fields"),
    [
        ({}, {"inputs.pages"}),
        ({"pages": -1, "colour": "red"}, {"inputs.pages", "inputs.colour"}),
        ({"pages": 10**17}, {"inputs.pages"}),
        ({"pages": "many"}, {"inputs.pages"}),
    ],
)
def test_missing_or_absurd_inputs_are_all_named(
    caller: Caller, inputs: dict[str, object], fields: set[str]
) -> None:
    assert fields <= set(problems(caller, wish(inputs=inputs)))


@pytest.mark.parametrize(
    ("claim", "word"), [({"beneficiaries": ["merti"]}, "merit"), ({"territory": "xx"}, "31")]
)
def test_a_claim_that_no_text_knows_is_refused_with_the_words_that_are(
    caller: Caller, claim: dict[str, object], word: str
) -> None:
    answer = caller.post("/v1/quotes", {"procedure_code": "2.000815", "inputs": {"pages": 3}, **claim})
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid")
    errors = {each["field"]: each["message"] for each in answer.json()["errors"]}
    assert errors.keys() == claim.keys()
    assert word in str(errors)


@pytest.mark.parametrize("path", ["/v1/procedures/", f"{PATH}/", "/docs/"])
def test_a_slash_too_many_never_leads_to_the_host_that_a_caller_names(caller: Caller, path: str) -> None:
    answer = caller.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_an_unknown_agency_is_refused(caller: Caller) -> None:
    answer = caller.post(PATH, wish(agency_code="nobody"))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_agency")


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "khóa"])
def test_an_idempotency_key_is_visible_letters(caller: Caller, key: str) -> None:
    answer = caller.post(PATH, wish(), headers={"Idempotency-Key": key.encode()})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("state=gone", "state"),
        ("cursor=%00", "cursor"),
        ("cursor=x", "cursor"),
        ("dossier_code=", "dossier_code"),
        ("procedure_code=", "procedure_code"),
        ("state=", "state"),
        ("created_from=0001-01-01T00:00:00%2B14:00", "created_from"),
        ("created_to=9999-12-31T23:59:59-14:00", "created_to"),
        ("created_from=2026-01-01", "created_from"),
        ("created_from=yesterday", "created_from"),
        ("dosier_code=HS-1", "dosier_code"),
    ],
)
def test_a_wrong_or_unknown_parameter_is_refused_and_not_ignored(
    caller: Caller, query: str, field: str
) -> None:
    answer = caller.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_fields")
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "path",
    [f"{PATH}/%00", "/v1/dossiers/a%00b", "/v1/receipts/%1b", "/v1/receipts/EBL01", f"{PATH}/{'x' * 5000}"],
)
def test_an_address_that_names_nothing_is_not_there(caller: Caller, path: str) -> None:
    assert caller.get(path).status_code == 404


def test_a_parameter_with_a_nul_finds_nothing(caller: Caller) -> None:
    assert caller.get(f"{PATH}?dossier_code=%00").json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", PATH, {"GET", "HEAD", "POST"}),
        ("GET", "/v1/quotes", {"POST"}),
        ("PUT", f"{PATH}/pr_1", {"GET", "HEAD"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    caller: Caller, method: str, path: str, allowed: set[str]
) -> None:
    answer = caller.call(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_an_unexpected_fault_is_logged_and_tells_nothing_of_the_inside(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(read_requests, "get_request", broken)
    answer = caller.get(f"{PATH}/pr_1")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert [entry["event"] for entry in logged] == ["request failed", "request answered"]
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    assert "Content-Security-Policy" in answer.headers


def check_come_back_later(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "api_keys" not in answer.text


@contextmanager
def with_database(caller: Caller, installation: Installation, url: str) -> Iterator[Caller]:
    """The same caller, of a gateway whose database is at ``url``."""
    engine = make_engine(url)
    yield Caller(caller.runner, make_web(replace(installation.gateway, engine=engine)), caller.key)
    engine.dispose()


def test_a_database_without_tables_is_an_answer_to_come_back_later(
    embedded: Installation, caller: Caller, empty_database_url: str
) -> None:
    with with_database(caller, embedded, empty_database_url) as stranded:
        check_come_back_later(stranded.get(PATH))


def test_a_database_out_of_reach_is_an_answer_to_come_back_later(
    embedded: Installation, caller: Caller, free_port: int
) -> None:
    url = f"postgresql://thuphi@127.0.0.1:{free_port}/thuphi"
    with with_database(caller, embedded, url) as stranded:
        check_come_back_later(stranded.get(PATH))
