"""Whatever stands in a file or in a question, the answer is a quote or a refusal, and never a crash."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.core.fees import (
    Catalogue,
    FeeRefusal,
    FileProblem,
    FilesRefused,
    Quote,
    parse_schedule,
    quote,
    read_catalogue,
)
from tests.core.fees.building import BOTH, facts, item, procedure, question, schedule, texts

AGE = {"type": "time_between", "from": "born_on", "to": "filed_on", "in": "years"}
RULE = {
    "type": "choose",
    "cases": [
        {"when": {"age": {"under": 14}}, "then": 0},
        {
            "when": {"who": ["a", "b"], "paid_on": {"from_day": {"day": 1, "month": 7}}},
            "then": {
                "type": "limit",
                "cap": 10**9,
                "value": {
                    "type": "percent",
                    "rate": {
                        "type": "interpolate",
                        "by": "value",
                        "points": [{"at": 1, "rate": "1%"}, {"at": 9, "rate": "0.5%"}],
                    },
                    "of": {"type": "highest", "of": ["value", {"type": "parameter", "code": "test.least"}]},
                },
            },
        },
    ],
    "otherwise": {
        "type": "add",
        "parts": [
            {
                "type": "slabs",
                "by": "value",
                "bands": [{"to": "0.5", "amount": 1}, {"over": "0.5", "amount": 2}],
            },
            {
                "type": "lookup",
                "by": ["area_of_place", "who"],
                "table": {"I": 5, "any": {"a": 6, "any": "count"}},
            },
            {"type": "sum_over", "input": "content", "rates": {"a": 10, "b": 20}, "times": "count"},
            {"type": "per_unit", "unit": "count", "steps": [{"through": 2, "price": 9}, {"price": 8}]},
            {"type": "refer", "item": "far.item", "with": {"count": {"type": "add", "parts": ["count", 1]}}},
        ],
    },
}
LESS = {"type": "lowest", "of": [{"type": "percent", "rate": "50%", "of": "amount"}, 100]}
QUOTA = {"times": 1, "per_vi": "mỗi năm", "per_en": "a year", "used": "count"}
RICH = schedule(
    item(
        RULE,
        computed={"age": AGE},
        stacking="chosen",
        chosen_by="who",
        benefits=[
            {
                "code": "a",
                "effect": "less",
                "value": LESS,
                "quota": QUOTA,
                "beneficiaries": ["merit"],
                **BOTH,
            },
            {
                "code": "b",
                "effect": "pay",
                "value": "90%",
                "channels": ["online"],
                "until": "2030-01-01",
                **BOTH,
            },
            {"code": "c", "effect": "granted", "granted_by": "share", "ceiling": "80%", **BOTH},
        ],
        retention=[{"status": ["lump_sum"], "from": "2021-01-01", "kept": "33%"}],
        rounding={"way": "up", "to_dong": 500},
    ),
    item({"type": "multiply", "factors": ["count", "1.5"]}, code="far.item"),
    areas=[{"name": "I", "within": ["31"], "except": ["31/30"]}],
    parameters=[{"code": "test.least", "value": 5, "least": 1, "most": "7.5", **BOTH}],
    conflicts=[{"about_vi": "x", "about_en": "x", "readings": ["p", "q"], "applies_to": ["far.item"]}],
    transitions=[{"when": {"filed_on": {"under": "2021-01-01"}}}],
    cases=[{"name": "n", "procedure": "TP-TEST", "filed_on": "2026-01-01", "expected": {"total_dong": 1}}],
)
QUESTIONS = [
    question("value", "money"),
    question("count", "whole"),
    question("share", "decimal"),
    question("who", "option"),
    question("content", "quantities"),
    question("born_on", "date"),
]
ASKED = procedure(*QUESTIONS)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["50%", "-1%", "2026-01-01", "01/02/2026", "amount", "channel", "count", "value", "any", "x" * 3000]
    ),
    st.sampled_from(
        [[], {}, [[]], {"type": "percent"}, {"type": ["per_unit"]}, {"over": 1}, {"": ""}, ["a", 1]]
    ),
)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [place] if place else []
    if isinstance(value, dict):
        for key, part in value.items():
            found += places(part, (*place, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            found += places(part, (*place, index))
    return found


PLACES = places(RICH)
ANSWERS = {
    "value": st.integers(0, 10**10),
    "count": st.integers(0, 5),
    "share": st.sampled_from(["0", "0.5", "0.81", "1"]),
    "who": st.sampled_from(["a", "b", "c"]),
    "content": st.sampled_from([{"a": "1"}, {"b": "0.5", "a": "2"}, {"c": "1"}]),
    "born_on": st.sampled_from(["2000-02-29", "2020-01-01", "2030-01-01"]),
}
GIVEN = st.fixed_dictionaries({}, optional=ANSWERS)
CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.sampled_from(["online", "counter", "post", "pigeon"]),
        "territory": st.sampled_from(["", "31", "31/30", "31/31", "99"]),
        "beneficiaries": st.sampled_from([frozenset(), frozenset({"merit"}), frozenset({"nobody"})]),
        "collector_status": st.sampled_from(["budget", "lump_sum", "other"]),
    },
)


SOUND = Catalogue.from_files(texts(RICH, procedures=[ASKED]))


@settings(max_examples=120)
@given(place=st.sampled_from(PLACES), junk=JUNK, inputs=GIVEN, claims=CLAIMS)
def test_junk_at_any_place_of_a_file_is_refused_or_harmless(
    place: tuple[Any, ...], junk: Any, inputs: dict[str, Any], claims: dict[str, Any]
) -> None:
    data = copy.deepcopy(RICH)
    inner: Any = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = junk
    text = json.dumps(data)
    for name in ("file.json", "file.yaml"):
        assert all(problem.message and problem.line > 0 for problem in problems_of(text, name))
    catalogue, _ = read_catalogue({"a.json": text} | texts(procedures=[ASKED]))
    asked(catalogue, inputs, claims)


@settings(max_examples=80)
@given(inputs=st.dictionaries(st.sampled_from([*ANSWERS, "nope"]), JUNK), claims=CLAIMS)
def test_junk_among_the_answers_is_refused(inputs: dict[str, Any], claims: dict[str, Any]) -> None:
    asked(SOUND, inputs, claims)


@settings(max_examples=80)
@given(inputs=GIVEN, claims=CLAIMS)
def test_a_quote_of_the_rich_schedule_adds_up(inputs: dict[str, Any], claims: dict[str, Any]) -> None:
    asked(SOUND, inputs, claims)


def asked(catalogue: Catalogue, inputs: dict[str, Any], claims: dict[str, Any]) -> None:
    try:
        found = quote(catalogue, "TP-TEST", facts(inputs, **claims))
    except FeeRefusal as refusal:
        told: tuple[str, ...] = (refusal.message_vi, refusal.message_en)
    else:
        told = tuple(line.explanation_vi for line in found.lines)
        adds_up(found)
    assert all(told)


def adds_up(found: Quote) -> None:
    assert found.total_dong == sum(line.amount_dong for line in found.lines)
    for line in found.lines:
        assert line.retained_dong + line.remitted_dong == line.amount_dong
        assert json.loads(json.dumps(line.trace)) == line.trace


def problems_of(text: str, name: str) -> tuple[FileProblem, ...]:
    try:
        parse_schedule(text, name)
    except FilesRefused as refused:
        return refused.problems
    return ()
