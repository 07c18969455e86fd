"""Amounts in Vietnamese words, and back; and in English words, for those who read no Vietnamese.

The law asks for figures and words that agree and sets no spelling (Decree 254/2026 art. 23(2)đ), so
this is one convention, used everywhere: ``linh`` (not lẻ), ``nghìn`` (not ngàn), ``tỷ`` (not tỉ),
``tư``, ``mốt`` and ``lăm`` after ``mươi``, ``lăm`` after ``mười``, ``không trăm`` kept inside the
number, no ``và``, no commas, no ``chẵn``. Groups of zeros are silent; ``tỷ`` keeps its place.
The English words have no ``and`` and no commas either, and a hyphen from ``twenty-one`` on.
"""

from __future__ import annotations

import unicodedata

from receipts.errors import AmountOutOfRange, UnreadableWords

MOST_DONG = 999_999_999_999_999  # 999,999 tỷ and all that fits below the next one

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
UNITS_AFTER_MUOI = {5: "lăm"}  # mười lăm, but mười một, mười bốn
UNITS_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}  # hai mươi mốt, hai mươi tư, hai mươi lăm
GROUP_NAMES = ((1_000_000, "triệu"), (1_000, "nghìn"), (1, ""))
BILLION = 1_000_000_000

# Spellings that people use and that mean the same; read, never written.
ACCEPTED_VARIANTS = {"lẻ": "linh", "ngàn": "nghìn", "tỉ": "tỷ", "bẩy": "bảy"}

WORD_VALUES = {word: value for value, word in enumerate(DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5}
GROUP_VALUES = {name: value for value, name in GROUP_NAMES if name}


ENGLISH_BELOW_TWENTY = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ENGLISH_GROUPS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (1, ""))


def amount_in_words(amount_dong: int) -> str:
    """The amount as it stands on a receipt: ``1_004`` is "Một nghìn không trăm linh bốn đồng".

    Raises AmountOutOfRange for anything but a whole number from 0 to MOST_DONG.
    """
    _require_amount(amount_dong)
    return _sentence([*_number(amount_dong), "đồng"])


def amount_in_english(amount_dong: int) -> str:
    """The amount for an English reader: ``1_004`` is "One thousand four Vietnamese dong".

    Raises AmountOutOfRange for anything but a whole number from 0 to MOST_DONG.
    """
    _require_amount(amount_dong)
    words = [
        word
        for size, name in ENGLISH_GROUPS
        if (group := amount_dong // size % 1_000)
        for word in (*_english_group(group), name)
        if word
    ]
    return _sentence([*(words or [ENGLISH_BELOW_TWENTY[0]]), "Vietnamese dong"])


def _require_amount(amount_dong: int) -> None:
    if isinstance(amount_dong, bool) or not isinstance(amount_dong, int):
        raise AmountOutOfRange("an amount in words must be a whole number of đồng")
    if not 0 <= amount_dong <= MOST_DONG:
        raise AmountOutOfRange(f"an amount in words lies between 0 and {MOST_DONG} đồng")


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return text[0].upper() + text[1:]


def _english_group(group: int) -> list[str]:
    hundreds, rest = divmod(group, 100)
    words = [ENGLISH_BELOW_TWENTY[hundreds], "hundred"] if hundreds else []
    return [*words, _english_below_hundred(rest)] if rest else words


def _english_below_hundred(number: int) -> str:
    if number < len(ENGLISH_BELOW_TWENTY):
        return ENGLISH_BELOW_TWENTY[number]
    tens, units = divmod(number, 10)
    return f"{ENGLISH_TENS[tens]}-{ENGLISH_BELOW_TWENTY[units]}" if units else ENGLISH_TENS[tens]


def _number(number: int) -> list[str]:
    if number == 0:
        return [DIGITS[0]]
    billions, rest = divmod(number, BILLION)
    words = [*_below_billion(billions, has_higher=False), "tỷ"] if billions else []
    return words + _below_billion(rest, has_higher=bool(billions))


def _below_billion(number: int, has_higher: bool) -> list[str]:
    words: list[str] = []
    for size, name in GROUP_NAMES:
        group = number // size % 1_000
        if group:
            words += _group(group, has_higher or bool(words))
            words += [name] if name else []
    return words


def _group(group: int, has_higher: bool) -> list[str]:
    hundreds, tens_and_units = divmod(group, 100)
    spoken_hundreds = bool(hundreds) or has_higher
    words = [DIGITS[hundreds], "trăm"] if spoken_hundreds else []
    return words + _tens_and_units(tens_and_units, spoken_hundreds)


def _tens_and_units(number: int, after_hundreds: bool) -> list[str]:
    tens, units = divmod(number, 10)
    if tens == 0:
        linh = ["linh"] if after_hundreds else []
        return [*linh, DIGITS[units]] if units else []
    if tens == 1:
        words, irregular = ["mười"], UNITS_AFTER_MUOI
    else:
        words, irregular = [DIGITS[tens], "mươi"], UNITS_AFTER_TENS
    return [*words, irregular.get(units, DIGITS[units])] if units else words


def read_amount(text: str) -> int:
    """The amount in đồng that the words say; the inverse of :func:`amount_in_words`.

    Letter case, spaces, a missing ``đồng`` and the accepted variants do not matter; everything else
    must follow the rules, or UnreadableWords is raised. A wrong tone is another word.
    """
    words = _folded(text)
    amount_dong = _value(words)
    if amount_dong > MOST_DONG or _number(amount_dong) != words:
        raise UnreadableWords("the words do not follow the rules of reading numbers")
    return amount_dong


def _folded(text: str) -> list[str]:
    words = unicodedata.normalize("NFC", text).lower().split()
    if words and words[-1] == "đồng":
        words.pop()
    folded = [ACCEPTED_VARIANTS.get(word, word) for word in words]
    for place, word in enumerate(folded[1:], start=1):
        if word == "bốn" and folded[place - 1] == "mươi":
            folded[place] = "tư"
    return folded


def _value(words: list[str]) -> int:
    """A generous sum over the words. Whether they were in order is for the caller to compare."""
    billions = section = group = digit = 0
    for word in words:
        if word in WORD_VALUES:
            digit = WORD_VALUES[word]
        elif word == "trăm":
            group, digit = digit * 100, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "mười":
            group += 10
        elif word in GROUP_VALUES:
            section, group, digit = section + (group + digit) * GROUP_VALUES[word], 0, 0
        elif word == "tỷ":
            billions, section, group, digit = section + group + digit, 0, 0, 0
        elif word != "linh":
            raise UnreadableWords("a word is not part of any number")
    return billions * BILLION + section + group + digit
