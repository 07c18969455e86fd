"""What is asked of VNPAY: the pay page and querydr, and how the answers are read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers import (
    ALL_COVERED,
    BadSignature,
    LocalProviderError,
    Malformed,
    Notice,
    Provider,
    RemoteProviderError,
    Reply,
    Verdict,
    perform,
)
from providers.sandbox.vnpay_messages import QUERY_ANSWER_ORDER, barred, digest
from tests.providers.samples import (
    API_URL,
    CREATED_AT,
    PAY_URL,
    SECRET,
    answer,
    json_reply,
    order,
    query_fields,
    question,
    vnpay,
)

# start -------------------------------------------------------------------------------------------------


def test_the_pay_address_carries_exactly_these_fields() -> None:
    fields = query_fields(vnpay().start(order(description="Lệ phí cấp đổi hộ chiếu (lần 2)!")).url)
    assert len(fields.pop("vnp_SecureHash")) == 128
    assert fields == {
        "vnp_Version": "2.1.0",
        "vnp_Command": "pay",
        "vnp_TmnCode": "PGDEV001",
        "vnp_Amount": "1000000",
        "vnp_CurrCode": "VND",
        "vnp_TxnRef": "TT20240001",
        "vnp_OrderInfo": "Le phi cap doi ho chieu lan 2",
        "vnp_OrderType": "250000",
        "vnp_Locale": "vn",
        "vnp_ReturnUrl": "https://thanhtoan.example.gov.vn/vnpay/return",
        "vnp_IpAddr": "203.113.131.9",
        "vnp_CreateDate": "20240105093000",
        "vnp_ExpireDate": "20240105094500",
    }


def test_the_hash_stands_last_and_is_made_with_the_newest_secret() -> None:
    urls = [
        vnpay(hash_secret=secrets).start(order()).url for secrets in ("new", ["old", "new"], ["new", "old"])
    ]
    assert urls[0] == urls[1] != urls[2]
    assert urls[0].startswith(f"{PAY_URL}?vnp_Amount=")
    assert urls[0].split("&")[-1].startswith("vnp_SecureHash=")


@pytest.mark.parametrize(("language", "locale"), [("vi", "vn"), ("en", "en"), ("fr", "vn")])
def test_the_page_speaks_the_payers_language_or_vietnamese(language: str, locale: str) -> None:
    assert query_fields(vnpay().start(order(language=language)).url)["vnp_Locale"] == locale


def test_an_account_may_name_its_order_type_and_its_bank() -> None:
    fields = query_fields(vnpay(order_type="other", bank_code="VNPAYQR").start(order()).url)
    assert (fields["vnp_OrderType"], fields["vnp_BankCode"]) == ("other", "VNPAYQR")


@pytest.mark.parametrize(
    ("amount_dong", "wire"), [(1, "100"), (999, "99900"), (9_999_999_999, "999999999900")]
)
def test_amounts_from_the_least_to_the_most_are_sent_times_a_hundred(amount_dong: int, wire: str) -> None:
    assert query_fields(vnpay().start(order(amount_dong=amount_dong)).url)["vnp_Amount"] == wire


@pytest.mark.parametrize("amount_dong", [0, -1, 10_000_000_000, 10**12, 1.0, True, "1"])
def test_an_amount_that_vnpay_cannot_carry_is_refused(amount_dong: Any) -> None:
    with pytest.raises(LocalProviderError):
        vnpay().start(order(amount_dong=amount_dong))


@pytest.mark.parametrize("description", ["", "   ", "！！", "\ud800", "***"])
def test_a_description_of_which_nothing_is_left_becomes_the_reference(description: str) -> None:
    fields = query_fields(vnpay().start(order(description=description)).url)
    assert fields["vnp_OrderInfo"] == "Thanh toan TT20240001"


def test_a_long_description_is_cut_to_what_vnpay_takes_and_ends_in_no_space() -> None:
    exact = query_fields(vnpay().start(order(description="phí" * 85 + "x")).url)["vnp_OrderInfo"]
    assert exact == "phi" * 85
    at_a_space = query_fields(vnpay().start(order(description="a" * 254 + " b")).url)["vnp_OrderInfo"]
    assert at_a_space == "a" * 254


@pytest.mark.parametrize("reference", ["A", "a" * 100, "TT2024-000001", "a.b_c-D"])
def test_a_reference_that_vnpay_takes_is_sent_as_it_is(reference: str) -> None:
    assert query_fields(vnpay().start(order(reference=reference)).url)["vnp_TxnRef"] == reference


@pytest.mark.parametrize("reference", ["", "a" * 101, "a b", "đ", "a/b", "a|b", "a\n"])
def test_a_reference_that_vnpay_does_not_take_is_refused(reference: str) -> None:
    with pytest.raises(LocalProviderError, match="reference"):
        vnpay().start(order(reference=reference))


@pytest.mark.parametrize("length", [10, 255])
def test_a_return_address_of_vnpays_lengths_is_sent(length: int) -> None:
    address = "http://a/".ljust(length, "b")
    assert query_fields(vnpay().start(order(return_url=address)).url)["vnp_ReturnUrl"] == address


@pytest.mark.parametrize(
    "return_url",
    ["", "http://a/", "https://a/".ljust(256, "b"), "ftp://a.example/x", "https://a/\nb", "https://đ.vn/"],
)
def test_a_return_address_that_vnpay_does_not_take_is_refused(return_url: str) -> None:
    with pytest.raises(LocalProviderError, match="return address"):
        vnpay().start(order(return_url=return_url))


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001::1", "2001::1"),
        ("2001:ee0:4141:abcd::1", "2001:ee0:4141:abcd::1"),
        ("::1", "0000:0000:0000:0000:0000:0000:0000:0001"),
    ],
)
def test_an_address_too_short_for_vnpay_is_written_out(address: str, sent: str) -> None:
    assert query_fields(vnpay().start(order(payer_address=address)).url)["vnp_IpAddr"] == sent


@pytest.mark.parametrize("address", ["", "localhost", "1.2.3", "1.2.3.4, 5.6.7.8"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(LocalProviderError, match="IP address"):
        vnpay().start(order(payer_address=address))


def test_times_are_sent_on_vietnams_clock_whatever_zone_they_come_in() -> None:
    late = datetime(2023, 12, 31, 17, 0, 5, tzinfo=UTC)
    fields = query_fields(vnpay().start(order(created_at=late, expires_at=late + timedelta(seconds=1))).url)
    assert (fields["vnp_CreateDate"], fields["vnp_ExpireDate"]) == ("20240101000005", "20240101000006")


def test_a_time_without_a_zone_is_refused() -> None:
    naive = CREATED_AT.replace(tzinfo=None)
    with pytest.raises(LocalProviderError, match="zone"):
        vnpay().start(order(created_at=naive, expires_at=naive + timedelta(minutes=1)))


# query -------------------------------------------------------------------------------------------------


def test_a_question_without_vnpays_number_leaves_it_out() -> None:
    request = vnpay().query(question()).request
    body = json.loads(request.body)
    assert "vnp_TransactionNo" not in body
    assert (body["vnp_TransactionDate"], body["vnp_CreateDate"]) == ("20240105093000", "20240105100000")
    assert body["vnp_OrderInfo"] == "Truy van GD TT20240001"
    assert (request.url, request.may_repeat) == (API_URL, True)


def test_a_paid_answer_is_performed_to_a_notice() -> None:
    assert queried(answer("querydr", TransactionType="01")) == Notice(
        verdict=Verdict.PAID,
        reference="TT20240001",
        covered=ALL_COVERED,
        amount_dong=10_000,
        provider_reference="14226112",
        occurred_at=datetime(2024, 1, 5, 2, 35, 12, tzinfo=UTC),
        code="00/00",
        message="ok",
        method="NCB ATM",
    )


def queried(reply: Reply, provider: Provider | None = None) -> Notice:
    return perform((provider or vnpay()).query(question()), lambda _request: reply)


@pytest.mark.parametrize(
    ("kind", "status", "verdict", "code"),
    [
        ("01", "00", Verdict.PAID, "00/00"),
        ("", "00", Verdict.PAID, "00/00"),
        ("01", "01", Verdict.PENDING, "00/01"),
        ("01", "02", Verdict.FAILED, "00/02"),
        ("01", "04", Verdict.REVIEW, "00/04"),
        ("01", "05", Verdict.REVERSED, "00/05"),
        ("01", "06", Verdict.REVERSED, "00/06"),
        ("01", "07", Verdict.REVIEW, "00/07"),
        ("01", "09", Verdict.REVIEW, "00/09"),
        ("01", "98", Verdict.UNKNOWN, "00/98"),
        ("02", "00", Verdict.REVERSED, "00/00/02"),
        ("02", "05", Verdict.REVERSED, "00/05/02"),
        ("03", "06", Verdict.REVERSED, "00/06/03"),
        ("02", "09", Verdict.REVIEW, "00/09/02"),
        ("03", "02", Verdict.REVIEW, "00/02/03"),
        ("02", "98", Verdict.UNKNOWN, "00/98/02"),
        ("98", "00", Verdict.UNKNOWN, "00/00"),
    ],
)
def test_an_answer_tells_the_order_by_its_type_and_status(
    kind: str, status: str, verdict: Verdict, code: str
) -> None:
    notice = queried(answer("querydr", TransactionType=kind, TransactionStatus=status))
    assert (notice.verdict, notice.code, notice.of_refund) == (verdict, code, kind in ("02", "03"))


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("91", Verdict.NOT_FOUND),
        ("02", Verdict.UNKNOWN),
        ("03", Verdict.UNKNOWN),
        ("94", Verdict.UNKNOWN),
        ("97", Verdict.UNKNOWN),
        ("99", Verdict.UNKNOWN),
        ("98", Verdict.UNKNOWN),
    ],
)
def test_T54_an_answer_that_is_not_about_the_order_never_says_paid_or_failed(
    code: str, verdict: Verdict
) -> None:
    notice = queried(answer("querydr", ResponseCode=code, TransactionStatus="00", Amount="1000000"))
    assert notice == Notice(verdict, "TT20240001", ALL_COVERED, code=code, message="ok")


def test_an_answer_may_leave_out_its_message() -> None:
    for code in ("00", "91"):
        assert queried(answer("querydr", ResponseCode=code, Message="")).message == ""


@pytest.mark.parametrize("name", ["Amount", "TransactionStatus", "ResponseCode"])
def test_an_answer_without_what_it_is_about_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match=f"vnp_{name} is missing"):
        queried(answer("querydr", **{name: ""}))


@pytest.mark.parametrize(
    "changes",
    [{"TxnRef": "ANOTHER"}, {"TmnCode": "PGDEV002"}, {"TxnRef": ""}, {"Amount": "1000050"}],
    ids=str,
)
def test_a_signed_answer_to_another_question_is_malformed(changes: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        queried(answer("querydr", **changes))


def test_a_signed_answer_to_another_command_is_malformed() -> None:
    both = answer("refund", ResponseCode="91")
    fields = json.loads(both.body)
    # The two commands sign almost the same values, so sign this one as a querydr's.
    with pytest.raises(BadSignature):
        queried(json_reply(fields))
    fields["vnp_SecureHash"] = digest(SECRET, barred(fields, QUERY_ANSWER_ORDER))
    with pytest.raises(Malformed, match="another request"):
        queried(json_reply(fields))


@pytest.mark.parametrize("signature", [None, "", "0" * 128])
def test_an_answer_without_a_right_hash_is_refused(signature: str | None) -> None:
    fields = json.loads(answer("querydr").body)
    with pytest.raises(BadSignature):
        queried(json_reply({**fields, "vnp_SecureHash": signature}))
    del fields["vnp_SecureHash"]
    with pytest.raises(BadSignature):
        queried(json_reply(fields))


def test_an_answer_signed_with_an_older_secret_in_force_is_believed() -> None:
    rotating = vnpay(hash_secret=[SECRET, "newer"])
    assert queried(answer("querydr"), rotating).verdict is Verdict.PAID


@pytest.mark.parametrize("status", [500, 502, 404, 302, 204, 201])
def test_an_answer_with_another_http_status_is_the_other_sides_fault(status: int) -> None:
    genuine = json.loads(answer("querydr").body)
    with pytest.raises(RemoteProviderError, match=str(status)):
        queried(json_reply(genuine, status))


def test_numbers_in_an_answer_may_come_as_numbers_and_absent_values_as_null() -> None:
    fields = json.loads(answer("querydr", CardType="").body)
    fields |= {"vnp_Amount": 1_000_000, "vnp_TransactionNo": 14226112, "vnp_PromotionCode": None}
    assert queried(json_reply(fields)).provider_reference == "14226112"


@pytest.mark.parametrize("request_id", ["", "a" * 33, "a-b", "đ", "a\n"])
def test_a_request_number_that_vnpay_does_not_take_is_refused(request_id: str) -> None:
    with pytest.raises(LocalProviderError, match="number"):
        vnpay().query(replace(question(), request_id=request_id))
