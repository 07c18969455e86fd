"""What docs/fees.md and the guide for officers promise is what the engine does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from payments.core.fees import Catalogue, Facts, FeeRefusal, parse_schedule, quote, run_cases
from payments.core.fees.case_model import Expected
from payments.core.fees.clauses import Benefit
from payments.core.fees.compile import KINDS
from payments.core.fees.exact import Rounding
from payments.core.fees.model_basics import Comparison
from payments.core.fees.refusals import CODES
from payments.core.fees.schedule import Item
from payments.core.fees.words import FACT_WORDS, ItemKind
from payments.core.fees.yaml_text import read_yaml
from tests.core.fees.building import BOTH, facts, item, procedure, question, schedule, texts

DOCS = Path(__file__).resolve().parents[3] / "docs"
GUIDE = (DOCS / "fees.md").read_text("utf-8")
FOR_OFFICERS = (DOCS / "finance-officers" / "write-a-schedule.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE + FOR_OFFICERS, re.DOTALL)
EXAMPLES = [(block, *found) for block in BLOCKS for found in re.findall(r"# given (.*) → (\S+)", block)]


FACTS = {field.name for field in fields(Facts)} - {"inputs"}


def asked(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return question(name, "yes_no")
    if isinstance(value, int):
        return question(name, "money")
    if isinstance(value, dict):
        return question(name, "quantities", options=options(*value))
    if isinstance(value, date):
        return question(name, "date")
    return (
        question(name, "decimal") if value[0].isdigit() else question(name, "option", options=options(value))
    )


def options(*words: str) -> list[dict[str, str]]:
    return [{"value": word, "label_vi": word, "label_en": word} for word in words]


def questions(supplied: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every input that any example of the block supplies."""
    found: dict[str, dict[str, Any]] = {}
    for inputs in supplied:
        for name, value in inputs.items():
            if name not in FACTS:
                one = asked(name, value)
                one["options"] = [*found.get(name, {}).get("options", []), *one.get("options", [])]
                found[name] = one
    return list(found.values())


def whole(block: str) -> dict[str, Any]:
    """The schedule that the block is a part of: a rule, an item, or clauses of a file."""
    found = as_json(read_yaml(block)[0])
    if "items" in found:
        listed = [filled(item(each.pop("rule"), **each)) for each in found.pop("items")]
        found["parameters"] = [BOTH | each for each in found.get("parameters", [])]
        return schedule(*listed, **found)
    return schedule(filled(item(found.pop("rule"), **found)) if "rule" in found else item(found))


def filled(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"benefits": [BOTH | benefit for benefit in found.get("benefits", [])]}


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_json(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def case_of(given: dict[str, Any]) -> Facts:
    known = {name: value for name, value in given.items() if name in FACTS}
    if "beneficiaries" in known:
        known["beneficiaries"] = frozenset(known["beneficiaries"])
    around = frozenset({known.get("territory", "").partition("/")[0]})
    inputs = {name: value for name, value in given.items() if name not in FACTS}
    return facts(inputs, agency_territories=around, **known)


@pytest.mark.parametrize(("block", "given", "result"), EXAMPLES, ids=[found[1] for found in EXAMPLES])
def test_every_example_of_the_guide_comes_out_as_written(block: str, given: str, result: str) -> None:
    supplied = [read_yaml(text)[0] for text in re.findall(r"# given (.*) →", block)]
    catalogue = Catalogue.from_files(texts(whole(block), procedures=[procedure(*questions(supplied))]))
    try:
        found = str(quote(catalogue, "TP-TEST", case_of(read_yaml(given)[0])).total_dong)
    except FeeRefusal as refusal:
        found = refusal.code
    assert found == result


def test_the_worked_cases_of_the_guide_come_out_as_written() -> None:
    (block,) = (block for block in BLOCKS if "cases:\n  - name" in block)
    found = whole(block)
    asked_for = questions([case["inputs"] for case in found["cases"]])
    catalogue = Catalogue.from_files(texts(found, procedures=[procedure(*asked_for)]))
    results = run_cases(catalogue, parse_schedule(json.dumps(found), "file.json").cases)
    assert [result.passed for result in results] == [True, True]


def test_every_rule_has_an_example() -> None:
    assert len(BLOCKS) >= 13
    assert all("# given " in block or "expected:" in block for block in BLOCKS)
    assert "\n    - {" not in GUIDE  # every example is computed, none stands outside of a block


@pytest.mark.parametrize(
    "words",
    [
        {word for kind in KINDS for word in get_args(kind.model_fields["type"].annotation)},
        set(get_args(Benefit.model_fields["effect"].annotation)),
        set(get_args(Rounding)),
        set(Comparison.model_fields),
        set(get_args(Item.model_fields["stacking"].annotation)),
        set(get_args(ItemKind)),
        {"amount", "quota", "computed", "areas", "transitions", "conflicts", "evidence_vi", "gaps"},
        set(Expected.model_fields) - {"total_dong", "refused"},
        FACT_WORDS,
        CODES,
    ],
)
def test_every_word_of_the_language_is_in_the_guide(words: set[str]) -> None:
    assert [word for word in sorted(words) if f"`{word}" not in GUIDE] == []
