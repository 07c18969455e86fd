"""Identifiers: sortable where order matters, unguessable where they are keys, readable where people read them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from payments.core import references

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(moments, st.integers(1, 10**9))
def test_later_ids_sort_later(moment: datetime, milliseconds: int) -> None:
    draw = random.Random(milliseconds).randbytes
    later = moment + timedelta(milliseconds=milliseconds)
    assert references.sortable(moment, draw) < references.sortable(later, draw)


def test_ids_fit_what_they_are_for() -> None:
    draw = random.Random(1).randbytes
    shapes = {
        references.request_id(NOW, draw): ("pr_", 29),
        references.attempt_reference(NOW, draw): ("TP", 28),
        references.refund_reference(NOW, draw): ("RF", 28),
        references.question_id(draw): ("", 26),
        references.checkout_token(draw): ("", 26),
        references.lookup_code(draw): ("", 12),
        references.api_key(draw): ("thuphi_", 58),
    }
    for made, (prefix, length) in shapes.items():
        assert made.startswith(prefix)
        assert len(made) == length
        assert set(made.removeprefix(prefix)) <= set(references.ALPHABET)


def test_a_provider_gets_letters_and_digits_only() -> None:
    reference = references.attempt_reference(NOW, random.Random(2).randbytes)
    assert reference.isalnum()
    assert len(reference) <= 32


@given(st.binary(min_size=17, max_size=17))
def test_every_random_bit_of_a_token_counts(drawn: bytes) -> None:
    flipped = bytes([*drawn[:-1], drawn[-1] ^ 1])
    assert references.checkout_token(lambda _: drawn) != references.checkout_token(lambda _: flipped)


@given(st.binary(min_size=1, max_size=20))
def test_encoding_is_the_number_in_base_32(data: bytes) -> None:
    text = references.encode(data, 40)
    number = 0
    for digit in text:
        number = number * 32 + references.ALPHABET.index(digit)
    assert number == int.from_bytes(data, "big")
