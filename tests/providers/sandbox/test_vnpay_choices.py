"""Every choice on the bank's page: how the return, the IPNs and a query tell of it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from providers import (
    Acknowledgement,
    Verdict,
)
from providers.sandbox.vnpay import SandboxVnPay
from providers.sandbox.vnpay_bank import CHOICES
from tests.providers.samples import SECRET, TERMINAL, get, order, query_fields
from tests.providers.sandbox.bank import IPN, Bank, Merchant, code_of, play, terminal

ENDS = {
    # choice: codes of the return, verdicts that the IPNs bring, verdict of a query, amount told
    "pay": ("00/00", ["paid"], Verdict.PAID, 10_000),
    "cancel": ("24/02", ["failed"], Verdict.FAILED, 10_000),
    "fail": ("51/02", ["failed"], Verdict.FAILED, 10_000),
    "late": ("00/00", [], Verdict.PAID, 10_000),
    "silent": ("00/00", [], Verdict.PAID, 10_000),
    "double": ("00/00", ["paid", "paid"], Verdict.PAID, 10_000),
    "other_amount": ("00/00", ["paid"], Verdict.PAID, 11_000),
    "forged": ("24/02", ["forged"], Verdict.FAILED, 10_000),
    "fraud": ("07/07", ["review"], Verdict.REVIEW, 10_000),
}


@pytest.mark.parametrize("choice", sorted(CHOICES))
def test_a_choice_ends_as_the_table_says_in_return_notice_and_query(choice: str) -> None:
    codes, notices, verdict, amount_dong = ENDS[choice]

    async def story(bank: Bank) -> None:
        pressed = await bank.choose(choice, order())
        assert pressed.status_code == 303
        address, _, query = pressed.headers["location"].partition("?")
        assert address == order().return_url
        returned = bank.merchant.provider.hear(get(query))
        assert (returned.code, returned.amount_dong) == (codes, amount_dong)
        assert bank.merchant.verdicts() == notices
        asked = await bank.query(order())
        assert (asked.verdict, asked.amount_dong) == (verdict, amount_dong)
        assert asked.provider_reference == returned.provider_reference
        assert bool(returned.provider_reference) == (codes in ("00/00", "07/07"))

    play(story)


def test_a_late_notice_comes_late() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("late", order())
        assert bank.merchant.verdicts() == []
        await asyncio.sleep(0.1)
        assert bank.merchant.verdicts() == ["paid"]

    play(story)


def test_another_amount_stays_within_what_can_be_carried() -> None:
    async def story(bank: Bank) -> None:
        for reference, asked_dong, paid_dong in (
            ("A", 9_999_998_999, 9_999_999_999),
            ("B", 9_999_999_000, 9_999_998_000),
        ):
            wanted = order(reference=reference, amount_dong=asked_dong)
            await bank.choose("other_amount", wanted)
            assert (await bank.query(wanted, f"Q{reference}")).amount_dong == paid_dong

    play(story)


def test_a_return_address_with_a_query_of_its_own_keeps_it() -> None:
    async def story(bank: Bank) -> None:
        wanted = order(return_url="https://thanhtoan.example.gov.vn/return?lang=vi")
        location = (await bank.choose("pay", wanted)).headers["location"]
        assert location.startswith("https://thanhtoan.example.gov.vn/return?lang=vi&vnp_Amount=")
        assert bank.merchant.provider.hear(get(location.partition("?")[2])).verdict is Verdict.PAID

    play(story)


def test_a_second_press_of_a_button_pays_nothing_twice() -> None:
    async def story(bank: Bank) -> None:
        page = await bank.open(order())
        token = re.findall('name="token" value="([^"]+)"', page.text)[0]
        first = await bank.press("pay", token)
        second = await bank.press("cancel", token)
        assert first.headers["location"] == second.headers["location"]
        assert bank.merchant.verdicts() == ["paid"]
        assert code_of(await bank.open(order())) == "01"

    play(story)


def test_a_payer_whose_card_was_empty_may_pay_after_all() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("fail", order())
        await bank.choose("pay", order())
        assert bank.merchant.verdicts() == ["failed", "paid"]
        assert (await bank.query(order())).verdict is Verdict.PAID

    play(story)


def test_who_pays_after_the_window_is_refused_with_code_11() -> None:
    async def story(bank: Bank) -> None:
        page = await bank.open(order())
        token = re.findall('name="token" value="([^"]+)"', page.text)[0]
        assert (await bank.query(order(), "Q1")).verdict is Verdict.PENDING
        bank.clock.now += timedelta(minutes=15, seconds=1)
        assert (await bank.query(order(), "Q2")).verdict is Verdict.FAILED
        location = (await bank.press("pay", token)).headers["location"]
        assert query_fields(location)["vnp_ResponseCode"] == "11"
        assert bank.merchant.verdicts() == ["failed"]

    play(story)


def test_money_taken_in_time_is_still_told_after_the_window() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        bank.clock.now += timedelta(days=1)
        assert (await bank.query(order())).verdict is Verdict.PAID

    play(story)


@pytest.mark.parametrize(
    "form", [{}, {"token": "no such"}, {"choice": "pay"}, {"token": "x", "choice": "steal"}]
)
def test_a_form_that_the_page_never_made_shows_error_03(form: dict[str, str]) -> None:
    async def story(bank: Bank) -> None:
        assert code_of(await bank.client.post("/paymentv2/vpcpay.html", data=form)) == "03"

    play(story)


AGAIN = [Acknowledgement.UNKNOWN_ORDER, Acknowledgement.WRONG_AMOUNT, Acknowledgement.TRY_AGAIN]


@pytest.mark.parametrize(
    ("answers", "calls"),
    [
        ([Acknowledgement.RECORDED], 1),
        ([Acknowledgement.DUPLICATE], 1),
        ([*AGAIN, Acknowledgement.DUPLICATE], 4),
        ([Acknowledgement.TRY_AGAIN] * 20, 10),
    ],
)
def test_a_notice_is_repeated_until_it_is_acknowledged_and_at_most_ten_times(
    answers: list[Acknowledgement], calls: int
) -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("pay", order())
        await bank.settle()
        await bank.settle()
        assert bank.merchant.verdicts() == ["paid"] * calls

    play(story, answers=answers)


def test_who_forges_a_notice_does_not_try_again() -> None:
    async def story(bank: Bank) -> None:
        await bank.choose("forged", order())
        assert bank.merchant.verdicts() == ["forged"]

    play(story, answers=[Acknowledgement.TRY_AGAIN] * 5)


def test_calls_that_are_still_to_be_made_end_with_the_server() -> None:
    heard: list[Merchant] = []

    async def story(bank: Bank) -> None:
        heard.append(bank.merchant)
        await bank.choose("late", order())

    play(story, late_notice_seconds=3600)
    assert heard[0].verdicts() == []


@pytest.mark.parametrize("address", ["http://thanhtoan.example.gov.vn/ipn", "http://10.0.0.1/ipn", "ipn", ""])
def test_a_notice_goes_to_this_machine_unless_it_is_allowed_elsewhere(address: str) -> None:
    with pytest.raises(ValueError, match="not on this machine"):
        SandboxVnPay((terminal(ipn_url=address),))
    assert SandboxVnPay((terminal(ipn_url=address),), loopback_only=False).terminals


@pytest.mark.parametrize("address", [IPN, "http://localhost:1/ipn", "http://[::1]:1/ipn"])
def test_an_address_on_this_machine_is_taken(address: str) -> None:
    assert SandboxVnPay((terminal(ipn_url=address),)).terminal(TERMINAL) == terminal(ipn_url=address)


def test_the_settings_show_no_secret() -> None:
    assert SECRET not in repr(SandboxVnPay((terminal(),)))
