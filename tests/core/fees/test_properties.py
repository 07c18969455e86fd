"""Laws that hold whatever the figures are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.core.fees import Catalogue, Facts, quote
from payments.core.fees.exact import Rounding, read_number, round_to, write_number, write_percent
from tests.core.fees.building import DAY

MONEY = st.one_of(st.integers(1, 10**6), st.integers(1, 10**13))


def total(catalogue: Catalogue, code: str, **inputs: Any) -> int:
    day = DAY.replace(year=2024)
    return quote(
        catalogue, code, Facts(inputs=inputs, filed_on=day, paid_on=day, channel="counter")
    ).total_dong


@given(first=MONEY, second=MONEY)
def test_a_dearer_contract_never_costs_less_to_notarise(
    catalogue: Catalogue, first: int, second: int
) -> None:
    low, high = sorted((first, second))
    for code in ("TP-CC-GIATRI", "TP-CC-THUE"):
        assert total(catalogue, code, value=low) <= total(catalogue, code, value=high)


@given(first=st.integers(0, 10**13), second=st.integers(0, 10**13))
def test_a_larger_dispute_never_costs_less(catalogue: Catalogue, first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert total(catalogue, "TP-TA-DANSU", dispute_value=low) <= total(
        catalogue, "TP-TA-DANSU", dispute_value=high
    )


@pytest.mark.parametrize(
    ("code", "name", "edges"),
    [
        ("TP-CC-GIATRI", "value", [10**8, 10**9, 3 * 10**9, 5 * 10**9, 10**10, 10**11]),
        ("TP-CC-THUE", "value", [10**8, 10**9, 3 * 10**9, 5 * 10**9, 10**10]),
        ("TP-TA-DANSU", "dispute_value", [6_000_000, 4 * 10**8, 8 * 10**8, 2 * 10**9, 4 * 10**9]),
    ],
)
def test_tiers_meet_at_their_edges(catalogue: Catalogue, code: str, name: str, edges: list[int]) -> None:
    for edge in edges:
        below, at, above = (total(catalogue, code, **{name: edge + step}) for step in (-1, 0, 1))
        assert below <= at <= above
        assert above - at <= 1, edge


@given(pages=st.integers(1, 5000), copies=st.integers(1, 1000))
def test_copies_are_computed_each_on_its_own(catalogue: Catalogue, pages: int, copies: int) -> None:
    one = total(catalogue, "2.000815", pages=pages, copies=1)
    assert total(catalogue, "2.000815", pages=pages, copies=copies) == copies * one
    assert one == min(200_000, 2000 * min(pages, 2) + 1000 * max(pages - 2, 0))


@given(billion=st.integers(1, 30_000))
def test_an_appraisal_fee_stays_between_its_floor_and_its_ceiling(catalogue: Catalogue, billion: int) -> None:
    fee = total(catalogue, "TP-DT-THAMDINH", investment_dong=billion * 10**9)
    assert 500_000 <= fee <= 150_000_000


@given(
    number=st.fractions(max_denominator=1000),
    step=st.sampled_from([1, 5, 10, 1000, Fraction(1, 4)]),
    way=st.sampled_from(["half_up", "half_even", "up", "down"]),
)
def test_rounding_goes_to_a_neighbouring_multiple(number: Fraction, step: Any, way: Rounding) -> None:
    found = round_to(number, step, way)
    assert Fraction(found) % step == 0
    assert abs(found - number) < step
    assert {"up": found >= number, "down": found <= number}.get(way, abs(found - number) * 2 <= step)


@pytest.mark.parametrize(("way", "halves"), [("half_up", [1, 2, 3]), ("half_even", [0, 2, 2])])
def test_a_half_goes_where_its_rule_says(way: Rounding, halves: list[int]) -> None:
    assert [round_to(Fraction(odd, 2), 1, way) for odd in (1, 3, 5)] == halves


@given(number=st.decimals(-(10**12), 10**12, places=6))
def test_a_number_that_is_written_can_be_read_again(number: Any) -> None:
    assert read_number(write_number(Fraction(number), "en").replace(",", "")) == Fraction(number)


@pytest.mark.parametrize(
    ("number", "vi", "en"),
    [
        (1_250_000, "1.250.000", "1,250,000"),
        (Fraction(-5, 2), "-2,5", "-2.5"),
        (Fraction(1, 3), "1/3", "1/3"),
        (Fraction(10_000, 3), "10.000/3", "10,000/3"),
        (Fraction(1, 8), "0,125", "0.125"),
    ],
)
def test_numbers_are_written_as_each_language_does(number: Any, vi: str, en: str) -> None:
    assert (write_number(number, "vi"), write_number(number, "en")) == (vi, en)
    assert write_percent(Fraction(6, 10_000), "vi") == "0,06%"


@pytest.mark.parametrize(
    "text", ["", "1e3", "0x1", "١", "1,5", "5 %", "--1", ".5", "1.", "01", "NaN", "1_000"]
)
def test_only_plain_decimals_are_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="plain decimal"):
        read_number(text)
