"""Every kind of rule, by small tables: a rule, what it is asked, and what it comes to."""

from __future__ import annotations

from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, quote
from tests.core.fees.building import (
    DAY,
    facts,
    item,
    line,
    priced,
    procedure,
    question,
    quoted,
    schedule,
    texts,
)

COUNT = {"pages": "whole"}
VALUE = {"value": "money"}


def per_page(**limits: Any) -> dict[str, Any]:
    steps = [{"through": 2, "price": 2000}, {"price": 1000}]
    return {"type": "limit", "value": {"type": "per_unit", "unit": "pages", "steps": steps}, **limits}


@pytest.mark.parametrize(
    ("pages", "amount_dong"), [(1, 2000), (2, 4000), (3, 5000), (10, 12_000), (198, 200_000), (199, 200_000)]
)
def test_a_price_per_unit_steps_down_and_stops_at_its_cap(pages: int, amount_dong: int) -> None:
    assert priced(per_page(cap=200_000), COUNT, {"pages": pages}) == amount_dong


@pytest.mark.parametrize(("pages", "amount_dong"), [(1, 3000), (2, 4000)])
def test_a_floor_raises_what_lies_below_it(pages: int, amount_dong: int) -> None:
    assert priced(per_page(floor=3000), COUNT, {"pages": pages}) == amount_dong


def test_units_are_free_where_a_step_says_so() -> None:
    rule = {"type": "per_unit", "unit": "pages", "steps": [{"through": 2, "price": 100}, {"price": 0}]}
    assert priced(rule, COUNT, {"pages": 9}) == 200


@pytest.mark.parametrize(("pages", "amount_dong"), [(0, 0), (1, 10), (2, 17), (4, 31)])
def test_the_first_copy_differs_from_the_next(pages: int, amount_dong: int) -> None:
    rule = {"type": "first_and_next", "count": "pages", "first": 10, "next": 7}
    assert priced(rule, COUNT, {"pages": pages}) == amount_dong


@pytest.mark.parametrize(("pages", "amount_dong"), [(1, 200), (2, 200), (3, 205), (5, 215)])
def test_an_extra_is_charged_beyond_what_is_included(pages: int, amount_dong: int) -> None:
    rule = {"type": "threshold_extra", "base": 200, "unit": "pages", "included": 2, "price": 5}
    assert priced(rule, COUNT, {"pages": pages}) == amount_dong


BANDS = [{"under": 5, "amount": 9}, {"from": 5, "under": 20, "amount": 27}, {"over": 20, "amount": 45}]
SLABS = {"type": "slabs", "by": "value", "gaps": "refuse", "bands": BANDS}


@pytest.mark.parametrize(("value", "amount_dong"), [(0, 9), (4, 9), (5, 27), (19, 27), (21, 45)])
def test_a_slab_keeps_the_ends_that_the_text_gives_it(value: int, amount_dong: int) -> None:
    assert priced(SLABS, VALUE, {"value": value}) == amount_dong


def test_a_value_that_no_slab_covers_is_refused_with_its_text() -> None:
    with pytest.raises(FeeRefusal) as refused:
        priced(SLABS, VALUE, {"value": 20})
    assert refused.value.code == "value_not_covered"
    assert (refused.value.schedule, refused.value.article) == ("test", "Article 4")
    assert "Điều 4 Thông tư 1/2020/TT-BTC" in refused.value.message_vi


TIERS = {
    "type": "tiers",
    "by": "value",
    "bands": [
        {"to": 1000, "base": 50},
        {"over": 1000, "to": 2000, "rate": "10%", "rate_on": "whole"},
        {"over": 2000, "base": 200, "rate": "1%"},
    ],
}


@pytest.mark.parametrize(("value", "amount_dong"), [(1000, 50), (1500, 150), (2000, 200), (3000, 210)])
def test_tiers_charge_the_part_or_the_whole(value: int, amount_dong: int) -> None:
    assert priced(TIERS, VALUE, {"value": value}) == amount_dong


POINTS = [{"at": 100, "rate": "2%"}, {"at": 200, "rate": "1%"}, {"at": 500, "rate": "0.5%"}]
RATE = {"type": "percent", "rate": {"type": "interpolate", "by": "value", "points": POINTS}, "of": "value"}


@pytest.mark.parametrize(
    ("value", "amount_dong"), [(50, 1), (100, 2), (150, 2), (200, 2), (300, 3), (500, 3), (1000, 5)]
)
def test_a_rate_is_interpolated_between_points_and_level_outside(value: int, amount_dong: int) -> None:
    # 50: 1.0; 150: 1.5% is 2.25; 300: 5/6 of a percent is 2.5; 500: 0.5% is 2.5; 1000: 5.0
    assert priced(RATE, VALUE, {"value": value}) == amount_dong


@pytest.mark.parametrize(
    ("rule", "inputs", "amount_dong"),
    [
        ({"type": "add", "parts": ["x", "y", 1]}, {"x": 3, "y": 4}, 8),
        ({"type": "subtract", "value": "x", "less": "y"}, {"x": 7, "y": 4}, 3),
        ({"type": "multiply", "factors": ["x", "y", "0.5"]}, {"x": 3, "y": 4}, 6),
        ({"type": "divide", "value": "x", "by": "y"}, {"x": 10, "y": 4}, 3),
        ({"type": "highest", "of": ["x", "y"]}, {"x": 3, "y": 4}, 4),
        ({"type": "highest", "of": ["x", "y"]}, {"x": 3}, 3),
        ({"type": "lowest", "of": ["x", "y"]}, {"x": 3, "y": 4}, 3),
        ({"type": "lowest", "of": ["x", {"type": "multiply", "factors": ["y", 2]}]}, {"x": 9}, 9),
        ({"type": "round", "value": "x", "to": 10, "way": "up"}, {"x": 11}, 20),
        ({"type": "round", "value": "x", "to": 10, "way": "down"}, {"x": 19}, 10),
        ({"type": "round", "value": "x", "to": 10, "way": "half_even"}, {"x": 25}, 20),
        ({"type": "round", "value": "x", "to": 10}, {"x": 25}, 30),
        ({"type": "round", "value": "x", "to": 10}, {"x": 30}, 30),
        ({"type": "percent", "rate": "12.5%", "of": "x"}, {"x": 80}, 10),
    ],
)
def test_arithmetic_is_exact_and_rounded_once(rule: Any, inputs: dict[str, Any], amount_dong: int) -> None:
    assert priced(rule, {"x": "money", "y": "money"}, inputs) == amount_dong


@pytest.mark.parametrize(
    ("by", "number"),
    [
        ({"type": "add", "parts": ["x", "y"]}, 13),
        ({"type": "subtract", "value": "x", "less": "y"}, 7),
        ({"type": "multiply", "factors": ["x", "y"]}, 30),
        ({"type": "divide", "value": "x", "by": 5}, 2),
        ({"type": "highest", "of": ["x", "y"]}, 10),
        ({"type": "lowest", "of": ["x", "y"]}, 3),
        ({"type": "limit", "value": "x", "cap": 8}, 8),
        ({"type": "round", "value": "y", "to": 5}, 5),
        ({"type": "percent", "rate": {"type": "interpolate", "by": "x", "points": POINTS}, "of": 100}, 2),
        ({"type": "threshold_extra", "base": 1, "unit": "x", "included": 4, "price": 2}, 13),
        ({"type": "slabs", "by": "x", "bands": [{"amount": 6}]}, 6),
        ({"type": "refer", "item": "test.other"}, 20),
        ({"type": "parameter", "code": "test.number"}, 4),
    ],
)
def test_a_band_is_found_by_the_same_number_that_is_explained(by: Any, number: int) -> None:
    bands = [
        {"under": number, "amount": 1},
        {"from": number, "to": number, "amount": by},
        {"over": number, "amount": 2},
    ]
    rule = {"type": "slabs", "by": by, "bands": bands}
    other = item({"type": "multiply", "factors": ["x", 2]}, code="test.other")
    numbers = [{"code": "test.number", "name_vi": "Số", "name_en": "Number", "value": 4}]
    asked = procedure(question("x", "money"), question("y", "money"))
    files = texts(schedule(item(rule), other, parameters=numbers), procedures=[asked])
    found = quote(Catalogue.from_files(files), "TP-TEST", facts({"x": 10, "y": 3}))
    assert found.total_dong == number


def test_a_band_cannot_be_found_where_a_text_refuses() -> None:
    words = {"code": "out_of_scope", "message_vi": "Không.", "message_en": "No."}
    rule = {"type": "slabs", "by": {"type": "refuse", **words}, "bands": [{"amount": 1}]}
    with pytest.raises(FeeRefusal, match=r"No\."):
        priced(rule, {}, {})


@pytest.mark.parametrize(
    ("rule", "inputs", "code"),
    [
        ({"type": "subtract", "value": "x", "less": "y"}, {"x": 1, "y": 2}, "input_invalid"),
        ({"type": "divide", "value": "x", "by": "y"}, {"x": 1, "y": 0}, "input_invalid"),
        ({"type": "multiply", "factors": ["x", "y"]}, {"x": 10**7, "y": 10**7}, "input_invalid"),
        ({"type": "highest", "of": ["x", "y"]}, {}, "input_missing"),
        ({"type": "add", "parts": ["x", "y"]}, {"x": 1}, "input_missing"),
    ],
)
def test_what_cannot_be_an_amount_is_refused(rule: Any, inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(FeeRefusal) as refused:
        priced(rule, {"x": "money", "y": "money"}, inputs)
    assert refused.value.code == code


LOOKUP = {
    "type": "lookup",
    "by": ["who", "what"],
    "table": {"a": {"a": 1, "b": {"type": "percent", "rate": "50%", "of": 8}}, "any": {"a": 2, "any": 3}},
}


@pytest.mark.parametrize(
    ("who", "what", "amount_dong"), [("a", "a", 1), ("a", "b", 4), ("b", "a", 2), ("c", "c", 3)]
)
def test_a_table_is_looked_up_in_several_dimensions(who: str, what: str, amount_dong: int) -> None:
    assert priced(LOOKUP, {"who": "option", "what": "option"}, {"who": who, "what": what}) == amount_dong


@pytest.mark.parametrize(
    ("inputs", "code"), [({"who": "a", "what": "c"}, "value_not_covered"), ({"who": "a"}, "input_missing")]
)
def test_an_empty_cell_is_refused(inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(FeeRefusal) as refused:
        priced(LOOKUP, {"who": "option", "what": "option"}, inputs)
    assert refused.value.code == code


def test_one_cell_may_stand_for_a_whole_row() -> None:
    rule = {"type": "lookup", "by": ["yes", "what"], "table": {"true": 5, "false": {"a": 6}}}
    kinds = {"yes": "yes_no", "what": "option"}
    assert priced(rule, kinds, {"yes": True, "what": "c"}) == 5
    assert priced(rule, kinds, {"yes": False, "what": "a"}) == 6


SUBSTANCES = {"type": "sum_over", "input": "mg", "rates": {"a": 2000, "b": 20_000_000}, "times": "0.5"}


def test_quantities_are_summed_each_at_its_rate() -> None:
    assert priced(SUBSTANCES, {"mg": "quantities"}, {"mg": {"a": 3, "b": "0.0001"}}) == 4000


@pytest.mark.parametrize(("inputs", "code"), [({"mg": {"c": 1}}, "value_not_covered"), ({}, "input_missing")])
def test_a_substance_without_a_rate_is_refused(inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(FeeRefusal) as refused:
        priced(SUBSTANCES, {"mg": "quantities"}, inputs)
    assert refused.value.code == code


def test_a_foreign_amount_is_paid_at_the_rate_supplied() -> None:
    slab = {"type": "slabs", "by": "years", "bands": [{"to": 2, "amount": 145}]}
    rule = {"type": "foreign_currency", "currency": "USD", "amount": slab, "rate": "rate"}
    found = line(item(rule), {"years": "whole", "rate": "money"}, {"years": 2, "rate": 25_100})
    assert found.amount_dong == 3_639_500
    assert "145\N{NO-BREAK SPACE}USD × 25.100" in found.explanation_vi


def cases(*when: Any, **otherwise: Any) -> dict[str, Any]:
    return {
        "type": "choose",
        "cases": [{"when": w, "then": 10 + place} for place, w in enumerate(when)],
        **otherwise,
    }


@pytest.mark.parametrize(
    ("condition", "inputs", "changes", "holds"),
    [
        ({"x": {"over": 3}}, {"x": 3}, {}, False),
        ({"x": {"over": 3}}, {"x": 4}, {}, True),
        ({"x": {"at_least": 3}}, {"x": 3}, {}, True),
        ({"x": {"under": 3}}, {"x": 3}, {}, False),
        ({"x": {"under": 3}}, {"x": 2}, {}, True),
        ({"x": {"at_most": 3}}, {"x": 3}, {}, True),
        ({"x": {"at_most": 3}}, {"x": 4}, {}, False),
        ({"x": {"at_least": 1, "under": 3}}, {"x": 3}, {}, False),
        ({"x": {"at_least": 1}}, {}, {}, False),
        ({"x": {"given": True}}, {}, {}, False),
        ({"x": {"given": False}}, {}, {}, True),
        ({"yes": True}, {}, {}, False),
        ({"yes": True}, {"yes": True}, {}, True),
        ({"yes": False}, {}, {}, True),
        ({"word": "a"}, {"word": "a"}, {}, True),
        ({"word": ["a", "b"]}, {"word": "b"}, {}, True),
        ({"word": ["a", "b"]}, {"word": "c"}, {}, False),
        ({"word": {"is_not": ["a", "b"]}}, {"word": "c"}, {}, True),
        ({"word": {"is_not": ["a", "b"]}}, {"word": "a"}, {}, False),
        ({"word": {"over": 1}}, {"word": "a"}, {}, False),
        ({"word": {"is_not": ["a", "b"]}}, {}, {}, False),
        ({"word": "a", "x": {"over": 3}}, {"word": "a", "x": 3}, {}, False),
        ({"channel": "online"}, {}, {"channel": "online"}, True),
        ({"channel": "online"}, {}, {"channel": "post"}, False),
        ({"beneficiary": ["student", "child"]}, {}, {"beneficiaries": frozenset({"child"})}, True),
        ({"beneficiary": "student"}, {}, {}, False),
        ({"filed_on": {"under": "2026-11-23"}}, {}, {}, True),
        ({"filed_on": {"under": "2026-11-22"}}, {}, {}, False),
        ({"day": {"at_least": "2026-11-22"}}, {"day": "2026-11-22"}, {}, True),
        ({"day": {"at_least": "2026-11-22"}}, {"day": DAY.replace(day=21)}, {}, False),
        ({"x": {"under": "2026-11-22"}}, {"x": 3}, {}, False),
    ],
)
def test_a_condition_holds_exactly_when_it_says(
    condition: Any, inputs: Any, changes: Any, holds: bool
) -> None:
    kinds = {"x": "whole", "yes": "yes_no", "word": "option", "day": "date"}
    assert priced(cases(condition, otherwise=0), kinds, inputs, **changes) == (10 if holds else 0)


def test_the_first_case_that_holds_counts_and_none_refuses() -> None:
    rule = cases({"x": {"over": 5}}, {"x": {"over": 1}})
    assert priced(rule, {"x": "whole"}, {"x": 9}) == 10
    assert priced(rule, {"x": "whole"}, {"x": 2}) == 11
    with pytest.raises(FeeRefusal) as refused:
        priced(rule, {"x": "whole"}, {"x": 1})
    assert refused.value.code == "value_not_covered"


def test_a_text_can_leave_a_case_open_in_its_own_words() -> None:
    words = {"message_vi": "Hỏi cán bộ.", "message_en": "Ask an officer."}
    rule = {"type": "refuse", "code": "conflicting_texts", **words}
    with pytest.raises(FeeRefusal, match="Ask an officer") as refused:
        quoted(item(rule), {}, {})
    assert refused.value.code == "conflicting_texts"


def test_a_quantity_that_is_no_number_is_refused() -> None:
    with pytest.raises(FeeRefusal) as refused:
        priced({"type": "add", "parts": ["word"]}, {"word": "option"}, {"word": "a"})
    assert [problem.field for problem in refused.value.problems] == ["word"]
