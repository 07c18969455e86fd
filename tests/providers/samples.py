"""One VNPAY terminal, its orders and its messages, as the tests of providers use them.

Messages are signed by the look-alike, which shares no code with the module that hears them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from providers import Incoming, Order, Question, RefundOrder, Reply, VnPay
from providers.sandbox.vnpay_messages import signed_answer, signed_query

SECRET = "PGTESTVNPAYSECRETDEV0000000000A1"
TERMINAL = "PGDEV001"
PAY_URL = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html"
API_URL = "https://sandbox.vnpayment.vn/merchant_webapi/api/transaction"
SETTINGS: Mapping[str, Any] = {
    "terminal_code": TERMINAL,
    "hash_secret": SECRET,
    "pay_url": PAY_URL,
    "api_url": API_URL,
}

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "vnpay.json").read_text(encoding="utf-8")
)["vectors"]

CREATED_AT = datetime(2024, 1, 5, 2, 30, tzinfo=UTC)  # 09:30 in Vietnam
PAID: Mapping[str, str] = {
    "vnp_Amount": "1000000",
    "vnp_BankCode": "NCB",
    "vnp_BankTranNo": "VNP14226112",
    "vnp_CardType": "ATM",
    "vnp_OrderInfo": "Thanh toan le phi ho so 000.00.01.H26-240105-0001",
    "vnp_PayDate": "20240105093512",
    "vnp_ResponseCode": "00",
    "vnp_TmnCode": TERMINAL,
    "vnp_TransactionNo": "14226112",
    "vnp_TransactionStatus": "00",
    "vnp_TxnRef": "TT20240001",
}


def vnpay(**changes: Any) -> VnPay:
    return VnPay.from_settings({**SETTINGS, **changes})


def get(query_string: str) -> Incoming:
    return Incoming("GET", query_string, {}, b"")


def signed(secret: str = SECRET, **changes: str) -> Incoming:
    """A genuine notice of payment with some fields changed before it is signed; empty ones are left out."""
    fields = {**PAID, **{f"vnp_{name}": value for name, value in changes.items()}}
    return get(signed_query(fields, secret))


def order(**changes: Any) -> Order:
    usual = Order(
        reference="TT20240001",
        amount_dong=10_000,
        description="Thanh toan le phi",
        created_at=CREATED_AT,
        expires_at=CREATED_AT + timedelta(minutes=15),
        return_url="https://thanhtoan.example.gov.vn/vnpay/return",
        notice_url="https://thanhtoan.example.gov.vn/vnpay/ipn",
        payer_address="203.113.131.9",
    )
    return replace(usual, **changes)


def question(**changes: Any) -> Question:
    asked_at = CREATED_AT + timedelta(minutes=30)
    return Question(order(**changes), request_id="Q1", asked_at=asked_at, caller_address="203.113.131.9")


def refund_order(amount_dong: int = 10_000, **changes: Any) -> RefundOrder:
    usual = RefundOrder(
        order=order(),
        reference="RF1",
        amount_dong=amount_dong,
        officer="ketoan01",
        reason="Hoàn tiền hồ sơ bị trả lại",
        asked_at=CREATED_AT + timedelta(days=1),
        caller_address="203.113.131.9",
    )
    return replace(usual, **changes)


def answer(command: str, secret: str = SECRET, **changes: str) -> Reply:
    """A genuine answer of VNPAY's server with some fields changed before it is signed."""
    fields = {**PAID, "vnp_ResponseId": "a1", "vnp_Command": command, "vnp_Message": "ok"}
    fields |= {f"vnp_{name}": value for name, value in changes.items()}
    return json_reply(signed_answer(fields, secret))


def json_reply(fields: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(fields).encode())


def query_fields(url: str) -> dict[str, str]:
    return dict(parse_qsl(url.partition("?")[2], keep_blank_values=True))


def of_operation(operation: str) -> list[Any]:
    """The vectors of one operation as pytest parameters, named by their ids."""
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["operation"] == operation]
