"""Whole đồng, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core.money import MOST_DONG, Money, format_dong, total_dong

amounts = st.integers(min_value=0, max_value=MOST_DONG)


@pytest.mark.parametrize("amount", [1.0, "1", True, None])
def test_only_an_int_is_money(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [-1, MOST_DONG + 1])
def test_an_amount_out_of_bounds_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        Money(amount)


@pytest.mark.parametrize("amount", [0, 1, MOST_DONG])
def test_T32_the_bounds_themselves_are_money(amount: int) -> None:
    assert Money(amount).dong == amount


@given(amounts, amounts)
def test_what_is_taken_away_again_leaves_what_was(first: int, second: int) -> None:
    smaller, larger = sorted((first, second))
    left = Money(larger) - Money(smaller)
    assert left + Money(smaller) == Money(larger)


def test_more_cannot_be_taken_than_there_is() -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        Money(1) - Money(2)


@given(st.lists(st.integers(min_value=0, max_value=10**9), max_size=20))
def test_a_total_is_the_sum(parts: list[int]) -> None:
    assert total_dong(parts) == sum(parts)


def test_a_total_beyond_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        total_dong([MOST_DONG, 1])


@pytest.mark.parametrize(
    ("dong", "written"),
    [
        (0, "0 đ"),
        (999, "999 đ"),
        (1_000, "1.000 đ"),
        (1_250_000, "1.250.000 đ"),
        (MOST_DONG, "1.000.000.000.000 đ"),
    ],
)
def test_amounts_are_written_as_people_in_vietnam_do(dong: int, written: str) -> None:
    assert format_dong(dong) == written.replace(" ", "\N{NO-BREAK SPACE}")
    assert str(Money(dong)) == format_dong(dong)
