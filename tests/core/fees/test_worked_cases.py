"""A file may carry cases computed by hand; each is computed again, and every difference is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payments.core.fees import (
    CaseResult,
    Catalogue,
    FilesRefused,
    parse_procedures,
    parse_schedule,
    run_cases,
)
from tests.core.fees.building import BOTH, item, procedure, question, schedule, texts

RULE = {"type": "multiply", "factors": ["pages", 1000]}
STUDENT = {"code": "student", "effect": "exempt", "beneficiaries": ["student"], **BOTH}
BUDGET = {"code": "city", "effect": "paid_by_budget", "when": {"city": True}, **BOTH}
FOUND = item(
    RULE,
    benefits=[STUDENT, BUDGET],
    retention=[{"status": ["lump_sum"], "kept": "60%"}],
    refunds=[{"event": "withdrawn", "returned": "50%"}],
)


def case(expected: dict[str, Any], **changes: Any) -> dict[str, Any]:
    basic = {"name": "một trường hợp", "procedure": "TP-TEST", "filed_on": "2026-11-22"}
    return {**basic, "inputs": {"pages": 3}, "expected": expected, **changes}


def run(*cases: dict[str, Any]) -> tuple[CaseResult, ...]:
    text = schedule(FOUND, cases=list(cases))
    asked = procedure(question("pages", "whole"), question("city", "yes_no"))
    catalogue = Catalogue.from_files(texts(text, procedures=[asked]))
    return run_cases(catalogue, parse_schedule(json.dumps(text), "file.yaml").cases)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ({"total_dong": 3000, "lines": {"test.item": 3000}, "outcome": "due", "document": "receipt"}, {}),
        ({"total_dong": 3000, "retained_dong": 0, "remitted_dong": 3000}, {}),
        (
            {"total_dong": 3000, "retained_dong": 1800, "shares": {"retained": 1800, "state_budget": 1200}},
            {"collector_status": "lump_sum"},
        ),
        ({"total_dong": 0, "outcome": "exempt"}, {"beneficiaries": ["student"]}),
        ({"total_dong": 0, "subsidised_dong": 3000}, {"inputs": {"pages": 3, "city": True}}),
        ({"total_dong": 3000, "refunds": {"withdrawn": 1500}}, {}),
        ({"refused": "input_missing"}, {"inputs": {}}),
        ({"refused": "no_rate_in_force"}, {"filed_on": "2019-12-31"}),
        ({"total_dong": 3000}, {"territory": "31/30", "channel": "online", "paid_on": "2027-01-01"}),
        ({"refused": "input_invalid"}, {"territory": "31/99"}),
    ],
)
def test_a_case_that_comes_out_as_written_passes(expected: Any, changes: Any) -> None:
    (found,) = run(case(expected, **changes))
    assert found.passed, found.message_en
    assert found.message_vi.startswith("Đúng")
    assert found.case.expected.total_dong == expected.get("total_dong")


@pytest.mark.parametrize(
    ("expected", "vi", "en"),
    [
        (
            {"total_dong": 4000},
            "Tổng số tiền là 3.000, đáng lẽ là 4.000",
            "The total is 3,000 and should be 4,000",
        ),
        (
            {"total_dong": 3000, "lines": {"a": 3000}},
            "test.item 3.000",
            "test.item 3,000 and should be a 3,000",
        ),
        ({"total_dong": 3000, "retained_dong": 1}, "Phần để lại", "The retained part is 0 and should be 1"),
        ({"total_dong": 3000, "remitted_dong": 1}, "Phần nộp", "The remitted part is 3,000 and should be 1"),
        (
            {"total_dong": 3000, "subsidised_dong": 1},
            "ngân sách trả",
            "What a budget pays is 0 and should be 1",
        ),
        (
            {"total_dong": 3000, "shares": {"retained": 9}},
            "chia",
            "retained 0, state_budget 3,000 and should be",
        ),
        ({"total_dong": 3000, "outcome": "exempt"}, "due, đáng lẽ là exempt", "due and should be exempt"),
        ({"total_dong": 3000, "document": "invoice"}, "Chứng từ", "receipt and should be invoice"),
        ({"total_dong": 3000, "refunds": {"withdrawn": 1}}, "1.500", "withdrawn is 1,500 and should be 1"),
        ({"total_dong": 3000, "refunds": {"lost": 1}}, "lost", "is value_not_covered and should be 1"),
        ({"refused": "out_of_scope"}, "3.000, đáng lẽ là out_of_scope", "3,000 and should be out_of_scope"),
    ],
)
def test_a_case_that_comes_out_otherwise_says_how(expected: Any, vi: str, en: str) -> None:
    (found,) = run(case(expected))
    assert not found.passed
    assert vi in found.message_vi
    assert en in found.message_en


@pytest.mark.parametrize("expected", [{"total_dong": 3000}, {"refused": "out_of_scope"}])
def test_a_refusal_that_was_not_expected_fails_with_its_reason(expected: Any) -> None:
    (found,) = run(case(expected, inputs={}))
    assert not found.passed
    assert "input_missing and should be" in found.message_en
    assert "Supply" in found.message_en
    assert "đáng lẽ là" in found.message_vi


def test_every_case_has_its_own_result_in_order() -> None:
    found = run(case({"total_dong": 3000}), case({"total_dong": 1}, name="khác"))
    assert [(each.case.name, each.passed) for each in found] == [("một trường hợp", True), ("khác", False)]


@pytest.mark.parametrize(
    ("expected", "changes", "message"),
    [
        ({}, {}, "either total_dong or refused"),
        ({"total_dong": 1, "refused": "out_of_scope"}, {}, "either total_dong or refused"),
        ({"refused": "out_of_scope", "outcome": "due"}, {}, "a refused case has no amounts"),
        ({"refused": "other"}, {}, "Input should be"),
        ({"total_dong": 1.5}, {}, "valid integer"),
        ({"total_dong": 1}, {"inputs": {"pages": 0.5}}, "quotes"),
        ({"total_dong": 1}, {"filed_on": "01/02/2026"}, "2026-12-31"),
        ({"total_dong": 1}, {"names": "x"}, "no such key"),
    ],
)
def test_a_case_that_says_nothing_certain_is_refused(expected: Any, changes: Any, message: str) -> None:
    with pytest.raises(FilesRefused, match=message):
        parse_schedule(json.dumps(schedule(FOUND, cases=[case(expected, **changes)])), "file.yaml")


def test_each_case_of_a_file_has_its_own_name() -> None:
    twice = [case({"total_dong": 3000}), case({"total_dong": 3000})]
    with pytest.raises(FilesRefused, match="two worked cases have one name: một trường hợp"):
        parse_schedule(json.dumps(schedule(FOUND, cases=twice)), "file.yaml")
    with pytest.raises(FilesRefused, match="two worked cases have one name"):
        parse_procedures(json.dumps({"procedures": [procedure()], "cases": twice}), "procedures.yaml")


def test_a_day_among_the_answers_may_stand_without_quotes_and_stays_the_same() -> None:
    text = json.dumps(schedule(FOUND, cases=[case({"total_dong": 1}, inputs={"born": "2026-11-22"})]))
    quoted = parse_schedule(text, "file.yaml")
    bare = parse_schedule(text.replace('{"born": "2026-11-22"}', '{"born": 2026-11-22}'), "file.yaml")
    assert bare == quoted == parse_schedule(bare.model_dump_json(by_alias=True), "file.yaml")


def test_a_group_that_only_a_case_names_cannot_be_claimed() -> None:
    (found,) = run(case({"refused": "input_invalid"}, beneficiaries=["nobody_knows_them"]))
    assert found.passed
