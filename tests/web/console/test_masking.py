"""Messages as they are shown: everything an officer needs, nothing that signs or opens."""

from __future__ import annotations

import json

import pytest

from payments.use_cases.mask_message import MASK, mask_message

SIGNATURE = "9a" * 32
TOKEN = "QmFzZTY0U2lnbmF0dXJlT2ZBTG9uZ0VsZWN0cm9uaWNNZXNzYWdlMTIz"


def test_fields_of_the_address_are_shown_and_signatures_are_not() -> None:
    shown = mask_message("GET", f"vnp_Amount=100&vnp_CardType=ATM&vnp_SecureHash={SIGNATURE}", {}, b"")
    assert {field.name: field.value for field in shown.query} == {
        "vnp_Amount": "100",
        "vnp_CardType": "ATM",
        "vnp_SecureHash": MASK,
    }


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "cookie",
        "x-signature",
        "mac",
        "sign",
        "checksum",
        "X-Api-Key",
        "access_token",
        "cardNumber",
    ],
)
def test_what_is_secret_by_its_name_is_masked(name: str) -> None:
    shown = mask_message(
        "POST", "", {name: "abc"}, json.dumps({"inner": {name: "abc"}, "amount": 5}).encode()
    )
    assert shown.headers[0].value == MASK
    assert "abc" not in shown.body
    assert '"amount": 5' in shown.body


@pytest.mark.parametrize(
    "secret", [SIGNATURE, SIGNATURE.upper(), TOKEN, TOKEN + "==", f"eyJhbGciOi.{TOKEN}.x"]
)
@pytest.mark.parametrize("text", ["{0}", "v1,{0}", "before {0} after", "a|b|{0}"])
def test_a_long_signature_is_masked_whatever_it_is_called(text: str, secret: str) -> None:
    document = json.dumps({"anything": text.format(secret)}).encode()
    for shown in (
        mask_message("POST", "", {"anything": text.format(secret)}, b"").headers[0].value,
        mask_message("POST", "", {}, document).body,
        mask_message("POST", "", {}, text.format(secret).encode()).body,
    ):
        assert secret not in shown
        assert MASK in shown


def test_a_document_inside_a_text_is_masked_too() -> None:
    inner = json.dumps({"app_trans_id": "1", "mac": "short"})
    shown = mask_message("POST", "", {}, json.dumps({"data": inner, "mac": SIGNATURE}).encode())
    assert "short" not in shown.body
    assert "app_trans_id" in shown.body


def test_a_form_is_shown_by_its_fields() -> None:
    shown = mask_message("POST", "", {"content-type": "x"}, b"a=1&sign=abc&name=Nguy%E1%BB%85n")
    assert [(field.name, field.value) for field in shown.fields] == [
        ("a", "1"),
        ("sign", MASK),
        ("name", "Nguyễn"),
    ]
    assert shown.body == ""


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b"\xff\xfe\x00", "(3 byte)"),
        (b"<xml>x</xml>", "<xml>x</xml>"),
        (b"null", "null"),
        (b"[" * 100_000, "[" * 8_000 + "…"),
        (b"TP01M81ARQ30SX3R1XWM7KHTHHNF", "TP01M81ARQ30SX3R1XWM7KHTHHNF"),
    ],
)
def test_any_body_can_be_shown(body: bytes, shown: str) -> None:
    assert mask_message("POST", "", {}, body).body == shown
