"""Names are folded the same way however they are typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core.names import MOST_LETTERS, fold, words_of


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Nguyễn Đình Ổn", "nguyen dinh on"),
        ("TRẦN ĐỨC ƯỚC", "tran duc uoc"),
        ("Hoa\u0300ng Ye\u0302\u0301n", "hoang yen"),
        ("Zoë Müller", "zoe muller"),
        ("İstanbul", "istanbul"),
    ],
)
def test_a_folded_name_is_small_and_bare(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_what_is_neither_letter_nor_digit_parts_words() -> None:
    assert words_of("Công ty TNHH_1 “Đông-Á” & O'Brien") == {
        *("cong", "ty", "tnhh", "1", "dong", "a", "o", "brien")
    }
    assert words_of(" _ – ! ") == frozenset()


@given(st.text())
def test_words_do_not_depend_on_how_letters_are_composed(name: str) -> None:
    composed, taken_apart = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert words_of(composed) == words_of(taken_apart)


@given(st.text(max_size=300))
def test_a_word_fits_its_column_and_folds_to_itself(name: str) -> None:
    for word in words_of(name):
        assert 1 <= len(word) <= MOST_LETTERS
        assert words_of(word) == {word}
