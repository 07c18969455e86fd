"""querydr and refund at the look-alike, asked by the module and by hand."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from providers import (
    RefundVerdict,
    Verdict,
)
from providers.sandbox.vnpay import RefundBehaviour
from providers.sandbox.vnpay_bank import Transaction, refund_code
from providers.sandbox.vnpay_messages import digest
from tests.providers.samples import CREATED_AT, SECRET, TERMINAL, order
from tests.providers.sandbox.bank import Bank, play


def test_an_order_that_was_never_opened_is_not_found_nor_with_another_time() -> None:
    async def story(bank: Bank) -> None:
        assert (await bank.query(order(), "Q1")).verdict is Verdict.NOT_FOUND
        await bank.choose("pay", order())
        another = order(created_at=CREATED_AT + timedelta(seconds=1))
        assert (await bank.query(another, "Q2")).verdict is Verdict.NOT_FOUND

    play(story)


def test_a_request_number_is_good_once_a_day() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        assert (await bank.query(order())).code == "00/00"
        assert (await bank.query(order())).code == "94"
        bank.clock.now += timedelta(days=1)
        assert (await bank.query(order())).code == "00/00"

    play(story)


def test_a_whole_refund_is_accepted_once_and_the_order_is_then_reversed() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        first = await bank.refund(order(), 10_000)
        assert (first.verdict, first.code) == (RefundVerdict.ACCEPTED, "00/05")
        assert (await bank.refund(order(), 10_000)).code == "94"
        assert (await bank.refund(order(), 10_000, "R2")).code == "99"
        assert (await bank.query(order(), "Q2")).verdict is Verdict.REVERSED

    play(story)


@pytest.mark.parametrize(
    ("behaviour", "code", "verdict"),
    [
        (RefundBehaviour.ACCEPT, "00/00/02", RefundVerdict.DONE),
        (RefundBehaviour.DECLINED, "00/09/02", RefundVerdict.REFUSED),
    ],
)
def test_a_refund_that_was_taken_in_ends_after_a_minute(
    behaviour: RefundBehaviour, code: str, verdict: RefundVerdict
) -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        taken_in = await bank.refund(order(), 10_000)
        assert taken_in.verdict is RefundVerdict.ACCEPTED
        meanwhile = await bank.query_refund(order(), 10_000, "Q1")
        assert (meanwhile.verdict, meanwhile.code) == (RefundVerdict.ACCEPTED, "00/05/02")
        bank.clock.now += timedelta(minutes=1)
        ended = await bank.query_refund(order(), 10_000, "Q2")
        assert (ended.verdict, ended.code) == (verdict, code)
        assert ended.provider_reference == taken_in.provider_reference
        again = await bank.refund(order(), 10_000, "R2")
        assert (again.verdict is RefundVerdict.ACCEPTED) == (verdict is RefundVerdict.REFUSED)

    play(story, refunds=behaviour)


def test_parts_are_refunded_until_the_payment_is_used_up() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        codes = [
            (await bank.refund(order(), amount_dong, f"R{number}")).code
            for number, amount_dong in enumerate([4_000, 6_001, 5_999, 2, 1])
        ]
        assert codes == ["00/05", "99", "00/05", "99", "00/05"]

    play(story)


def test_what_was_not_paid_or_is_not_known_is_not_refunded() -> None:
    async def story(bank: Bank) -> None:
        assert (await bank.refund(order(), 1, "R1")).code == "91"
        await bank.choose("cancel", order())
        assert (await bank.refund(order(), 1, "R2")).code == "95"
        await bank.choose("pay", order(reference="PAID"))
        other = order(reference="PAID", provider_reference="1")
        assert (await bank.refund(other, 1, "R3")).code == "91"

    play(story)


@pytest.mark.parametrize(
    ("behaviour", "code", "verdict"),
    [
        (RefundBehaviour.REPEATED, "94", RefundVerdict.UNKNOWN),
        (RefundBehaviour.OTHER_ERROR, "99", RefundVerdict.UNKNOWN),
        (RefundBehaviour.SLOW, "00/05", RefundVerdict.ACCEPTED),
    ],
)
def test_refunds_can_be_made_to_misbehave(
    behaviour: RefundBehaviour, code: str, verdict: RefundVerdict
) -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        outcome = await bank.refund(order(), 10_000)
        assert (outcome.code, outcome.verdict) == (code, verdict)

    play(story, refunds=behaviour, slow_refund_seconds=0.01)


def test_a_slow_refund_is_taken_in_although_its_caller_hung_up() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bank.refund(order(), 10_000), 0.05)
        assert (await bank.query(order())).verdict is Verdict.REVERSED

    play(story, refunds=RefundBehaviour.SLOW, slow_refund_seconds=60)


async def post(bank: Bank, body: bytes) -> dict[str, str]:
    answer = await bank.client.post("/merchant_webapi/api/transaction", content=body)
    said: dict[str, str] = answer.json()
    return said


def signed_body(**fields: str) -> bytes:
    named = {f"vnp_{name}": value for name, value in fields.items()}
    order_of_query = "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
    text = "|".join(named.get(f"vnp_{name}", "") for name in order_of_query.split())
    return json.dumps({**named, "vnp_SecureHash": digest(SECRET, text)}).encode()


def test_a_request_that_cannot_be_tied_to_a_terminal_is_answered_without_a_hash() -> None:
    async def story(bank: Bank) -> None:
        for body, code in (
            (b"", "03"),
            (b"[]", "03"),
            (b"[" * 50_000, "03"),
            (b'{"vnp_TmnCode": "PGDEV002", "vnp_Command": "querydr"}', "02"),
            (b'{"vnp_TmnCode": "PGDEV001", "vnp_Command": "steal"}', "03"),
        ):
            said = await post(bank, body)
            assert said["vnp_ResponseCode"] == code
            assert "vnp_SecureHash" not in said

    play(story)


def test_a_request_with_a_wrong_hash_is_answered_97_and_one_without_its_fields_03() -> None:
    async def story(bank: Bank) -> None:
        said = await post(bank, b'{"vnp_TmnCode": "PGDEV001", "vnp_Command": "querydr"}')
        assert (said["vnp_ResponseCode"], len(said["vnp_SecureHash"])) == ("97", 128)
        whole = {"RequestId": "1", "Command": "querydr", "TmnCode": TERMINAL, "TxnRef": "A"}
        assert (await post(bank, signed_body(**whole)))["vnp_ResponseCode"] == "03"
        assert (await post(bank, signed_body(**whole, TransactionDate="2")))["vnp_ResponseCode"] == "91"

    play(story)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "00"),
        ({"vnp_TransactionType": "01"}, "03"),
        ({"vnp_TransactionType": ""}, "03"),
        ({"vnp_Amount": ""}, "03"),
        ({"vnp_Amount": "0"}, "03"),
        ({"vnp_Amount": "-1"}, "03"),
        ({"vnp_Amount": "1000001"}, "99"),
        ({"vnp_TransactionNo": "0"}, "00"),
        ({"vnp_TransactionNo": "1"}, "91"),
        ({"vnp_TransactionType": "02"}, "99"),
        ({"vnp_TransactionType": "02", "vnp_Amount": "1000000"}, "00"),
    ],
    ids=str,
)
def test_a_refund_deserves_the_code_of_the_table(changes: dict[str, str], code: str) -> None:
    asked = {"vnp_TransactionType": "03", "vnp_Amount": "100", "vnp_TransactionNo": "14000001"}
    paid = Transaction(
        *(TERMINAL, "A", "20240105093000", "20240105094500"),
        amount=1_000_000,
        order_info="Le phi",
        return_url="https://thanhtoan.example.gov.vn/return",
        locale="vn",
        token="t",
        number="14000001",
        response="00",
        status="00",
    )
    assert refund_code(paid, {**asked, **changes}) == code
