"""The worked cases, one by one: amounts, items, splits, refunds and refusals.

``fee-cases.json`` is kept as it was handed over; ``case-procedures.json`` says which procedure of the
catalogue asks each case's question, and how its inputs are called there. Nothing here computes a fee.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payments.core.fees import Catalogue, Facts, FeeRefusal, FilesRefused, Quote, quote, refund_due

HERE = Path(__file__).parent
CASES = json.loads((HERE / "fee-cases.json").read_text("utf-8"), parse_float=str)["cases"]
PROCEDURES = json.loads((HERE / "case-procedures.json").read_text("utf-8"))
REFUSALS = {"uncovered_value": "value_not_covered", "no_rate_in_force": "no_rate_in_force"}

RESOLUTION = """
schedule: resolution-of-a-province
version: 1
document:
  number: 99/2020/NQ-HĐND
  issuer_vi: Hội đồng nhân dân một tỉnh
  issuer_en: A People's Council
  name_vi: Nghị quyết 99/2020/NQ-HĐND
  name_en: Resolution 99/2020/NQ-HDND
source: {confidence: full_text, note: Written for this test.}
territory: "99"
effective_from: 2019-04-10
effective_to: 2022-02-28
parameters:
  - {code: registration.car_first_rate, name_vi: Tỷ lệ, name_en: Rate, value: "{rate}%"}
"""


def _key(case: dict[str, Any], words: dict[str, Any]) -> str:
    inputs = case["inputs"]
    found = inputs.get(words.get("by", ""), inputs.get("item", ""))
    return "+".join(found) if isinstance(found, list) else str(found)


def _question(case: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The procedure and the inputs, in the catalogue's words."""
    words = PROCEDURES[case["schedule"]]
    key = _key(case, words)
    dropped = {"collector", *words.get("drop", ()), *words.get("drop_for", {}).get(key, ())}
    inputs: dict[str, Any] = dict(words.get("add", {}).get(key, {}))
    for name, value in case["inputs"].items():
        if name in words.get("billions", {}):
            inputs[words["billions"][name]] = value * 10**9
        elif name not in dropped:
            renamed = words.get("rename", {}).get(name, name)
            inputs[renamed] = str(value) if renamed in words.get("text", ()) else value
    return words.get("procedure") or words["procedures"][key], inputs


def _facts(case: dict[str, Any], inputs: dict[str, Any]) -> Facts:
    words, given = PROCEDURES[case["schedule"]], case["inputs"]
    status = given.get("collector", "budget")
    day = date.fromisoformat(case["as_of"])
    territory = words.get("territories", {}).get(given.get("former_province"), "")
    return Facts(
        inputs=inputs,
        channel=case["channel"],
        filed_on=date.fromisoformat(given.get("filed_on", case["as_of"])),
        paid_on=day,
        territory="99" if "local_rate_pct" in given else territory,
        agency_territories=frozenset({"99"}),
        beneficiaries=frozenset(case["beneficiary"]),
        collector_status=words.get("statuses", {}).get(status, status),
    )


def _catalogue(case: dict[str, Any], catalogue: Catalogue, files: dict[str, str]) -> Catalogue:
    """A local rate stands in a resolution of the province, as it would in life."""
    rate = case["inputs"].get("local_rate_pct")
    if rate is None:
        return catalogue
    return Catalogue.from_files(files | {"resolution.yaml": RESOLUTION.replace("{rate}", str(rate))})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_worked_case_comes_out_as_written(
    case: dict[str, Any], catalogue: Catalogue, files: dict[str, str]
) -> None:
    code, inputs = _question(case)
    if case.get("expected_error") == "rate_above_ceiling":
        with pytest.raises(FilesRefused, match="16% is outside 10% to 15%"):
            _catalogue(case, catalogue, files)
    elif case["expected_vnd"] is None:
        with pytest.raises(FeeRefusal) as refused:
            quote(catalogue, code, _facts(case, inputs))
        assert refused.value.code == REFUSALS[case["expected_error"]]
    else:
        there = _catalogue(case, catalogue, files)
        _compare(case, there, quote(there, code, _facts(case, inputs)))


def _compare(case: dict[str, Any], catalogue: Catalogue, found: Quote) -> None:
    assert found.total_dong == case["expected_vnd"]
    assert sum(line.amount_dong for line in found.lines) == found.total_dong
    if "expected_items" in case:
        names = PROCEDURES[case["schedule"]].get("items", {})
        expected = {names.get(name, name): amount for name, amount in case["expected_items"].items()}
        amounts = {line.item_code: line.amount_dong for line in found.lines}
        assert {
            code if code in expected else code.rpartition(".")[2]: x for code, x in amounts.items()
        } == expected
    if "expected_split" in case:
        shares: Counter[str] = Counter()
        for line in found.lines:
            shares.update({share.to: share.amount_dong for share in line.shares})
        assert {name: shares[name] for name in {*shares, *case["expected_split"]}} == case["expected_split"]
    if "expected_reason" in case:
        assert {line.outcome for line in found.lines} == {case["expected_reason"]}
    if "expected_document" in case:
        assert {line.document for line in found.lines} == {case["expected_document"]}
    if "expected_refund_vnd" in case:
        assert refund_due(catalogue, found, case["inputs"]["event"]) == case["expected_refund_vnd"]


def test_all_204_cases_over_24_schedules_are_there() -> None:
    assert len({case["id"] for case in CASES}) == 204
    assert {case["schedule"] for case in CASES} == PROCEDURES.keys()
    assert len(PROCEDURES) == 24
