"""A receipt holds what the law asks for, and nothing else can be made."""

from __future__ import annotations

import json
import re
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receipts import InvalidReceipt
from receipts.document import (
    CHAIN_START,
    SERIAL_LETTERS,
    Kind,
    Line,
    Party,
    Receipt,
    ReplacedReceipt,
    chain_digest,
    serial_for,
    tidy,
    vietnam_date,
)
from tests.receipts.examples import COLLECTOR, FULL, example_line, example_receipt, receipts

LAST_MOMENT_OF_2026 = datetime(2026, 12, 31, 16, 59, 59, 900_000, tzinfo=UTC)  # 23:59:59.9 in Vietnam
FIRST_MOMENT_OF_2027 = datetime(2026, 12, 31, 17, 0, 0, 100_000, tzinfo=UTC)  # 00:00:00.1 in Vietnam


def test_T35_just_before_midnight_belongs_to_the_old_day_and_the_old_series() -> None:
    receipt = example_receipt(issued_at=LAST_MOMENT_OF_2026, serial="26TAA")
    assert receipt.issued_on == date(2026, 12, 31)
    assert serial_for(receipt.issued_on) == "26TAA"
    with pytest.raises(InvalidReceipt, match="another year"):
        replace(receipt, serial="27TAA")


def test_T35_just_after_midnight_belongs_to_the_new_day_and_the_new_series() -> None:
    receipt = example_receipt(issued_at=FIRST_MOMENT_OF_2027, serial="27TAA")
    assert receipt.issued_on == date(2027, 1, 1)
    assert serial_for(receipt.issued_on) == "27TAA"
    with pytest.raises(InvalidReceipt, match="another year"):
        replace(receipt, serial="26TAA")


def test_T35_the_zone_a_moment_is_written_in_changes_nothing() -> None:
    elsewhere = FIRST_MOMENT_OF_2027.astimezone(timezone(timedelta(hours=-9)))
    receipts_of_both = [
        example_receipt(issued_at=at, serial="27TAA") for at in (FIRST_MOMENT_OF_2027, elsewhere)
    ]
    assert receipts_of_both[0].digest() == receipts_of_both[1].digest()


def test_the_number_has_eight_digits_and_the_total_is_in_words() -> None:
    receipt = example_receipt(2, number=42)
    assert receipt.number_text == "00000042"
    assert receipt.total_dong == 150_000
    assert receipt.total_in_words == "Một trăm năm mươi nghìn đồng"


def test_a_receipt_cannot_be_edited() -> None:
    with pytest.raises(FrozenInstanceError):
        example_receipt().number = 2  # type: ignore[misc]  # that it cannot be done is the point


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"form_code": "01BLP0-001"}, "form_code"),
        ({"serial": "26TFA"}, "serial"),  # F is none of the twenty letters
        ({"serial": "26EAA"}, "serial"),
        ({"serial": "25TAA"}, "another year"),
        ({"number": 0}, "number"),
        ({"number": 100_000_000}, "number"),
        ({"number": True}, "number"),
        ({"number": "1"}, "number"),
        ({"issued_at": datetime(2026, 11, 22)}, "time zone"),  # noqa: DTZ001 - naive on purpose
        ({"issued_at": datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC)}, "2026-07-01"),
        ({"collector": Party("", "4200123456")}, "collector needs a name"),
        ({"collector": Party("Sở Tư pháp", "")}, "tax code"),
        ({"collector": Party("Sở Tư pháp", "42001234567")}, "tax code"),
        ({"delegate": Party("Bưu điện")}, "delegate"),
        ({"delegate": Party("", "", "01 Pasteur")}, "delegate"),
        ({"lines": ()}, "at least one line"),
        ({"total_dong": 49_999}, "sum of the lines"),
        ({"total_dong": 50_001}, "sum of the lines"),
        ({"total_dong": 50_000.0}, "total_dong"),
        ({"lookup_code": "abc"}, "lookup_code"),
        ({"lookup_code": "7K3M/9QXT"}, "lookup_code"),
        ({"verify_url": "javascript:alert(1)"}, "verify_url"),
        ({"verify_url": "https://thuphi.example/" + "a" * 300}, "verify_url"),
        ({"verify_url": "https://thuphi.example/một"}, "verify_url"),
        ({"dossier_code": None}, "dossier_code"),
    ],
)
def test_a_receipt_that_the_law_does_not_know_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidReceipt, match=problem):
        example_receipt(**changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"amount_dong": 0}, "above zero"),
        ({"amount_dong": -1}, "above zero"),
        ({"amount_dong": 1.5}, "whole number"),
        ({"amount_dong": True}, "whole number"),
        ({"kind": "service_price"}, "invoice"),
        ({"name_vi": " \u200b "}, "Vietnamese name"),
        ({"legal_basis": 12}, "legal_basis"),
    ],
)
def test_a_line_that_is_no_fee_or_charge_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidReceipt, match=problem):
        example_line(**changes)


def test_a_total_beyond_words_is_refused() -> None:
    huge = tuple(example_line(amount_dong=500_000_000_000_000) for _ in range(2))
    with pytest.raises(InvalidReceipt, match="must not exceed"):
        example_receipt(lines=huge)


def test_the_first_day_of_the_decree_is_allowed() -> None:
    first = datetime(2026, 6, 30, 17, 0, tzinfo=UTC)
    assert example_receipt(issued_at=first).issued_on == date(2026, 7, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("", "26TAA", 1, date(2026, 8, 1)),
        ("EBL01", "", 1, date(2026, 8, 1)),
        ("EBL01", "26TAA", 0, date(2026, 8, 1)),
        ("EBL01", "26TAA", 100_000_000, date(2026, 8, 1)),
    ],
)
def test_a_replaced_receipt_must_be_named_in_full(arguments: tuple[str, str, int, date]) -> None:
    with pytest.raises(InvalidReceipt, match="replaced receipt"):
        ReplacedReceipt(*arguments)


def test_a_replaced_receipt_of_an_older_regime_has_seven_digits() -> None:
    assert ReplacedReceipt("01BLP0-001", "AA-26E", 77, date(2026, 6, 1)).number_text == "0000077"
    assert ReplacedReceipt("EBL01", "26TAA", 77, date(2026, 8, 1)).number_text == "00000077"


@pytest.mark.parametrize("letters", ["FA", "A", "AAA", "aa", ""])
def test_serial_letters_outside_the_twenty_are_refused(letters: str) -> None:
    with pytest.raises(InvalidReceipt, match="serial letters"):
        serial_for(date(2026, 11, 22), letters)


def test_the_twenty_letters_leave_out_six() -> None:
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(SERIAL_LETTERS) == set("FIJOWZ")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Nguyễn \t Văn\nA ", "Nguyễn Văn A"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("A\u202eB\x00C\ufeffD\ud800", "ABCD"),
        ("a \u200b b", "a b"),
    ],
)
def test_typed_text_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert tidy(typed) == stored
    assert Party(typed).name == stored


@given(st.text())
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(receipts())
def test_data_and_bytes_round_trip(receipt: Receipt) -> None:
    again = Receipt.from_dict(json.loads(receipt.to_bytes()))
    assert again == receipt
    assert again.to_bytes() == receipt.to_bytes()
    assert again.digest() == receipt.digest()


def test_canonical_bytes_are_sorted_compact_and_readable() -> None:
    text = example_receipt(**FULL).to_bytes().decode()
    assert text.startswith('{"collector":{"address":"12 đường Yersin')
    assert '"issued_at":"2026-11-22T03:15:07.000000+00:00"' in text
    assert '"issued_on":"2026-06-01"' in text


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"lines": [{"kind": "fee"}]},
        {"lines": None},
        {"issued_at": "yesterday"},
        {"issued_at": None},
        {"collector": {"name": "A", "colour": "red"}},
        {"replaces": {"form_code": "EBL01"}},
        {"total_dong": 1},
    ],
)
def test_data_of_another_shape_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidReceipt):
        Receipt.from_dict(example_receipt().to_dict() | changes)


def test_data_with_a_field_missing_are_refused() -> None:
    data = example_receipt().to_dict()
    del data["payer"]
    with pytest.raises(InvalidReceipt, match="exactly"):
        Receipt.from_dict(data)


def test_every_field_changes_the_digest() -> None:
    changes: list[dict[str, Any]] = [
        {"form_code": "EBL02"},
        {"serial": "26TAB"},
        {"number": 2},
        {"issued_at": datetime(2026, 11, 22, 3, 15, 8, tzinfo=UTC)},
        {"collector": Party(COLLECTOR.name, "4200123456", COLLECTOR.address)},
        {"delegate": FULL["delegate"]},
        {"payer": None},
        {"lines": (example_line(legal_basis=""),)},
        {"dossier_code": ""},
        {"procedure_name": ""},
        {"payment_method": ""},
        {"provider_reference": ""},
        {"lookup_code": "7K3M-9QXT-2DHW"},
        {"verify_url": "https://thuphi.example/r/x"},
        {"replaces": FULL["replaces"]},
    ]
    digests = {example_receipt(1, **change).digest() for change in [{}, *changes]}
    assert len(digests) == 1 + len(changes)


def test_the_chain_depends_on_every_receipt_before() -> None:
    first, second = example_receipt(number=1), example_receipt(number=2)
    altered = replace(first, payer=Party("Người khác"))
    link = chain_digest(chain_digest(CHAIN_START, first), second)
    assert re.fullmatch(r"[0-9a-f]{64}", link)
    assert link != chain_digest(chain_digest(CHAIN_START, altered), second)
    assert link != chain_digest(CHAIN_START, second)
    with pytest.raises(InvalidReceipt, match="64"):
        chain_digest("", first)


def test_a_line_may_be_made_from_plain_words() -> None:
    assert Line(kind=Kind("fee"), name_vi="Phí", amount_dong=1).kind is Kind.FEE


def test_vietnam_is_seven_hours_ahead_all_year() -> None:
    for month in range(1, 13):
        assert vietnam_date(datetime(2027, month, 1, 16, 59, 59, tzinfo=UTC)) == date(2027, month, 1)
        assert vietnam_date(datetime(2027, month, 1, 17, 0, 0, tzinfo=UTC)) == date(2027, month, 2)
