"""What the files of the catalogue must hold, whatever their figures."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from payments.core.fees import Catalogue, Facts, run_cases
from payments.core.fees.worked_cases import facts_of
from tests.core.fees.conftest import CATALOGUE
from tests.core.fees.test_cases import CASES, REFUSALS, _facts, _question

SCHEDULES = sorted(path.stem for path in CATALOGUE.glob("*.yaml") if not path.stem.startswith("pro"))
# They stand under a resolution of a province, which no file of the catalogue holds.
UNDER_A_RESOLUTION = {"FC-148", "FC-151", "FC-163"}
NATIONAL = json.loads((Path(__file__).parent / "national-codes.json").read_text("utf-8"))["names"]


def test_every_national_code_was_seen_on_the_national_portal(catalogue: Catalogue) -> None:
    used = {found.code for found in catalogue.procedures() if not found.code.startswith("TP-")}
    assert used == NATIONAL.keys()
    assert len(used) > 100


def test_every_schedule_says_where_it_was_read(catalogue: Catalogue) -> None:
    for found in catalogue.schedules:
        assert len(found.source.note) > 20, found.schedule
        if found.source.page is not None:
            assert found.source.page.startswith("https://"), found.schedule


def test_a_procedure_has_one_field_and_each_field_one_english_name(catalogue: Catalogue) -> None:
    names = {(found.field_vi, found.field_en) for found in catalogue.procedures()}
    assert len({vi for vi, _ in names}) == len({en for _, en in names}) == len(names)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_case_that_a_file_carries_comes_out_as_written(name: str, catalogue: Catalogue) -> None:
    (schedule,) = (found for found in catalogue.schedules if found.schedule == name)
    assert schedule.cases or not schedule.items, "a file with items carries cases"
    results = run_cases(catalogue, schedule.cases)
    assert [(one.case.name, one.message_en) for one in results if not one.passed] == []


def test_every_worked_case_stands_in_the_file_that_it_is_about(catalogue: Catalogue) -> None:
    carried = defaultdict(list)
    for schedule in catalogue.schedules:
        for case in schedule.cases:
            carried[_key(case.procedure, facts_of(case))].append(case.expected.model_dump(exclude_none=True))
    missing = {case["id"] for case in CASES if not any(map(_says(case), carried[_asked(case)]))}
    assert missing == UNDER_A_RESOLUTION


def _asked(case: dict[str, Any]) -> str:
    code, inputs = _question(case)
    facts = _facts(case, inputs)
    return _key(code, facts, "" if "local_rate_pct" in case["inputs"] else facts.territory)


def _key(code: str, facts: Facts, territory: str | None = None) -> str:
    where = facts.territory if territory is None else territory
    days = f"{facts.filed_on} {facts.paid_on}"
    who = f"{sorted(facts.beneficiaries)} {facts.collector_status}"
    return f"{code} {json.dumps(facts.inputs, sort_keys=True)} {facts.channel} {days} {where} {who}"


def _says(case: dict[str, Any]) -> Any:
    """Whether what a file expects is all that the worked case says; item names are the catalogue's own."""
    wanted: dict[str, Any] = {"total_dong": case["expected_vnd"]}
    if case["expected_vnd"] is None:
        wanted = {"refused": REFUSALS.get(case["expected_error"])}
    for ours, theirs in (("shares", "split"), ("outcome", "reason"), ("document", "document")):
        if f"expected_{theirs}" in case:
            wanted[ours] = case[f"expected_{theirs}"]
    if "expected_refund_vnd" in case:
        wanted["refunds"] = {case["inputs"]["event"]: case["expected_refund_vnd"]}
    amounts = sorted(case.get("expected_items", {}).values())

    def says(expected: dict[str, Any]) -> bool:
        lines = sorted(expected.get("lines", {}).values())
        return lines == amounts and {name: x for name, x in expected.items() if name != "lines"} == wanted

    return says
