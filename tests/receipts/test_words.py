"""Amounts in words follow the convention, and are read back."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receipts.errors import AmountOutOfRange, UnreadableWords
from receipts.words import MOST_DONG, amount_in_english, amount_in_words, read_amount

PAIRS = json.loads((Path(__file__).parent / "amount-in-words.json").read_text(encoding="utf-8"))["pairs"]


def test_all_pairs_are_there() -> None:
    assert len(PAIRS) == 124


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["vnd"]))
def test_an_amount_is_written_and_read_as_its_pair_says(pair: dict[str, Any]) -> None:
    assert amount_in_words(pair["vnd"]) == pair["receipt"]
    assert read_amount(pair["receipt"]) == pair["vnd"]


@given(st.integers(0, MOST_DONG) | st.integers(0, 10_000_000))
def test_what_is_written_is_read_back(amount_dong: int) -> None:
    assert read_amount(amount_in_words(amount_dong)) == amount_dong


@given(st.integers(0, MOST_DONG))
def test_words_are_one_capitalised_sentence_in_nfc(amount_dong: int) -> None:
    words = amount_in_words(amount_dong)
    assert words == unicodedata.normalize("NFC", words).capitalize()
    assert words.endswith(" đồng")
    assert not set(words) & set(",.;-0123456789")


@pytest.mark.parametrize(
    ("words", "amount_dong"),
    [
        ("Không đồng", 0),
        ("một nghìn không trăm lẻ bốn đồng", 1_004),
        ("Hai mươi bốn ngàn đồng", 24_000),
        ("Một tỉ đồng", 1_000_000_000),
        ("  MỘT   TRIỆU\tĐỒNG ", 1_000_000),
        ("năm trăm", 500),
        (unicodedata.normalize("NFD", "Hai mươi mốt nghìn đồng"), 21_000),
        ("một nghìn tỷ không trăm linh năm đồng", 1_000_000_000_005),
    ],
)
def test_variants_people_write_are_accepted(words: str, amount_dong: int) -> None:
    assert read_amount(words) == amount_dong


@pytest.mark.parametrize(
    "words",
    [
        "",
        "đồng",
        "một và hai đồng",
        "một nghìn bốn đồng",  # the group's hundreds are missing
        "hai mươi một đồng",
        "mười tư đồng",
        "một trăm linh lăm đồng",
        "mươi đồng",
        "nghìn đồng",
        "một triệu triệu đồng",
        "một tỷ tỷ đồng",
        "mót nghìn đồng",
        "một nghìn tỷ không nghìn đồng",
        "một triệu tỷ đồng",  # above 999,999 tỷ
        "không không đồng",
    ],
)
def test_words_that_break_the_rules_are_refused(words: str) -> None:
    with pytest.raises(UnreadableWords):
        read_amount(words)


number_words = ("không", "một", "tư", "lăm", "mười", "mươi", "trăm", "linh", "nghìn", "triệu", "tỷ")


@given(st.lists(st.sampled_from(number_words), max_size=9))
def test_words_are_refused_or_are_the_one_way_to_say_their_amount(words: list[str]) -> None:
    text = " ".join(words)
    try:
        amount_dong = read_amount(text)
    except UnreadableWords:
        return
    assert amount_in_words(amount_dong).lower() == f"{text} đồng"


@pytest.mark.parametrize("amount_dong", [-1, MOST_DONG + 1, True, 1.0, "1"])
def test_what_is_no_amount_is_not_written(amount_dong: Any) -> None:
    with pytest.raises(AmountOutOfRange):
        amount_in_words(amount_dong)


def test_the_largest_amount_is_just_below_a_million_ty() -> None:
    assert amount_in_words(MOST_DONG).startswith(
        "Chín trăm chín mươi chín nghìn chín trăm chín mươi chín tỷ "
    )


@pytest.mark.parametrize(
    ("amount_dong", "words"),
    [
        (0, "Zero Vietnamese dong"),
        (1, "One Vietnamese dong"),
        (10, "Ten Vietnamese dong"),
        (13, "Thirteen Vietnamese dong"),
        (20, "Twenty Vietnamese dong"),
        (21, "Twenty-one Vietnamese dong"),
        (99, "Ninety-nine Vietnamese dong"),
        (100, "One hundred Vietnamese dong"),
        (119, "One hundred nineteen Vietnamese dong"),
        (1_000, "One thousand Vietnamese dong"),
        (1_004, "One thousand four Vietnamese dong"),
        (5_000, "Five thousand Vietnamese dong"),
        (215_000, "Two hundred fifteen thousand Vietnamese dong"),
        (1_250_000, "One million two hundred fifty thousand Vietnamese dong"),
        (14_040_040, "Fourteen million forty thousand forty Vietnamese dong"),
        (1_000_000_001, "One billion one Vietnamese dong"),
        (10**12, "One trillion Vietnamese dong"),
        (
            MOST_DONG,
            "Nine hundred ninety-nine trillion nine hundred ninety-nine billion nine hundred ninety-nine million"
            " nine hundred ninety-nine thousand nine hundred ninety-nine Vietnamese dong",
        ),
    ],
)
def test_an_amount_is_written_in_english(amount_dong: int, words: str) -> None:
    assert amount_in_english(amount_dong) == words


ENGLISH_VALUES = {
    word: value
    for start, step, words in (
        (0, 1, "zero one two three four five six seven eight nine ten eleven twelve"),
        (13, 1, "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
        (20, 10, "twenty thirty forty fifty sixty seventy eighty ninety"),
    )
    for value, word in zip(range(start, 100, step), words.split(), strict=False)
}
ENGLISH_SIZES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def read_english(words: str) -> int:
    """What an English reader understands."""
    total = group = 0
    for word in words.lower().removesuffix(" vietnamese dong").replace("-", " ").split():
        if word == "hundred":
            group *= 100
        elif word in ENGLISH_SIZES:
            total, group = total + group * ENGLISH_SIZES[word], 0
        else:
            group += ENGLISH_VALUES[word]
    return total + group


@given(st.integers(0, MOST_DONG) | st.integers(0, 10_000_000))
def test_english_words_are_understood_as_the_amount_that_was_meant(amount_dong: int) -> None:
    assert read_english(amount_in_english(amount_dong)) == amount_dong


@pytest.mark.parametrize("amount_dong", [-1, MOST_DONG + 1, True, 1.0, "1"])
def test_what_is_no_amount_is_not_written_in_english_either(amount_dong: Any) -> None:
    with pytest.raises(AmountOutOfRange):
        amount_in_english(amount_dong)
