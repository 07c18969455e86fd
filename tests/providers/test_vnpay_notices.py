"""What VNPAY's return and IPN mean, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product

import pytest

from providers import (
    ALL_COVERED,
    Acknowledgement,
    BadSignature,
    Incoming,
    Malformed,
    Notice,
    Verdict,
)
from providers.sandbox.vnpay_messages import signed_query
from providers.vnpay_codes import RESPONSE_VERDICTS, STATUS_VERDICTS, verdict_of
from tests.providers.samples import PAID, SECRET, get, signed, vnpay

OLD, NEW = "OLD-SECRET-OF-THE-TERMINAL", "NEW-SECRET-OF-THE-TERMINAL"


def test_a_paid_notice_tells_everything_that_vnpay_said() -> None:
    assert vnpay().hear(signed()) == Notice(
        verdict=Verdict.PAID,
        reference="TT20240001",
        covered=ALL_COVERED,
        amount_dong=10_000,
        provider_reference="14226112",
        occurred_at=datetime(2024, 1, 5, 2, 35, 12, tzinfo=UTC),
        code="00/00",
        message="",
        method="NCB ATM",
    )


def test_a_cancelled_notice_has_no_number_of_a_transaction() -> None:
    cancelled = signed(ResponseCode="24", TransactionStatus="02", TransactionNo="0", BankTranNo="")
    notice = vnpay().hear(cancelled)
    assert (notice.verdict, notice.provider_reference, notice.code) == (Verdict.FAILED, "", "24/02")


def test_optional_fields_may_be_absent() -> None:
    notice = vnpay().hear(signed(PayDate="", CardType="", BankCode="", TransactionNo=""))
    assert (notice.occurred_at, notice.method, notice.provider_reference) == (None, "", "")


@pytest.mark.parametrize(
    "pay_date", ["0", "20241305093512", "2024010509351", "２０２４０１０５０９３５１２", "soon"]
)
def test_an_odd_time_does_not_spoil_a_notice_of_money(pay_date: str) -> None:
    notice = vnpay().hear(signed(PayDate=pay_date))
    assert (notice.verdict, notice.occurred_at) == (Verdict.PAID, None)


def test_fields_that_vnpay_may_add_later_are_signed_and_otherwise_ignored() -> None:
    assert vnpay().hear(signed(Promotion="Tết")).verdict is Verdict.PAID


def test_a_message_signed_with_any_secret_in_force_is_believed() -> None:
    rotating = vnpay(hash_secret=[OLD, NEW])
    assert rotating.hear(signed(OLD)) == rotating.hear(signed(NEW))
    with pytest.raises(BadSignature):
        rotating.hear(signed(SECRET))
    with pytest.raises(BadSignature):
        vnpay(hash_secret=NEW).hear(signed(OLD))


# failure modes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(PAID))
def test_T07_a_notice_with_one_field_changed_under_the_same_signature_is_refused(name: str) -> None:
    genuine = signed().query_string
    for other in ("1", "", "00", f"{PAID[name]}0", PAID[name].swapcase()):
        forged = {**PAID, name: other}
        if forged != PAID:
            hash_part = genuine.rpartition("&")[2]
            text = "&".join(f"{key}={value}" for key, value in forged.items())
            with pytest.raises(BadSignature):
                vnpay().hear(get(f"{text}&{hash_part}"))


def test_T07_a_forged_notice_leaves_nothing_behind_that_a_later_one_could_meet() -> None:
    provider = vnpay()
    before = provider.hear(signed())
    with pytest.raises(BadSignature):
        provider.hear(signed("not the secret"))
    assert provider.hear(signed()) == before


@pytest.mark.parametrize(
    ("wire", "amount_dong"),
    [("1000100", 10_001), ("999900", 9_999), ("100000000", 1_000_000), ("10000", 100), ("100", 1)],
)
def test_T08_a_signed_notice_with_another_amount_says_that_amount_exactly(
    wire: str, amount_dong: int
) -> None:
    notice = vnpay().hear(signed(Amount=wire))
    assert (notice.verdict, notice.amount_dong) == (Verdict.PAID, amount_dong)


@pytest.mark.parametrize(
    "wire",
    [
        "1",
        "99",
        "101",
        "1000001",
        "1000050",
        "0",
        "00",
        "0100",
        "-100",
        "+100",
        "100.0",
        "1e2",
        "1_00",
        "١٠٠",
        " 100",
        "1000000000000",
    ],
)
def test_T08_a_signed_amount_that_is_no_whole_number_of_dong_is_malformed(wire: str) -> None:
    with pytest.raises(Malformed):
        vnpay().hear(signed(Amount=wire))


@pytest.mark.parametrize("terminal", ["PGDEV002", "pgdev001", "PGDEV001 ", "PGDEV00"])
def test_T09_a_signed_notice_for_another_terminal_is_refused(terminal: str) -> None:
    with pytest.raises(Malformed, match="vnp_TmnCode"):
        vnpay().hear(signed(TmnCode=terminal))


def test_T09_a_notice_of_another_environment_does_not_verify() -> None:
    with pytest.raises(BadSignature):
        vnpay(hash_secret="SECRET-OF-PRODUCTION").hear(signed("SECRET-OF-THE-SANDBOX"))


@pytest.mark.parametrize("query_string", ["", "&", "=", "vnp_SecureHash=", "lang=vi", "vnp_Amount=1000000"])
def test_T12_an_empty_or_unsigned_message_is_refused(query_string: str) -> None:
    with pytest.raises(BadSignature):
        vnpay().hear(get(query_string))


def test_T12_a_message_whose_nothing_is_signed_rightly_is_still_malformed() -> None:
    with pytest.raises(Malformed, match="vnp_TmnCode is missing"):
        vnpay().hear(get(signed_query({}, SECRET)))


def test_T12_a_very_long_message_is_refused_before_it_is_read() -> None:
    genuine = signed().query_string
    assert vnpay().hear(get(genuine + "&x=" + "1" * (8_192 - len(genuine) - 3))).verdict is Verdict.PAID
    with pytest.raises(Malformed, match="too long"):
        vnpay().hear(get(genuine + "&x=" + "1" * (8_192 - len(genuine) - 2)))


@pytest.mark.parametrize("name", [*sorted(PAID), "vnp_SecureHash", "vnp_SecureHashType"])
def test_T12_a_field_given_twice_is_malformed_even_when_both_are_alike(name: str) -> None:
    genuine = signed(SecureHashType="HmacSHA512").query_string + "&vnp_SecureHashType=HmacSHA512"
    value = next(part.partition("=")[2] for part in genuine.split("&") if part.startswith(f"{name}="))
    for doubled in (f"{genuine}&{name}={value}", f"{name}=&{genuine}"):
        with pytest.raises(Malformed, match="twice"):
            vnpay().hear(get(doubled))


def test_T12_a_field_that_is_not_vnpays_may_come_twice() -> None:
    assert vnpay().hear(get(signed().query_string + "&lang=vi&lang=en")).verdict is Verdict.PAID


@pytest.mark.parametrize("tail", ["&vnp_X=%ff", "&vnp_X=%C3", "&vnp_X=\ud800", "&a=1" * 64])
def test_T12_a_message_that_cannot_be_decoded_is_malformed(tail: str) -> None:
    with pytest.raises(Malformed):
        vnpay().hear(get(signed().query_string + tail))


def test_T12_upper_and_lower_case_hex_and_both_spellings_of_a_space_are_one_message() -> None:
    genuine = signed(OrderInfo="Lệ phí hồ sơ").query_string
    text, _, digest = genuine.rpartition("=")
    spellings = [f"{text}={digest.upper()}", genuine.replace("+", "%20"), f"{text.lower()}={digest}"]
    heard = {vnpay().hear(get(spelling)) for spelling in spellings[:2]}
    assert heard == {vnpay().hear(get(genuine))}
    with pytest.raises(BadSignature):
        vnpay().hear(get(spellings[2]))


@pytest.mark.parametrize("signature", ["é" * 128, "\x00", "0" * 127, "0" * 128, "0x" + "0" * 126])
def test_T12_a_signature_of_any_shape_is_only_refused(signature: str) -> None:
    text = signed().query_string.rpartition("=")[0]
    with pytest.raises(BadSignature):
        vnpay().hear(get(f"{text}={signature}"))


def test_T12_the_method_body_and_headers_of_a_notice_do_not_matter() -> None:
    hostile = Incoming("POST", signed().query_string, {"x-status": "failed"}, b"vnp_ResponseCode=24")
    assert vnpay().hear(hostile) == vnpay().hear(signed())


@pytest.mark.parametrize("name", ["TmnCode", "TxnRef", "Amount", "ResponseCode", "TransactionStatus"])
def test_a_signed_notice_without_a_required_field_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match=f"vnp_{name} is missing"):
        vnpay().hear(signed(**{name: ""}))


@pytest.mark.parametrize(
    ("response", "status"), [("98", "00"), ("00", "98"), ("0", "00"), ("ZZ", "ZZ"), ("01", "00")]
)
def test_T54_a_code_never_seen_before_is_unknown_and_told(response: str, status: str) -> None:
    notice = vnpay().hear(signed(ResponseCode=response, TransactionStatus=status))
    assert (notice.verdict, notice.code) == (Verdict.UNKNOWN, f"{response}/{status}")


# codes -------------------------------------------------------------------------------------------------

FAILED_RESPONSES = [
    "02",
    "03",
    "04",
    "05",
    "06",
    "08",
    "09",
    "10",
    "11",
    "12",
    "13",
    "24",
    "51",
    "65",
    "75",
    "79",
    "99",
]
RESPONSES = {"00": Verdict.PAID, "01": Verdict.UNKNOWN, "07": Verdict.REVIEW}
RESPONSES |= dict.fromkeys(FAILED_RESPONSES, Verdict.FAILED)
STATUSES = {
    "00": Verdict.PAID,
    "01": Verdict.PENDING,
    "02": Verdict.FAILED,
    "04": Verdict.REVIEW,
    "05": Verdict.REVERSED,
    "06": Verdict.REVERSED,
    "07": Verdict.REVIEW,
    "09": Verdict.REVIEW,
}

# A response by its verdict, then what each status makes of it.
TOGETHER = {
    Verdict.PAID: {
        Verdict.PAID: Verdict.PAID,
        Verdict.PENDING: Verdict.PENDING,
        Verdict.FAILED: Verdict.REVIEW,
        Verdict.REVIEW: Verdict.REVIEW,
        Verdict.REVERSED: Verdict.REVERSED,
    },
    Verdict.FAILED: {
        Verdict.PAID: Verdict.REVIEW,
        Verdict.PENDING: Verdict.PENDING,
        Verdict.FAILED: Verdict.FAILED,
        Verdict.REVIEW: Verdict.REVIEW,
        Verdict.REVERSED: Verdict.REVERSED,
    },
    Verdict.REVIEW: dict.fromkeys(
        [Verdict.PAID, Verdict.PENDING, Verdict.FAILED, Verdict.REVIEW, Verdict.REVERSED], Verdict.REVIEW
    ),
    Verdict.UNKNOWN: dict.fromkeys(
        [Verdict.PAID, Verdict.PENDING, Verdict.FAILED, Verdict.REVIEW, Verdict.REVERSED], Verdict.UNKNOWN
    ),
}


def test_every_code_of_vnpays_pages_is_in_the_tables_with_its_meaning() -> None:
    assert RESPONSE_VERDICTS == RESPONSES
    assert STATUS_VERDICTS == STATUSES


@pytest.mark.parametrize(("response", "status"), [*product(RESPONSES, STATUSES)])
def test_a_response_and_a_status_together_mean_what_the_table_says(response: str, status: str) -> None:
    expected = TOGETHER[RESPONSES[response]][STATUSES[status]]
    assert verdict_of(response, status) is expected
    assert vnpay().hear(signed(ResponseCode=response, TransactionStatus=status)).verdict is expected


def test_only_two_codes_of_success_together_mean_paid() -> None:
    paid = [pair for pair in product(RESPONSES, STATUSES) if verdict_of(*pair) is Verdict.PAID]
    assert paid == [("00", "00")]


# acknowledgements --------------------------------------------------------------------------------------

REPLIES = {
    Acknowledgement.RECORDED: {"RspCode": "00", "Message": "Confirm Success"},
    Acknowledgement.DUPLICATE: {"RspCode": "02", "Message": "Order already confirmed"},
    Acknowledgement.UNKNOWN_ORDER: {"RspCode": "01", "Message": "Order not found"},
    Acknowledgement.WRONG_AMOUNT: {"RspCode": "04", "Message": "Invalid amount"},
    Acknowledgement.BAD_SIGNATURE: {"RspCode": "97", "Message": "Fail checksum"},
    Acknowledgement.MALFORMED: {"RspCode": "99", "Message": "Invalid request"},
    Acknowledgement.TRY_AGAIN: {"RspCode": "99", "Message": "Unknown error"},
}


@pytest.mark.parametrize("acknowledgement", [*Acknowledgement])
def test_every_acknowledgement_has_its_words_at_vnpay(acknowledgement: Acknowledgement) -> None:
    answer = vnpay().reply(acknowledgement)
    assert json.loads(answer.body) == REPLIES[acknowledgement]
    assert (answer.status, answer.media_type) == (200, "application/json")
