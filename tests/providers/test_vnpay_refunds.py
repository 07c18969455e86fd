"""What VNPAY is asked when money is given back, and how its answers are read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from providers import (
    BadSignature,
    LocalProviderError,
    Malformed,
    Provider,
    RefundOutcome,
    RefundQuestion,
    RefundVerdict,
    Reply,
    Step,
    perform,
)
from tests.providers.samples import (
    API_URL,
    CREATED_AT,
    SECRET,
    answer,
    order,
    refund_order,
    vnpay,
)


def asked_again(reply: Reply, amount_dong: int = 10_000) -> RefundOutcome:
    asked_at = CREATED_AT + timedelta(days=2)
    question = RefundQuestion(refund_order(amount_dong), "Q1", asked_at, "203.113.131.9")
    step: Step[RefundOutcome] = vnpay().query_refund(question)
    return perform(step, lambda _request: reply)


def refunded(reply: Reply, provider: Provider | None = None) -> RefundOutcome:
    return perform((provider or vnpay()).refund(refund_order()), lambda _request: reply)


def test_a_refund_is_asked_with_exactly_these_fields_and_is_never_repeated() -> None:
    request = vnpay().refund(refund_order(order=order(provider_reference="14226112"))).request
    body = json.loads(request.body)
    assert len(body.pop("vnp_SecureHash")) == 128
    assert body == {
        "vnp_RequestId": "RF1",
        "vnp_Version": "2.1.0",
        "vnp_Command": "refund",
        "vnp_TmnCode": "PGDEV001",
        "vnp_TransactionType": "02",
        "vnp_TxnRef": "TT20240001",
        "vnp_Amount": "1000000",
        "vnp_OrderInfo": "Hoan tien ho so bi tra lai",
        "vnp_TransactionNo": "14226112",
        "vnp_TransactionDate": "20240105093000",
        "vnp_CreateBy": "ketoan01",
        "vnp_CreateDate": "20240106093000",
        "vnp_IpAddr": "203.113.131.9",
    }
    assert (request.method, request.url, request.may_repeat) == ("POST", API_URL, False)


@pytest.mark.parametrize(("amount_dong", "kind"), [(10_000, "02"), (9_999, "03"), (1, "03")])
def test_a_part_is_asked_as_a_part_and_the_whole_as_the_whole(amount_dong: int, kind: str) -> None:
    body = json.loads(vnpay().refund(refund_order(amount_dong)).request.body)
    assert (body["vnp_TransactionType"], body["vnp_Amount"]) == (kind, str(amount_dong * 100))


@pytest.mark.parametrize("amount_dong", [0, -1, 10_001])
def test_a_refund_of_nothing_or_of_more_than_was_paid_is_refused(amount_dong: int) -> None:
    with pytest.raises(LocalProviderError):
        vnpay().refund(refund_order(amount_dong))


def test_a_refund_without_reason_and_officer_says_what_it_is() -> None:
    body = json.loads(vnpay().refund(refund_order(reason="()", officer="!")).request.body)
    assert (body["vnp_OrderInfo"], body["vnp_CreateBy"]) == ("Hoan tien TT20240001", "thuphi")


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("00", "", RefundVerdict.ACCEPTED),
        ("00", "00", RefundVerdict.DONE),
        ("00", "01", RefundVerdict.ACCEPTED),
        ("00", "05", RefundVerdict.ACCEPTED),
        ("00", "06", RefundVerdict.ACCEPTED),
        ("00", "09", RefundVerdict.REFUSED),
        ("00", "02", RefundVerdict.UNKNOWN),
        ("00", "98", RefundVerdict.UNKNOWN),
        ("02", "", RefundVerdict.REFUSED),
        ("03", "", RefundVerdict.REFUSED),
        ("91", "", RefundVerdict.REFUSED),
        ("95", "", RefundVerdict.REFUSED),
        ("97", "", RefundVerdict.REFUSED),
        ("94", "", RefundVerdict.UNKNOWN),
        ("99", "", RefundVerdict.UNKNOWN),
        ("98", "", RefundVerdict.UNKNOWN),
        ("94", "00", RefundVerdict.UNKNOWN),
    ],
)
def test_a_refund_answer_means_what_the_table_says(code: str, status: str, verdict: RefundVerdict) -> None:
    outcome = refunded(answer("refund", ResponseCode=code, TransactionStatus=status))
    expected_code = f"{code}/{status}" if status else code
    assert outcome == RefundOutcome(verdict, "14226112", expected_code, "ok")


def test_a_refused_refund_may_leave_out_amount_and_number() -> None:
    outcome = refunded(
        answer("refund", ResponseCode="91", Amount="", TransactionNo="0", TransactionStatus="")
    )
    assert outcome == RefundOutcome(RefundVerdict.REFUSED, "", "91", "ok")


@pytest.mark.parametrize(
    "changes", [{"Amount": "1000100"}, {"Amount": "999900"}, {"Amount": "10000"}], ids=str
)
def test_T08_a_refund_answer_with_another_amount_is_malformed(changes: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        refunded(answer("refund", **changes))


def test_a_refund_answer_signed_by_somebody_else_is_refused() -> None:
    with pytest.raises(BadSignature):
        refunded(answer("refund", secret="not the secret"))


def test_a_refund_answer_signed_with_an_older_secret_in_force_is_believed() -> None:
    rotating = vnpay(hash_secret=[SECRET, "newer"])
    assert refunded(answer("refund"), rotating).verdict is RefundVerdict.DONE


def test_a_question_about_a_refund_is_a_querydr_on_its_order() -> None:
    asked_at = CREATED_AT + timedelta(days=2)
    refund = refund_order(order=order(provider_reference="14226112"))
    request = vnpay().query_refund(RefundQuestion(refund, "Q1", asked_at, "203.113.131.9")).request
    body = json.loads(request.body)
    assert {name: body[f"vnp_{name}"] for name in ("Command", "RequestId", "TxnRef", "TransactionNo")} == {
        "Command": "querydr",
        "RequestId": "Q1",
        "TxnRef": "TT20240001",
        "TransactionNo": "14226112",
    }
    assert (body["vnp_TransactionDate"], body["vnp_CreateDate"]) == ("20240105093000", "20240107093000")
    assert request.may_repeat


@pytest.mark.parametrize("kind", ["02", "03"])
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("00", RefundVerdict.DONE),
        ("01", RefundVerdict.ACCEPTED),
        ("05", RefundVerdict.ACCEPTED),
        ("06", RefundVerdict.ACCEPTED),
        ("09", RefundVerdict.REFUSED),
        ("02", RefundVerdict.UNKNOWN),
        ("07", RefundVerdict.UNKNOWN),
        ("98", RefundVerdict.UNKNOWN),
    ],
)
def test_an_answer_about_the_refund_means_what_the_table_says(
    kind: str, status: str, verdict: RefundVerdict
) -> None:
    told = answer("querydr", TransactionType=kind, TransactionStatus=status, TransactionNo="14226113")
    assert asked_again(told) == RefundOutcome(verdict, "14226113", f"00/{status}/{kind}", "ok", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"TransactionType": "01", "TransactionStatus": "00"},
        {"TransactionType": "01", "TransactionStatus": "05"},
        {"TransactionType": "", "TransactionStatus": "09"},
        {"TransactionType": "03", "TransactionStatus": "00", "Amount": "999900"},
        {"TransactionType": "03", "TransactionStatus": "00", "Amount": ""},
        {"TransactionType": "04", "TransactionStatus": "00"},
        {"TransactionType": "02", "TransactionStatus": "00", "ResponseCode": "91"},
        {"TransactionType": "02", "TransactionStatus": "09", "ResponseCode": "94"},
        {"TransactionType": "02", "TransactionStatus": "09", "ResponseCode": "99"},
    ],
    ids=str,
)
def test_an_answer_about_something_else_says_nothing_of_the_refund(changes: dict[str, str]) -> None:
    assert asked_again(answer("querydr", **changes)).verdict is RefundVerdict.UNKNOWN


def test_an_answer_about_a_refund_signed_by_somebody_else_is_refused() -> None:
    with pytest.raises(BadSignature):
        asked_again(answer("querydr", secret="not the secret", TransactionType="02"))
