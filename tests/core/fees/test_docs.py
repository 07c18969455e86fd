"""What docs/fees.md promises is what the engine does."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from payments.core.fees import Catalogue, FeeRefusal, quote
from payments.core.fees.case_model import Expected
from payments.core.fees.clauses import Benefit
from payments.core.fees.compile import KINDS
from payments.core.fees.exact import Rounding
from payments.core.fees.model_basics import Comparison
from payments.core.fees.refusals import CODES
from payments.core.fees.schedule import Item
from payments.core.fees.words import FACT_WORDS, ItemKind
from payments.core.fees.yaml_text import read_yaml
from tests.core.fees.building import facts, item, procedure, question, schedule, texts

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "fees.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
EXAMPLES = [(block, *found) for block in BLOCKS for found in re.findall(r"# given (.*) → (\S+)", block)]


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


def questions(rule: str) -> list[dict[str, Any]]:
    """Every input that any example of the rule supplies."""
    found: dict[str, dict[str, Any]] = {}
    for text in re.findall(r"# given (.*) →", rule):
        for name, value in read_yaml(text)[0].items():
            one = asked(name, value)
            one["options"] = [*found.get(name, {}).get("options", []), *one.get("options", [])]
            found[name] = one
    return list(found.values())


@pytest.mark.parametrize(("rule", "given", "result"), EXAMPLES, ids=[found[1] for found in EXAMPLES])
def test_every_example_of_the_guide_comes_out_as_written(rule: str, given: str, result: str) -> None:
    files = texts(schedule(item(read_yaml(rule)[0])), procedures=[procedure(*questions(rule))])
    catalogue = Catalogue.from_files(files)
    try:
        found = str(quote(catalogue, "TP-TEST", facts(read_yaml(given)[0])).total_dong)
    except FeeRefusal as refusal:
        found = refusal.code
    assert found == result


def test_every_rule_has_an_example() -> None:
    assert len(BLOCKS) >= 13
    assert all("# given " in block for block in BLOCKS)


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
