"""Kinds of rule that laws use beyond the worked cases: one invented schedule for each, computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from payments.core.fees import FilesRefused
from tests.core.fees.asking import benefit, day, refusal
from tests.core.fees.building import item, line, priced, question, schedule

# 200,000 by region × 1.5 for a large site: a product of factors
REGION_BY_SIZE = {
    "type": "multiply",
    "factors": [
        {"type": "lookup", "by": ["region"], "table": {"a": 200_000, "b": 100_000}},
        {
            "type": "slabs",
            "by": "hectares",
            "bands": [{"to": "0.5", "amount": 1}, {"over": "0.5", "amount": "1.5"}],
        },
    ],
}


@pytest.mark.parametrize(
    ("region", "hectares", "amount_dong"),
    [("a", "0.5", 200_000), ("a", "0.500001", 300_000), ("b", "7", 150_000)],
)
def test_a_product_of_region_and_size(region: str, hectares: str, amount_dong: int) -> None:
    kinds = {"region": "option", "hectares": "decimal"}
    assert priced(REGION_BY_SIZE, kinds, {"region": region, "hectares": hectares}) == amount_dong


@pytest.mark.parametrize(("value", "amount_dong"), [(0, 0), (100_000_000, 0), (100_000_001, 2_000_000)])
def test_a_threshold_under_which_nothing_and_above_which_the_whole_is_charged(
    value: int, amount_dong: int
) -> None:
    # 2% of 100,000,001 is 2,000,000.02
    bands = [{"to": 100_000_000}, {"over": 100_000_000, "rate": "2%", "rate_on": "whole"}]
    assert (
        priced({"type": "tiers", "by": "value", "bands": bands}, {"value": "money"}, {"value": value})
        == amount_dong
    )


@pytest.mark.parametrize(("population", "amount_dong"), [(10, 90_000), (11, 70_000), (51, 50_000)])
def test_a_price_by_the_population_of_the_whole_session(population: int, amount_dong: int) -> None:
    bands = [
        {"to": 10, "amount": 90_000},
        {"from": 11, "to": 50, "amount": 70_000},
        {"from": 51, "amount": 50_000},
    ]
    rule = {"type": "slabs", "by": "population", "bands": bands}
    assert priced(rule, {"population": "whole"}, {"population": population}) == amount_dong


@pytest.mark.parametrize(("units", "amount_dong"), [(10, 100_000), (11, 108_000), (100, 500_000)])
def test_a_price_per_unit_that_falls_with_a_cap_on_the_sum(units: int, amount_dong: int) -> None:
    # 10 × 10,000; the eleventh 8,000; 10 × 10,000 + 90 × 8,000 = 820,000, at most 500,000
    steps = [{"through": 10, "price": 10_000}, {"price": 8_000}]
    rule = {"type": "limit", "value": {"type": "per_unit", "unit": "units", "steps": steps}, "cap": 500_000}
    assert priced(rule, {"units": "whole"}, {"units": units}) == amount_dong


@pytest.mark.parametrize(
    ("issued_on", "amount_dong"),
    [
        ("2026-01-01", 1_000_001),
        ("2026-06-30", 1_000_001),
        ("2026-07-01", 500_001),
        ("2024-12-31", 500_001),
    ],
)
def test_half_a_years_fee_when_the_certificate_comes_after_mid_year(issued_on: str, amount_dong: int) -> None:
    half = benefit("half", "pay", value="50%", when={"issued_on": {"from_day": {"day": 1, "month": 7}}})
    found = item(1_000_001, benefits=[half])  # the half is 500,000.5, rounded up
    assert line(found, {"issued_on": "date"}, {"issued_on": issued_on}).amount_dong == amount_dong


@pytest.mark.parametrize(
    ("paid_on", "due"),
    [
        ("2024-02-28", False),
        ("2024-02-29", True),
        ("2026-03-01", True),
        ("2026-03-15", True),
        ("2026-03-16", False),
    ],
)
def test_a_season_of_every_year(paid_on: str, due: bool) -> None:
    season = {"paid_on": {"from_day": {"day": 29, "month": 2}, "to_day": {"day": 15, "month": 3}}}
    rule = {"type": "choose", "cases": [{"when": season, "then": 7}], "otherwise": 0}
    assert priced(rule, {}, {}, paid_on=day(paid_on)) == 7 * due


@pytest.mark.parametrize("wrong", [{"day": 31, "month": 4}, {"day": 30, "month": 2}, {"day": 0, "month": 1}])
def test_a_day_that_no_year_has_is_refused(wrong: dict[str, int]) -> None:
    half = benefit("half", "exempt", when={"paid_on": {"from_day": wrong}})
    with pytest.raises(FilesRefused, match="day"):
        line(item(1, benefits=[half]), {}, {})


@pytest.mark.parametrize(("tonnes", "amount_dong"), [("1.24", 12_000), ("1.25", 13_000), ("0.04", 0)])
def test_a_quantity_is_rounded_before_it_is_multiplied(tonnes: str, amount_dong: int) -> None:
    rule = {"type": "multiply", "factors": [{"type": "round", "value": "tonnes", "to": "0.1"}, 10_000]}
    assert priced(rule, {"tonnes": "decimal"}, {"tonnes": tonnes}) == amount_dong


@pytest.mark.parametrize(("units", "amount_dong"), [(1, 1000), (3, 2000), (6, 3000)])
def test_money_is_rounded_by_a_rule_of_the_text(units: int, amount_dong: int) -> None:
    # 500, 1,500, 3,000: to whole thousands, half up
    found = item(
        {"type": "multiply", "factors": ["units", 500]}, rounding={"way": "half_up", "to_dong": 1000}
    )
    assert line(found, {"units": "whole"}, {"units": units}).amount_dong == amount_dong


# the first card is issued from the age of 14; it costs nothing below 16
AGE = {"age": {"type": "time_between", "from": "born_on", "to": "filed_on", "in": "years"}}
CARD = item(
    30_000,
    computed=AGE,
    not_payable=[{"when": {"age": {"under": 14}}, "reason_vi": "dưới 14 tuổi", "reason_en": "under 14"}],
    benefits=[benefit("young", "exempt", when={"age": {"under": 16}})],
)


@pytest.mark.parametrize(
    ("born_on", "outcome"),
    [
        ("2012-11-23", "not_payable"),  # 14 tomorrow
        ("2012-11-22", "exempt"),  # 14 today
        ("2010-11-23", "exempt"),
        ("2010-11-22", "due"),
    ],
)
def test_an_age_decides_to_the_day(born_on: str, outcome: str) -> None:
    assert line(CARD, {"born_on": "date"}, {"born_on": born_on}).outcome == outcome


def test_what_is_computed_from_something_not_supplied_satisfies_no_condition() -> None:
    assert line(CARD, {"born_on": "date"}, {}).outcome == "due"


@pytest.mark.parametrize(
    ("start", "end", "unit", "changes", "number"),
    [
        ("2026-01-31", "2026-02-27", "months", {}, 0),
        ("2026-01-31", "2026-02-28", "months", {}, 1),  # there is no 31 February
        ("2026-01-31", "2026-03-30", "months", {}, 1),
        ("2026-01-15", "2026-03-14", "months", {"count": "begun"}, 2),
        ("2026-01-15", "2026-03-15", "months", {"count": "begun"}, 2),
        ("2026-01-15", "2026-03-16", "months", {"count": "begun"}, 3),
        ("2026-01-01", "2026-12-31", "months", {"both_days": True}, 12),
        ("2012-02-29", "2026-02-27", "years", {}, 13),
        ("2012-02-29", "2026-02-28", "years", {}, 14),
        ("2026-02-28", "2026-03-01", "days", {}, 1),
        ("2026-02-28", "2026-03-01", "days", {"both_days": True}, 2),
        ("2026-05-05", "2026-05-05", "years", {"count": "begun"}, 0),
    ],
)
def test_time_is_counted_as_the_text_counts_it(
    start: str, end: str, unit: str, changes: Any, number: int
) -> None:
    rule = {"type": "time_between", "from": "start", "to": "end", "in": unit, **changes}
    found = line(item({"type": "multiply", "factors": [rule, 10]}), {"start": "date", "end": "date"},
                 {"start": start, "end": end})  # fmt: skip
    assert found.amount_dong == 10 * number
    words = {"days": "ngày", "months": "tháng", "years": "năm"}
    told = f"{number}\N{NO-BREAK SPACE}{words[unit]} (từ {day(start):%d/%m/%Y} đến {day(end):%d/%m/%Y})"
    assert told in found.explanation_vi


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"start": "2026-05-05", "end": "2026-05-04"}, "input_invalid", "end"),
        ({"start": "2026-05-05"}, "input_missing", "end"),
    ],
)
def test_time_that_runs_backwards_or_has_no_end_is_refused(given: Any, code: str, field: str) -> None:
    rule = {"type": "time_between", "from": "start", "to": "end", "in": "days"}
    found = refusal(schedule(item(rule)), question("start", "date"), question("end", "date"), given=given)
    assert (found.code, found.problems[0].field) == (code, field)


def test_a_computed_name_is_told_by_its_calculation_and_stands_above_what_uses_it() -> None:
    area = {"type": "multiply", "factors": ["length", "width"]}
    price = {"type": "per_unit", "unit": "doubled", "price": 100}
    double = {"type": "multiply", "factors": [2, "area"]}
    kinds = {"length": "decimal", "width": "decimal"}
    found = line(
        item(price, computed={"area": area, "doubled": double}), kinds, {"length": "1.5", "width": "3"}
    )
    assert found.amount_dong == 900
    assert "2 × 1,5 × 3" in found.explanation_vi.replace("(", "").replace(")", "")
    for wrong in ({"doubled": double, "area": area}, {"area": {"type": "add", "parts": ["area", 1]}}):
        with pytest.raises(FilesRefused, match="must stand above it"):
            line(item(1, computed=wrong), kinds, {})
