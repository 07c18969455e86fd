"""The look-alike against every vector, and against the module where they must agree."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from providers.sandbox.vnpay_bank import Transaction, notice_fields
from providers.sandbox.vnpay_messages import (
    barred,
    digest,
    query_holds,
    read_query,
    read_request,
    request_holds,
    signed_answer,
    signed_query,
)
from tests.providers.samples import SECRET, of_operation

Vector = dict[str, Any]


@pytest.mark.parametrize("vector", of_operation("pay_url"))
def test_the_address_of_a_pay_vector_verifies_and_only_with_its_secret(vector: Vector) -> None:
    fields = read_query(vector["expect"]["url"].partition("?")[2])
    assert fields == {**vector["expect"]["params"], "vnp_SecureHash": vector["expect"]["secure_hash"]}
    assert query_holds(fields, vector["secret"])
    assert not query_holds(fields, "another secret")
    assert not query_holds({**fields, "vnp_Amount": "200"}, vector["secret"])


@pytest.mark.parametrize("vector", of_operation("ipn_or_return_verify"))
def test_a_notice_vector_verifies_here_as_it_does_at_the_module(vector: Vector) -> None:
    chosen = vector["expect"]["verified"] or vector["strength"] != "must"
    assert query_holds(read_query(vector["query_string"]), vector["secret"]) == chosen


PLAIN_NOTICES = [
    parameter
    for parameter in of_operation("ipn_or_return_verify")
    if parameter.values[0]["expect"]["verified"] and "HashType" not in parameter.values[0]["query_string"]
]


@pytest.mark.parametrize("vector", PLAIN_NOTICES)
def test_the_look_alike_sends_the_very_content_of_a_notice_vector(vector: Vector) -> None:
    said = dict(parse_qsl(vector["query_string"]))
    transaction = Transaction(
        terminal=said["vnp_TmnCode"],
        reference=said["vnp_TxnRef"],
        create_date="20240105093000",
        expire_date="20240105094500",
        amount=int(said["vnp_Amount"]),
        order_info=said["vnp_OrderInfo"],
        return_url="https://thanhtoan.example.gov.vn/vnpay/return",
        locale="vn",
        token="t",
        number=said["vnp_TransactionNo"],
        response=said["vnp_ResponseCode"],
        status=said["vnp_TransactionStatus"],
        pay_date=said["vnp_PayDate"],
    )
    sent = signed_query(notice_fields(transaction), vector["secret"])
    assert dict(parse_qsl(sent)) == said


@pytest.mark.parametrize("vector", [*of_operation("querydr"), *of_operation("refund")])
def test_the_request_of_a_vector_verifies_with_numbers_as_numbers(vector: Vector) -> None:
    fields = read_request(json.dumps(vector["expect"]["request_body"]).encode())
    assert request_holds(fields, vector["secret"])
    for name in fields:
        if name not in ("vnp_SecureHash", "vnp_Command"):
            changed = {**fields, name: f"{fields[name]}1"}
            # querydr does not sign VNPAY's own number.
            unsigned = name == "vnp_TransactionNo" and fields["vnp_Command"] == "querydr"
            assert request_holds(changed, vector["secret"]) == unsigned


@pytest.mark.parametrize("vector", [*of_operation("querydr"), *of_operation("refund")])
def test_the_answer_of_a_vector_gets_the_hash_of_the_vector(vector: Vector) -> None:
    content = {name: value for name, value in vector["response"].items() if name != "vnp_SecureHash"}
    genuine = vector.get("expect_response_verified", vector.get("response_is_genuine"))
    if not genuine:
        content["vnp_TransactionStatus"] = "02"  # what was signed before somebody changed it to 00
    assert signed_answer(content, vector["secret"])["vnp_SecureHash"] == vector["response"]["vnp_SecureHash"]
    assert (
        digest(vector["secret"], vector["response_string_to_sign_genuine"])
        == vector["response"]["vnp_SecureHash"]
    )


def test_values_are_joined_in_their_order_and_absent_ones_are_empty() -> None:
    assert barred({"vnp_B": "2", "vnp_A": "1"}, "A B C") == "1|2|"


@pytest.mark.parametrize("query", ["a=1&a=1", "a=1&%61=2", "a=%ff"])
def test_a_query_string_with_two_meanings_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"twice|decode"):
        read_query(query)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a": [1]}', b'{"a": 1.5}', b'{"a": null}', b"\xff"])
def test_a_body_that_is_no_flat_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json and unicode say it in many words
        read_request(body)


def test_an_upper_case_hash_is_taken_and_no_hash_is_not() -> None:
    fields = read_query(signed_query({"vnp_A": "1"}, SECRET))
    assert query_holds({**fields, "vnp_SecureHash": fields["vnp_SecureHash"].upper()}, SECRET)
    assert not query_holds({"vnp_A": "1"}, SECRET)
    assert not query_holds({"vnp_A": "1", "vnp_SecureHash": "é"}, SECRET)
