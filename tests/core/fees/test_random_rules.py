"""Any rule that can be written comes out as it reads, is explained as it was computed, and survives export."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.core.fees import Catalogue, FeeRefusal, Schedule, parse_schedule, quote
from tests.core.fees.building import facts, item, line, priced, procedure, question, schedule, texts
from tests.core.fees.rule_reader import NotCovered, amount
from tests.core.fees.trace_checker import check_trace, elapsed, rounded

KINDS = {"pages": "whole", "value": "money", "tonnes": "decimal"}
RATE = st.integers(0, 10_000).map(lambda hundredths: f"{hundredths // 100}.{hundredths % 100:02}%")
PRICE = st.integers(0, 10**7)
LEAF = st.one_of(PRICE, st.sampled_from(["pages", "value", "tonnes"]), st.sampled_from(["0.5", "1.25", "7%"]))
ENDS = st.lists(st.integers(1, 10**6), min_size=1, max_size=5, unique=True).map(sorted)


@st.composite
def bands(draw: st.DrawFn, inside: st.SearchStrategy[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bands that rise and meet, each end belonging to one side or, where the text has a gap, to none."""
    found: list[dict[str, Any]] = [{}]
    for end in draw(ENDS):
        seam = draw(st.sampled_from([("to", "over"), ("under", "from"), ("under", "over")]))
        found[-1][seam[0]] = end
        found.append({seam[1]: end})
    return [band | draw(inside) for band in found]


def branches(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    tier = st.fixed_dictionaries({"base": PRICE, "rate": RATE, "rate_on": st.sampled_from(["part", "whole"])})
    steps = st.lists(
        st.tuples(st.integers(1, 50), PRICE), min_size=1, max_size=3, unique_by=lambda step: step[0]
    )
    points = st.lists(
        st.tuples(st.integers(0, 10**6), RATE), min_size=2, max_size=4, unique_by=lambda at: at[0]
    )

    def kind(name: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"type": st.just(name), **parts})

    return st.one_of(
        kind("per_unit", unit=inner, price=PRICE),
        kind("per_unit", unit=inner, steps=steps.map(_stepped)),
        kind("first_and_next", count=st.just("pages"), first=inner, next=inner),
        kind("threshold_extra", base=inner, unit=inner, included=st.integers(0, 9), price=PRICE),
        kind(
            "slabs", by=inner, gaps=st.just("refuse"), bands=bands(st.fixed_dictionaries({"amount": inner}))
        ),
        kind("tiers", by=inner, gaps=st.just("refuse"), bands=bands(tier)),
        kind("percent", rate=RATE, of=inner),
        kind("percent", rate=kind("interpolate", by=inner, points=points.map(_pointed)), of=inner),
        kind("limit", value=inner, floor=inner),
        kind("limit", value=inner, cap=inner),
        kind("add", parts=st.lists(inner, min_size=1, max_size=3)),
        kind("multiply", factors=st.lists(inner, min_size=1, max_size=2)),
        kind("subtract", value=inner, less=inner),
        kind("divide", value=inner, by=st.integers(1, 99)),
        kind("highest", of=st.lists(inner, min_size=2, max_size=3)),
        kind("lowest", of=st.lists(inner, min_size=2, max_size=3)),
    )


def _stepped(found: list[tuple[int, int]]) -> list[dict[str, int]]:
    steps = [{"through": through, "price": price} for through, price in sorted(found)]
    return [*steps, {"price": found[0][1]}]


def _pointed(found: list[tuple[int, str]]) -> list[dict[str, Any]]:
    return [{"at": at, "rate": rate} for at, rate in sorted(found)]


RULES = st.recursive(LEAF, branches, max_leaves=6)
GIVEN = st.fixed_dictionaries(
    {
        "pages": st.integers(0, 300),
        "value": st.one_of(st.integers(0, 10**6), st.integers(0, 10**12)),
        "tonnes": st.integers(0, 10**6).map(
            lambda thousandths: f"{thousandths // 1000}.{thousandths % 1000:03}"
        ),
    }
)
ROUNDING = st.fixed_dictionaries(
    {
        "way": st.sampled_from(["half_up", "half_even", "up", "down"]),
        "to_dong": st.sampled_from([1, 10, 500, 1000]),
    }
)


@settings(max_examples=150)
@given(rule=RULES, inputs=GIVEN, rounding=ROUNDING)
def test_a_rule_comes_to_what_it_reads_and_its_trace_computed_again_gives_the_amount(
    rule: Any, inputs: dict[str, Any], rounding: dict[str, Any]
) -> None:
    expected, refused = read(rule, inputs), ""
    try:
        found = line(item(rule, rounding=rounding), KINDS, inputs)
    except FeeRefusal as refusal:
        refused = refusal.code
    due = None if expected is None else rounded(expected, Fraction(rounding["to_dong"]), rounding["way"])
    if expected is None or due is None or expected < 0 or due > 10**12:
        assert refused == ("value_not_covered" if expected is None else "input_invalid")
        return
    assert refused == ""
    assert found.amount_dong == due
    check_trace(found.trace, found.amount_dong)
    assert found.retained_dong + found.remitted_dong == found.amount_dong


def read(rule: Any, inputs: dict[str, Any]) -> Fraction | None:
    """What the rule comes to, None where it says nothing."""
    try:
        return amount(rule, {name: Fraction(value) for name, value in inputs.items()})
    except NotCovered:
        return None


@settings(max_examples=100)
@given(rule=RULES)
def test_a_schedule_equals_itself_after_export_and_import(rule: Any) -> None:
    first = parse_schedule(json.dumps(schedule(item(rule))), "file.json")
    exported = json.loads(first.model_dump_json(by_alias=True))
    assert parse_schedule(json.dumps(exported), "file.json") == first
    assert parse_schedule(yaml.safe_dump(exported, allow_unicode=True, sort_keys=False), "file.yaml") == first
    short = json.loads(first.model_dump_json(by_alias=True, exclude_defaults=True))
    assert parse_schedule(yaml.safe_dump(short, sort_keys=True), "file.yaml") == first


def test_every_shipped_schedule_equals_itself_after_export_to_yaml(files: dict[str, str]) -> None:
    for name, text in files.items():
        if not name.rpartition("/")[2].startswith(("procedures", "provinces")):
            first: Schedule = parse_schedule(text, name)
            exported = yaml.safe_dump(json.loads(first.model_dump_json(by_alias=True)), allow_unicode=True)
            assert parse_schedule(exported, name) == first


@settings(max_examples=60)
@given(found=bands(st.fixed_dictionaries({"amount": PRICE})), data=st.data())
def test_each_edge_of_a_band_belongs_where_the_text_puts_it(
    found: list[dict[str, Any]], data: st.DataObject
) -> None:
    rule = {"type": "slabs", "by": "value", "gaps": "refuse", "bands": found}
    asked = procedure(question("value", "money"))
    catalogue = Catalogue.from_files(texts(schedule(item(rule)), procedures=[asked]))
    edges = [end for band in found for name, end in band.items() if name != "amount"]
    edge = data.draw(st.sampled_from(edges))
    for value in (edge - 1, edge, edge + 1):
        try:
            expected: object = amount(rule, {"value": Fraction(value)})
        except NotCovered:
            expected = "value_not_covered"
        try:
            came: object = quote(catalogue, "TP-TEST", facts({"value": value})).total_dong
        except FeeRefusal as refusal:
            came = refusal.code
        assert came == expected


@settings(max_examples=60)
@given(
    prices=st.lists(PRICE, min_size=3, max_size=3).map(sorted),
    ends=st.lists(st.integers(1, 10**6), min_size=2, max_size=2, unique=True).map(sorted),
    values=st.lists(st.integers(0, 2 * 10**6), min_size=2, max_size=2).map(sorted),
)
def test_more_never_costs_less_where_the_rates_rise(
    prices: list[int], ends: list[int], values: list[int]
) -> None:
    slabs = {
        "type": "slabs",
        "by": "value",
        "bands": [
            {"to": ends[0], "amount": prices[0]},
            {"over": ends[0], "to": ends[1], "amount": prices[1]},
            {"over": ends[1], "amount": prices[2]},
        ],
    }
    steps = [{"through": ends[0], "price": prices[2]}, {"through": ends[1], "price": 1}, {"price": 0}]
    unit = {"type": "limit", "value": {"type": "per_unit", "unit": "value", "steps": steps}, "cap": 10**11}
    for rule in (slabs, unit):
        low, high = (priced(rule, {"value": "money"}, {"value": value}) for value in values)
        assert low <= high


@given(
    start=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    days=st.integers(0, 40_000),
    unit=st.sampled_from(["months", "years"]),
    count=st.sampled_from(["completed", "begun"]),
    both=st.booleans(),
)
@settings(max_examples=50)
def test_time_is_counted_as_one_counts_on_a_calendar(
    start: date, days: int, unit: str, count: str, both: bool
) -> None:
    end = start + timedelta(days=days)
    rule = {
        "type": "time_between",
        "from": "start",
        "to": "end",
        "in": unit,
        "count": count,
        "both_days": both,
    }
    found = line(item(rule), {"start": "date", "end": "date"}, {"start": str(start), "end": str(end)})
    assert found.amount_dong == elapsed(str(start), str(end), unit, count, "both_days" if both else "")
    check_trace(found.trace, found.amount_dong)


STACKING = st.sampled_from(["best", "product", "sum"])
EFFECTS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), RATE),
        st.tuples(st.just("less"), PRICE),
        st.tuples(st.just("instead"), PRICE),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=100)
@given(effects=EFFECTS, stacking=STACKING, value=st.integers(0, 10**9), share=st.none() | RATE)
def test_reductions_never_raise_a_fee_and_their_trace_computed_again_gives_the_amount(
    effects: list[tuple[str, Any]], stacking: str, value: int, share: str | None
) -> None:
    names = {"name_vi": "Giảm", "name_en": "Less"} | ({"share": share} if share else {})
    benefits = [
        {"code": f"b{place}", "effect": effect, "value": how_much, **names}
        for place, (effect, how_much) in enumerate(effects)
    ]
    found = line(item("value", benefits=benefits, stacking=stacking), {"value": "money"}, {"value": value})
    check_trace(found.trace, found.amount_dong)
    assert found.amount_dong >= 0
    if all(effect != "instead" for effect, _ in effects):
        assert found.amount_dong <= value


@pytest.mark.parametrize("name", ["x" * 61, "Pages", "1pages", "pages;drop", "__class__", "giá"])
def test_only_plain_names_and_numbers_are_rules(name: str) -> None:
    with pytest.raises(ValueError, match="in quotes"):
        parse_schedule(json.dumps(schedule(item(name))), "file.json")
