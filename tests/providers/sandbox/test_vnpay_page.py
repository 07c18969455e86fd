"""The pages of the look-alike VNPAY, and what it remembers of them."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from providers import (
    Verdict,
)
from providers.sandbox.vnpay_bank import CHOICES
from providers.sandbox.vnpay_messages import signed_query
from tests.providers.samples import SECRET, order, query_fields, vnpay
from tests.providers.sandbox.bank import Bank, code_of, play


def test_the_bank_page_says_that_it_is_no_real_money_and_what_is_paid() -> None:
    async def story(bank: Bank) -> None:
        page = await bank.open(order(amount_dong=1_250_000))
        assert page.status_code == 200
        for text in ("SANDBOX – không phải tiền thật", "1.250.000 ₫", "TT20240001", "09:45 05/01/2024"):
            assert text in page.text
        assert "Sở Tư pháp &lt;thử&gt;" in page.text
        assert '<html lang="vi">' in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert set(re.findall('name="choice" value="([^"]+)"', page.text)) == set(CHOICES)
        assert "đến muộn 0.02 giây" in page.text
        assert SECRET not in page.text

    play(story)


def test_the_bank_page_speaks_english_where_it_is_asked_to() -> None:
    async def story(bank: Bank) -> None:
        page = await bank.open(order(amount_dong=1_250_000, language="en"))
        assert '<html lang="en">' in page.text
        assert "1,250,000 ₫" in page.text
        assert "no real money" in page.text

    play(story)


def pay_fields(**changes: str) -> dict[str, str]:
    fields = query_fields(vnpay().start(order()).url)
    del fields["vnp_SecureHash"]
    return {**fields, **{f"vnp_{name}": value for name, value in changes.items()}}


def test_a_pay_address_that_was_changed_or_is_anothers_shows_error_70() -> None:
    async def story(bank: Bank) -> None:
        path = "/paymentv2/vpcpay.html?"
        genuine = signed_query(pay_fields(), SECRET)
        for query in (
            "",
            genuine.replace("1000000", "1000100"),
            signed_query(pay_fields(), "not the secret"),
            signed_query(pay_fields(TmnCode="PGDEV002"), SECRET),
        ):
            assert code_of(await bank.client.get(path + query)) == "70"
        assert code_of(await bank.client.get(path + genuine)) == ""

    play(story)


@pytest.mark.parametrize(
    "changes",
    [
        *({"Amount": value} for value in ("", "1e2", "1000000000000")),
        *({"CreateDate": value} for value in ("", "2024010509300", "2024010509300x")),
        *({"ExpireDate": ""}, {"Command": "genqr"}, {"CurrCode": "USD"}, {"TxnRef": "a" * 101}),
        *({"OrderInfo": ""}, {"OrderInfo": "a" * 256}, {"Locale": ""}, {"ReturnUrl": ""}, {"IpAddr": "::1"}),
        *({"Version": ""}, {"OrderType": ""}),
    ],
    ids=str,
)
def test_a_signed_pay_address_without_a_required_field_shows_error_03(changes: dict[str, str]) -> None:
    async def story(bank: Bank) -> None:
        query = signed_query(pay_fields(**changes), SECRET)
        assert code_of(await bank.client.get(f"/paymentv2/vpcpay.html?{query}")) == "03"

    play(story)


def test_a_pay_address_with_a_field_given_twice_shows_error_03() -> None:
    async def story(bank: Bank) -> None:
        url = bank.merchant.provider.start(order()).url
        assert code_of(await bank.client.get(f"{url}&vnp_Amount=100")) == "03"

    play(story)


def test_a_pay_address_opened_after_its_time_shows_error_11_and_is_not_known() -> None:
    async def story(bank: Bank) -> None:
        bank.clock.now = order().expires_at
        assert code_of(await bank.open(order())) == ""
        bank.clock.now = order().expires_at + timedelta(seconds=1)
        assert code_of(await bank.open(order(reference="LATE"))) == "11"
        assert (await bank.query(order(reference="LATE"))).verdict is Verdict.NOT_FOUND

    play(story)


@pytest.mark.parametrize(
    ("choice", "language", "said"),
    [
        ("pay", "vi", "Đã thanh toán. Bạn không cần trả lần nữa."),
        ("fraud", "vi", "Đã thanh toán. Bạn không cần trả lần nữa."),
        ("cancel", "vi", "Giao dịch đã kết thúc mà không thu tiền."),
        ("pay", "en", "It was paid. You need not pay again."),
    ],
)
def test_who_comes_back_to_a_page_that_has_ended_learns_how_and_finds_the_way_out(
    choice: str, language: str, said: str
) -> None:
    async def story(bank: Bank) -> None:
        wanted = order(language=language)
        away = (await bank.choose(choice, wanted)).headers["location"]
        again = await bank.open(wanted)
        assert said in again.text
        assert "Không thể thanh toán" not in again.text
        [back] = re.findall('href="([^"]+)"', again.text)
        assert unescape(back) == away

    play(story)


def test_a_restart_forgets_no_payment_no_number_and_no_request(tmp_path: Path) -> None:
    file = tmp_path / "bank.sqlite3"
    numbers: list[str] = []

    async def before(bank: Bank) -> None:
        await bank.choose("pay", order())
        numbers.append((await bank.query(order())).provider_reference)

    async def after(bank: Bank) -> None:
        assert (await bank.query(order())).code == "94"
        known = await bank.query(order(), "Q2")
        assert (known.verdict, known.provider_reference) == (Verdict.PAID, numbers[0])
        await bank.choose("pay", order(reference="NEXT"))
        assert (await bank.query(order(reference="NEXT"), "Q3")).provider_reference > numbers[0]

    play(before, file=file)
    play(after, file=file)


def test_a_page_can_be_made_slow() -> None:
    async def story(bank: Bank) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bank.open(order()), 0.02)

    play(story, page_delay_seconds=60)
