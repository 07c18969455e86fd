"""A rule in words says what the rule computes, in both languages, and what is not set is called so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from payments.core.fees.condition_words import Vocabulary
from payments.core.fees.rule_model import Expression
from payments.core.fees.rule_words import rule_in_words
from payments.core.fees.tariff import Teller
from tests.gateway import catalogue

TODAY = date(2026, 11, 22)
EXPRESSION: TypeAdapter[Any] = TypeAdapter(Expression)

RULES: list[tuple[Any, list[str]]] = [
    (2000, ["2.000 đ"]),
    ({"type": "per_unit", "unit": "pages", "price": 2000}, ["2.000 đ × pages"]),
    (
        {"type": "per_unit", "unit": "pages", "steps": [{"price": 2000, "through": 2}, {"price": 1000}]},
        ["Theo pages:", "thứ 1–2 | 2.000 đ × pages", "từ thứ 3 trở đi | 1.000 đ × pages"],
    ),
    (
        {
            "type": "slabs",
            "by": "value",
            "bands": [{"under": 5, "amount": 1000}, {"from": 5, "amount": 2000}],
        },
        ["Theo value:", "dưới 5 | 1.000 đ", "từ 5 | 2.000 đ"],
    ),
    (
        {
            "type": "tiers",
            "by": "value",
            "bands": [{"to": 100, "base": 10}, {"over": 100, "base": 10, "rate": "0.06%"}],
        },
        ["Theo value:", "đến 100 đ | 10 đ", "trên 100 đ | 10 đ + 0,06% của phần vượt 100 đ"],
    ),
    (
        {
            "type": "limit",
            "value": {"type": "percent", "rate": "0.5%", "of": "value"},
            "floor": 100,
            "cap": 900,
        },
        ["0,5% × value", "ít nhất | 100 đ", "nhiều nhất | 900 đ"],
    ),
    (
        {
            "type": "choose",
            "cases": [{"when": {"urgent": True}, "then": 300}],
            "otherwise": 100,
        },
        ["urgent: có | 300 đ", "các trường hợp khác | 100 đ"],
    ),
    (
        {"type": "lookup", "by": ["kind"], "table": {"car": 500, "any": 100}},
        ["Theo kind:", "car | 500 đ", "các trường hợp khác | 100 đ"],
    ),
    (
        {"type": "threshold_extra", "base": 200, "unit": "papers", "included": 2, "price": 5},
        ["đến hết 2 (papers) | 200 đ", "mỗi đơn vị vượt 2 | thêm 5 đ"],
    ),
    (
        {
            "type": "multiply",
            "factors": [
                {"type": "choose", "cases": [{"when": {"short": True}, "then": "50%"}], "otherwise": 1},
                {"type": "lookup", "by": ["kind"], "table": {"car": 500}},
            ],
        },
        ["Theo kind:", "car | 500 đ", "nhân với hệ số | ", "short: có | 50%", "các trường hợp khác | 100%"],
    ),
]


@pytest.mark.parametrize(("rule", "lines"), RULES)
def test_a_rule_is_told_line_by_line(rule: Any, lines: list[str]) -> None:
    rows = rule_in_words(EXPRESSION.validate_python(rule), Vocabulary("vi"))
    told = [f"{row.case} | {row.due}" if row.case else row.due for row in rows]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in told] == lines


def test_what_the_procedure_answers_itself_is_not_asked_again() -> None:
    rule = EXPRESSION.validate_python({"type": "lookup", "by": ["kind"], "table": {"car": 500, "boat": 100}})
    rows = rule_in_words(rule, Vocabulary("en", answers={"kind": "boat"}))
    assert [(row.case, row.due.replace("\N{NO-BREAK SPACE}", " ")) for row in rows] == [("", "100 VND")]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_rule_of_the_catalogue_is_told_without_a_gap(language: str) -> None:
    teller = Teller(catalogue(), language, TODAY)
    for procedure in catalogue().procedures():
        for item in teller.tariff(procedure).items:
            for text in (*item.now, *item.later, *item.earlier):
                assert text.rows
                assert all(row.case or row.due for row in text.rows), (procedure.code, item.code)


def test_an_item_of_which_no_text_is_in_force_is_not_set() -> None:
    told = Teller(catalogue(), "vi", date(1990, 1, 1)).tariff(catalogue().procedure("2.000815"))
    assert [item.now for item in told.items] == [()]


def test_an_office_shows_only_what_counts_where_it_is() -> None:
    procedure = catalogue().procedure("2.000815")
    teller = Teller(catalogue(), "vi", TODAY)
    assert {text.territory for item in teller.tariff(procedure, "01").items for text in item.now} == {""}
    for item in teller.tariff(catalogue().procedure("1.000419"), "31/31").items:
        assert all(text.schedule.territory != "01" for text in item.now)


def test_groups_are_told_in_the_language_of_the_page() -> None:
    teller = Teller(catalogue(), "vi", TODAY)
    for procedure in catalogue().procedures():
        for code in procedure.beneficiaries:
            assert teller.group(code) != code.replace("_", " "), code


def test_what_the_procedure_answers_is_left_out_of_conditions() -> None:
    told = Teller(catalogue(), "vi", TODAY).tariff(catalogue().procedure("1.014064"))
    notes = [note.when for item in told.items for text in item.now for note in text.refused]
    assert not any("act" in when.split(":")[0] for when in notes)
