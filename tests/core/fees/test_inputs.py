"""What somebody supplies is checked whole before anything is computed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, Quote, quote
from tests.core.fees.building import facts, item, procedure, question, schedule, texts

QUESTIONS = [
    question("count", "whole", least=1, most=9),
    question("money", "money"),
    question("decimal", "decimal"),
    question("word", "option"),
    question("yes", "yes_no"),
    question("parts", "quantities"),
    question("day", "date"),
    question("needed", "whole", required=True, default=7),
]
CATALOGUE = Catalogue.from_files(texts(schedule(item(1)), procedures=[procedure(*QUESTIONS)]))


def ask(**inputs: Any) -> Quote:
    return quote(CATALOGUE, "TP-TEST", facts(inputs))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 1),
        ("count", "9"),
        ("count", None),
        ("count", ""),
        ("money", 10**15),
        ("decimal", "0.5"),
        ("decimal", 3),
        ("decimal", Fraction(1, 3)),
        ("word", "a"),
        ("yes", True),
        ("yes", "false"),
        ("parts", {"a": "0.001", "b": 2}),
        ("day", "2026-12-31"),
    ],
)
def test_what_is_right_is_taken(name: str, value: Any) -> None:
    assert ask(**{name: value}).total_dong == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 0),
        ("count", 10),
        ("count", -1),
        ("count", 2.0),
        ("count", True),
        ("count", "1.000"),
        ("count", "٣"),
        ("count", "9" * 19),
        ("count", [1]),
        ("money", 10**15 + 1),
        ("money", -1),
        ("money", "5 tỷ"),
        ("decimal", 0.5),
        ("decimal", "1e3"),
        ("decimal", "0,5"),
        ("decimal", "-1"),
        ("decimal", True),
        ("decimal", "nan"),
        ("word", "d"),
        ("word", ["a"]),
        ("word", 1),
        ("yes", "yes"),
        ("yes", 1),
        ("parts", {}),
        ("parts", {"z": 1}),
        ("parts", {"a": 0.001}),
        ("parts", "a"),
        ("day", "31/12/2026"),
        ("day", 20261231),
        ("unknown", 1),
        ("<b>x</b>", 1),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask(**{name: value})
    assert refused.value.code == "input_invalid"
    assert [problem.field for problem in refused.value.problems] == [name]
    assert all(problem.message_vi and problem.message_en for problem in refused.value.problems)


def test_all_problems_are_named_at_once() -> None:
    strict = [{**found, "required": True, "default": None} for found in QUESTIONS]
    catalogue = Catalogue.from_files(texts(schedule(item(1)), procedures=[procedure(*strict)]))
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", facts({"count": 0, "money": 1, "stranger": 1}, channel="pigeon"))
    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"count", "decimal", "word", "yes", "parts", "day", "needed", "stranger", "channel"}
    assert refused.value.code == "input_invalid"


def test_only_what_is_missing_is_called_missing() -> None:
    needed = question("needed", "whole", required=True)
    catalogue = Catalogue.from_files(texts(schedule(item(1)), procedures=[procedure(needed)]))
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", facts())
    assert (refused.value.code, refused.value.problems[0].field) == ("input_missing", "needed")
    assert "needed" in refused.value.message_vi


def test_an_unknown_procedure_is_refused() -> None:
    with pytest.raises(FeeRefusal) as refused:
        quote(CATALOGUE, "9.999999", facts())
    assert refused.value.code == "unknown_procedure"


def test_a_refusal_has_a_code_that_is_documented() -> None:
    with pytest.raises(ValueError, match="not a code"):
        FeeRefusal("because", "", "")
