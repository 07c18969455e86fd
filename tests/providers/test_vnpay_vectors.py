"""The module against every vector; the look-alike is held to the same ones in ``sandbox``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from providers import (
    Acknowledgement,
    BadSignature,
    LocalProviderError,
    Order,
    Question,
    RefundOrder,
    RefundVerdict,
    Verdict,
    VnPay,
)
from providers.signing import Digest, Keys
from providers.vnpay_wire import signed_url
from tests.providers.samples import PAY_URL, VECTORS, get, json_reply, of_operation, order, vnpay

Vector = dict[str, Any]

# The npm package and other clients differ here, so each is a choice of ours, with its reason.
CHOSEN_TO_VERIFY = {
    "ipn-uppercase-hash": "the case of hex digits carries no meaning, and VNPAY's own C# sample ignores it",
    "ipn-foreign-query-param": "a field whose name does not begin with vnp_ is ours, not VNPAY's",
}

# The order text of these is not what VNPAY asks for: ``start`` cleans it, and only the signing is tested.
NOT_CLEAN = {"pay-diacritics", "pay-reserved-characters"}


def wire_moment(number: int) -> datetime:
    local = datetime.strptime(str(number), "%Y%m%d%H%M%S").replace(tzinfo=timezone(timedelta(hours=7)))
    return local.astimezone(UTC)


def vector_order(given: Vector) -> Order:
    return order(
        reference=given["vnp_TxnRef"],
        amount_dong=given["vnp_Amount"],
        description=given["vnp_OrderInfo"],
        created_at=wire_moment(given["vnp_CreateDate"]),
        expires_at=wire_moment(given["vnp_ExpireDate"]),
        return_url=given["vnp_ReturnUrl"],
        payer_address=given["vnp_IpAddr"],
        language="en" if given.get("vnp_Locale") == "en" else "vi",
    )


def vector_provider(vector: Vector) -> VnPay:
    return vnpay(
        terminal_code=vector["tmn_code"],
        hash_secret=vector["secret"],
        bank_code=vector["input"].get("vnp_BankCode", "") if "input" in vector else "",
    )


def test_every_vector_belongs_to_an_operation_that_is_tested_here() -> None:
    assert {vector["operation"] for vector in VECTORS} == {
        "pay_url",
        "ipn_or_return_verify",
        "querydr",
        "refund",
    }
    assert {vector["id"] for vector in VECTORS if vector["strength"] != "must"} == set(CHOSEN_TO_VERIFY)


@pytest.mark.parametrize("vector", of_operation("pay_url"))
def test_the_fields_of_a_pay_vector_are_signed_and_sent_as_the_vector_says(vector: Vector) -> None:
    keys = Keys.of(Digest.SHA512, [vector["secret"]])
    assert signed_url(PAY_URL, vector["expect"]["params"], keys) == vector["expect"]["url"]


@pytest.mark.parametrize("vector", of_operation("pay_url"))
def test_starting_the_order_of_a_pay_vector_gives_its_address(vector: Vector) -> None:
    url = vector_provider(vector).start(vector_order(vector["input"])).url
    assert (url == vector["expect"]["url"]) == (vector["id"] not in NOT_CLEAN)


@pytest.mark.parametrize("vector", of_operation("ipn_or_return_verify"))
def test_a_notice_vector_is_heard_or_refused_as_it_says(vector: Vector) -> None:
    expect = vector["expect"]
    if not (expect["verified"] or vector["id"] in CHOSEN_TO_VERIFY):
        with pytest.raises(BadSignature):
            vector_provider(vector).hear(get(vector["query_string"]))
        return
    notice = vector_provider(vector).hear(get(vector["query_string"]))
    assert notice.amount_dong == expect["amount_vnd"]
    assert (notice.verdict is Verdict.PAID) == (expect["paid"] or vector["id"] in CHOSEN_TO_VERIFY)
    assert notice.conclusive


def acknowledgement_of(vector: Vector, provider: VnPay) -> Acknowledgement:
    """VNPAY's order of decisions, on the order that the vector puts beside its message."""
    known = vector["order"]
    try:
        notice = provider.hear(get(vector["query_string"]))
    except BadSignature:
        return Acknowledgement.BAD_SIGNATURE
    if not known["exists"]:
        return Acknowledgement.UNKNOWN_ORDER
    if notice.amount_dong != known["amount_vnd"]:
        return Acknowledgement.WRONG_AMOUNT
    return Acknowledgement.RECORDED if known["status"] == "pending" else Acknowledgement.DUPLICATE


@pytest.mark.parametrize("vector", of_operation("ipn_or_return_verify"))
def test_a_notice_vector_is_answered_in_the_words_it_gives(vector: Vector) -> None:
    provider = vector_provider(vector)
    reply = provider.reply(acknowledgement_of(vector, provider))
    expected = vector.get("expect_reply", {"RspCode": "00", "Message": "Confirm Success"})
    assert (reply.status, reply.media_type, json.loads(reply.body)) == (200, "application/json", expected)


def text_values(fields: Vector) -> dict[str, str]:
    """The npm package writes numbers as JSON numbers, VNPAY's own samples as text; we write text."""
    return {name: str(value) for name, value in fields.items()}


def vector_question(given: Vector) -> Question:
    asked_order = order(
        reference=given["vnp_TxnRef"],
        created_at=wire_moment(given["vnp_TransactionDate"]),
        provider_reference=str(given["vnp_TransactionNo"]),
    )
    asked_at = wire_moment(given["vnp_CreateDate"])
    return Question(asked_order, given["vnp_RequestId"], asked_at, given["vnp_IpAddr"])


@pytest.mark.parametrize("vector", of_operation("querydr"))
def test_a_query_vector_is_asked_with_its_body_and_its_hash(vector: Vector) -> None:
    request = vector_provider(vector).query(vector_question(vector["input"])).request
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    assert request.url.endswith(vector["expect"]["http"]["path"])
    assert json.loads(request.body) == text_values(vector["expect"]["request_body"])


QUERY_VERDICTS = {
    "querydr-paid": Verdict.PAID,
    "querydr-paid-with-promotion": Verdict.PAID,
    "querydr-not-found-91": Verdict.NOT_FOUND,
}


@pytest.mark.parametrize("vector", of_operation("querydr"))
def test_a_query_vector_is_read_only_when_its_answer_is_genuine(vector: Vector) -> None:
    step = vector_provider(vector).query(vector_question(vector["input"]))
    if not vector["expect_response_verified"]:
        with pytest.raises(BadSignature):
            step.read(json_reply(vector["response"]))
        return
    notice = step.read(json_reply(vector["response"]))
    assert getattr(notice, "verdict", None) is QUERY_VERDICTS[vector["id"]]


def vector_refund(given: Vector) -> RefundOrder:
    paid_order = order(
        reference=given["vnp_TxnRef"],
        amount_dong=10_000,
        created_at=wire_moment(given["vnp_TransactionDate"]),
        provider_reference=str(given.get("vnp_TransactionNo", "")),
    )
    return RefundOrder(
        order=paid_order,
        reference=given["vnp_RequestId"],
        amount_dong=given["vnp_Amount"],
        officer=given["vnp_CreateBy"],
        reason=given["vnp_OrderInfo"],
        asked_at=wire_moment(given["vnp_CreateDate"]),
        caller_address=given["vnp_IpAddr"],
    )


@pytest.mark.parametrize("vector", of_operation("refund"))
def test_a_refund_vector_is_asked_with_its_body_and_its_hash(vector: Vector) -> None:
    request = vector_provider(vector).refund(vector_refund(vector["input"])).request
    assert request.url.endswith(vector["expect"]["http"]["path"])
    assert json.loads(request.body) == text_values(vector["expect"]["request_body"])


REFUND_VERDICTS = {
    "refund-full": RefundVerdict.ACCEPTED,
    "refund-partial": RefundVerdict.ACCEPTED,
    "refund-without-transaction-no": RefundVerdict.UNKNOWN,
}


@pytest.mark.parametrize("vector", of_operation("refund"))
def test_a_genuine_refund_answer_is_believed_though_the_npm_package_refuses_it(vector: Vector) -> None:
    assert vector["response_is_genuine"]
    step = vector_provider(vector).refund(vector_refund(vector["input"]))
    outcome = step.read(json_reply(vector["response"]))
    assert getattr(outcome, "verdict", None) is REFUND_VERDICTS[vector["id"]]


@pytest.mark.parametrize("vector", of_operation("pay_url"))
def test_an_order_that_ends_when_it_begins_is_not_started(vector: Vector) -> None:
    same_moment = {**vector["input"], "vnp_ExpireDate": vector["input"]["vnp_CreateDate"]}
    with pytest.raises(LocalProviderError):
        vector_provider(vector).start(vector_order(same_moment))
