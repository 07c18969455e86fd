"""The conformance suite: VNPAY passes, and whatever a careless provider gets wrong is found."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from providers import (
    Acknowledgement,
    Answer,
    Ask,
    BadSignature,
    Incoming,
    LocalProviderError,
    Malformed,
    Notice,
    Order,
    Provider,
    Question,
    Redirect,
    RefundOrder,
    RefundOutcome,
    RefundQuestion,
    Unsupported,
    Verdict,
    VnPay,
)
from providers.protocol import ALL_COVERED, Capabilities, Setting
from providers.testing import CHECKS, Report, Samples, examine
from tests.providers.samples import SECRET, SETTINGS, signed, vnpay


def vnpay_paid(reference: str, amount_dong: int) -> Incoming:
    return signed(TxnRef=reference, Amount=str(amount_dong * 100))


def vnpay_other(reference: str, amount_dong: int) -> Incoming:
    return signed(TxnRef=reference, Amount=str(amount_dong * 100), TmnCode="PGDEV002")


def vnpay_code(reference: str, amount_dong: int, code: str) -> Incoming:
    return signed(TxnRef=reference, Amount=str(amount_dong * 100), ResponseCode=code)


VNPAY_SAMPLES = Samples(vnpay_paid, vnpay_other, vnpay_code, (SECRET,))


def failed(report: Report) -> list[str]:
    return [check.name for check in report.failures]


def test_vnpay_passes_every_check() -> None:
    report = examine(vnpay(), VNPAY_SAMPLES)
    assert report.passed, str(report)
    assert [check.name for check in report.checks] == list(CHECKS)
    assert str(report).count("ok  ") == len(CHECKS)


# A second provider, whose messages are JSON with a signature in a header, so that the suite is not
# VNPAY's alone. Each fault below breaks it in one place.

KEY = "key-of-the-json-provider"


def json_message(fields: dict[str, Any], key: str = KEY) -> Incoming:
    body = json.dumps(fields).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return Incoming("POST", "", {"content-type": "application/json", "x-signature": signature}, body)


def json_paid(reference: str, amount_dong: int, code: str = "PAID", merchant: str = "M1") -> Incoming:
    data = {"order": reference, "amounts": [amount_dong], "code": code}
    return json_message({"merchant": merchant, "data": data, "note": None})


JSON_SAMPLES = Samples(
    paid=json_paid,
    for_other_merchant=lambda reference, amount: json_paid(reference, amount, merchant="M2"),
    with_code=lambda reference, amount, code: json_paid(reference, amount, code),
    secrets=(KEY,),
)


@dataclass(frozen=True)
class JsonPay:
    """A small provider by JSON, right in everything."""

    name: ClassVar[str] = "jsonpay"
    title: ClassVar[str] = "JSON Pay"
    settings: ClassVar[tuple[Setting, ...]] = ()
    capabilities: ClassVar[Capabilities] = Capabilities(
        least_dong=1_000,
        most_dong=50_000_000,
        query=False,
        refund=False,
        partial_refund=False,
        refund_query=False,
        payment_window_seconds=900,
    )
    key: str = field(default=KEY, repr=False)

    @classmethod
    def from_settings(cls, values: object) -> JsonPay:
        return cls()

    @property
    def merchant(self) -> str:
        return "M1"

    def start(self, order: Order) -> Redirect:
        if not self.capabilities.least_dong <= order.amount_dong <= self.capabilities.most_dong:
            raise LocalProviderError("amount")
        return Redirect("https://json.example/pay")

    def hear(self, incoming: Incoming) -> Notice:
        expected = hmac.new(self.key.encode(), incoming.body, hashlib.sha256).hexdigest()
        if incoming.headers.get("x-signature", "").lower() != expected:
            raise BadSignature("x-signature")
        return self.parse(incoming.body)

    def parse(self, body: bytes) -> Notice:
        fields = json.loads(body)
        if fields["merchant"] != "M1":
            raise Malformed("merchant")
        data = fields["data"]
        verdict = {"PAID": Verdict.PAID}.get(data["code"], Verdict.UNKNOWN)
        return Notice(verdict, data["order"], ALL_COVERED, data["amounts"][0])

    def reply(self, acknowledgement: Acknowledgement) -> Answer:
        return Answer(204, "application/json", b"")

    def query(self, question: Question) -> Ask[Notice]:
        raise Unsupported("query")

    def refund(self, refund: RefundOrder) -> Ask[RefundOutcome]:
        raise Unsupported("refund")

    def query_refund(self, question: RefundQuestion) -> Ask[RefundOutcome]:
        raise Unsupported("query_refund")


def test_a_provider_of_json_and_headers_passes_every_check_too() -> None:
    report = examine(JsonPay(), JSON_SAMPLES)
    assert report.passed, str(report)


def test_a_provider_whose_messages_have_no_code_is_not_asked_about_one() -> None:
    assert examine(JsonPay(), replace(JSON_SAMPLES, with_code=None)).passed


class Trusting(JsonPay):
    """Believes without looking at the signature."""

    def hear(self, incoming: Incoming) -> Notice:
        try:
            return self.parse(incoming.body)
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            raise Malformed("body") from None


class ReadsFirst(JsonPay):
    """Parses before it verifies, so that a broken body raises something else."""

    def hear(self, incoming: Incoming) -> Notice:
        json.loads(incoming.body)
        return super().hear(incoming)


class AnyMerchant(JsonPay):
    def parse(self, body: bytes) -> Notice:
        return super().parse(body.replace(b'"M2"', b'"M1"'))


class Guessing(JsonPay):
    def parse(self, body: bytes) -> Notice:
        notice = super().parse(body)
        return replace(notice, verdict=Verdict.FAILED) if notice.verdict is Verdict.UNKNOWN else notice


class Hundredfold(JsonPay):
    def parse(self, body: bytes) -> Notice:
        notice = super().parse(body)
        return replace(notice, amount_dong=(notice.amount_dong or 0) * 100)


class CaseMatters(JsonPay):
    """Says something else of a message whose signature is in upper case."""

    def hear(self, incoming: Incoming) -> Notice:
        notice = super().hear(incoming)
        return notice if incoming.headers["x-signature"].islower() else replace(notice, message="odd")


class Counting(JsonPay):
    """Keeps state, so that a repeated message is heard differently."""

    heard: ClassVar[list[Incoming]] = []

    def hear(self, incoming: Incoming) -> Notice:
        notice = super().hear(incoming)
        self.heard.append(incoming)
        return replace(notice, message=str(len(self.heard)))


class Limitless(JsonPay):
    def start(self, order: Order) -> Redirect:
        return Redirect("https://json.example/pay")


class Timid(JsonPay):
    def start(self, order: Order) -> Any:
        return None


class Queries(JsonPay):
    capabilities = replace(JsonPay.capabilities, query=True)


class AsksAboutRefunds(JsonPay):
    capabilities = replace(JsonPay.capabilities, refund_query=True)


class Wordless(JsonPay):
    def reply(self, acknowledgement: Acknowledgement) -> Answer:
        return Answer(0, "", b"")


class Boasting(JsonPay):
    def hear(self, incoming: Incoming) -> Notice:
        try:
            return super().hear(incoming)
        except BadSignature:
            raise BadSignature(f"not signed with {self.key}") from None


GENUINE, REPLAYED, FORGED, NUMBERS, MERCHANT, CUT, DOUBLED, ENCODED, *OTHERS = CHECKS
HEX, LONG, CODE, REPLIES, LIMITS, WORDS, SHOWN = OTHERS


class Falling(JsonPay):
    def start(self, order: Order) -> Redirect:
        raise ZeroDivisionError("by zero")


@pytest.mark.parametrize(
    ("broken", "names"),
    [
        (Trusting, [FORGED, NUMBERS]),
        (ReadsFirst, [CUT, ENCODED, LONG]),
        (AnyMerchant, [MERCHANT]),
        (Guessing, [CODE]),
        (Hundredfold, [GENUINE]),
        (CaseMatters, [HEX]),
        (Counting, [REPLAYED]),
        (Limitless, [LIMITS]),
        (Timid, [LIMITS]),
        (Falling, [LIMITS]),
        (Queries, [WORDS]),
        (AsksAboutRefunds, [WORDS]),
        (Wordless, [REPLIES]),
        (Boasting, [SHOWN]),
    ],
)
def test_what_a_careless_provider_gets_wrong_is_found(
    broken: Callable[[], Provider], names: list[str]
) -> None:
    report = examine(broken(), JSON_SAMPLES)
    assert not report.passed
    assert set(names) <= set(failed(report)), str(report)
    assert all(check.detail for check in report.failures)
    assert "FAIL" in str(report)


def test_only_the_broken_place_is_reported() -> None:
    assert failed(examine(AnyMerchant(), JSON_SAMPLES)) == [MERCHANT]
    assert failed(examine(Guessing(), JSON_SAMPLES)) == [CODE]
    assert failed(examine(Queries(), JSON_SAMPLES)) == [WORDS]


class LenientVnPay(VnPay):
    """Reads the first of two equal names, and so believes what was not signed."""

    def hear(self, incoming: Incoming) -> Notice:
        notice = super().hear(signed())
        return replace(notice, reference="KT20240105A1", amount_dong=len(incoming.query_string))


def test_a_provider_by_query_string_that_believes_anything_is_found() -> None:
    report = examine(LenientVnPay.from_settings(SETTINGS), VNPAY_SAMPLES)
    assert {FORGED, NUMBERS, CUT, DOUBLED, ENCODED, LONG, MERCHANT} <= set(failed(report))
