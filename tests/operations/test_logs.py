"""Logs: JSON lines in which no secret, no payment link and no person stands."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from payments.logs import MASK, configure_logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    configure_logs(stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def line(stream: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return found


def test_a_line_is_json_with_time_level_and_the_ids_that_were_bound(written: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="R1"):
        structlog.get_logger("x").info("đã ghi nhận", payment_request="pr_1", amount_dong=5000)
    found = line(written)
    assert found["request_id"] == "R1"
    assert found["payment_request"] == "pr_1"
    assert found["amount_dong"] == 5000
    assert found["event"] == "đã ghi nhận"
    assert found["level"] == "info"
    assert found["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "name",
    [
        "payer_name",
        "name",
        "address",
        "payer_address",
        "authorization",
        "Authorization",
        "cookie",
        "vnp_SecureHash",
        "hash_secret",
        "password",
        "api_key",
        "token",
        "webhook-signature",
        "tax_code",
        "email",
        "phone",
    ],
)
def test_a_field_of_a_person_or_a_secret_is_masked_however_deep(written: io.StringIO, name: str) -> None:
    log = structlog.get_logger("x")
    log.info("a", **{name: "Nguyễn Văn Ổn"})
    log.info("b", fields={"inner": [{name: "Nguyễn Văn Ổn"}]})
    assert "Nguyễn" not in written.getvalue()
    assert written.getvalue().count(MASK) == 2


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("GET /pay/1YC76W9EW6RF8W89RG7GT4RG8Y/receipt.pdf", "1YC76W9EW6RF"),
        ("GET /r/ZW568MSM92SC", "ZW568MSM92SC"),
        ("callback?vnp_Amount=1&vnp_SecureHash=abcdef0123&x=1", "abcdef0123"),
        ("vnp_OrderInfo=Nguyen+Van+On&vnp_TxnRef=TP1", "Nguyen"),
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("key thuphi_0123456789ABCDEF", "0123456789ABCDEF"),
        ("secret whsec_MDEyMzQ1Njc4OQ==", "MDEyMzQ1Njc4OQ"),
        ("postgresql://thuphi:hunter2@db/thuphi", "hunter2"),
    ],
)
def test_a_secret_inside_a_text_is_masked_and_the_rest_stays(
    written: io.StringIO, text: str, hidden: str
) -> None:
    structlog.get_logger("x").info(text, url=text)
    found = line(written)
    for part in (found["event"], found["url"]):
        assert hidden not in part
        assert MASK in part
        assert part.split(hidden[0])[0]


def test_an_error_is_told_by_its_kind_and_place_and_not_by_its_text(written: io.StringIO) -> None:
    try:
        raise ValueError("Nguyễn Văn Ổn, 12 Lê Lợi")
    except ValueError as error:
        structlog.get_logger("x").error("failed", exc_info=error)
    found = line(written)
    assert found["error"] == "ValueError"
    assert any("test_logs.py" in place for place in found["at"])
    assert "Nguyễn" not in written.getvalue()


def test_libraries_write_the_same_json_and_pass_the_same_mask(written: io.StringIO) -> None:
    logging.getLogger("any.library").error("bad request line /pay/1YC76W9EW6RF8W89RG7GT4RG8Y")
    assert "1YC76W9EW6RF" not in line(written)["event"]
    logging.getLogger("any.library").info("started")
    assert "started" not in written.getvalue()
