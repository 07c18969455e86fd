"""What a case claims must be known to some text; a slip of the pen is refused and never charged in full."""

from __future__ import annotations

from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, Quote, quote
from tests.core.fees.building import facts, item, procedure, question, schedule, texts

CHOICE = {
    "type": "choose",
    "cases": [{"when": {"beneficiary": ["student", "child"]}, "then": 1}],
    "otherwise": 2,
}
CATALOGUE = Catalogue.from_files(
    texts(
        schedule(item(CHOICE), item(5, code="test.other", not_payable=[])),
        schedule(
            schedule="local",
            territory="31",
            benefits=[
                {
                    "code": "local",
                    "name_vi": "Giảm",
                    "name_en": "Less",
                    "effect": "exempt",
                    "beneficiaries": ["merit"],
                    "applies_to": ["test.item"],
                }
            ],
        ),
        procedures=[procedure(question("x", "whole"))],
    )
)


def ask(**claims: Any) -> Quote:
    return quote(CATALOGUE, "TP-TEST", facts(**claims))


def test_groups_are_found_in_conditions_and_in_benefits_of_other_texts() -> None:
    assert CATALOGUE.claimable.beneficiaries == {"student", "child", "merit"}
    assert CATALOGUE.procedure("TP-TEST").beneficiaries == ("child", "merit", "student")


@pytest.mark.parametrize(
    ("claims", "amount_dong"),
    [
        ({}, 2),
        ({"beneficiaries": frozenset({"child"})}, 1),
        ({"beneficiaries": frozenset({"merit"}), "territory": "31/30"}, 0),
        ({"territory": "79", "agency_territories": frozenset({"", "79"})}, 2),
    ],
)
def test_what_some_text_or_agency_knows_may_be_claimed(claims: dict[str, Any], amount_dong: int) -> None:
    assert ask(**claims).total_dong == amount_dong


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        (
            {"beneficiaries": frozenset({"child", "chidl"})},
            {"beneficiaries": "“chidl”; use: child, merit, student"},
        ),
        ({"territory": "xx"}, {"territory": "“xx”; use: 31."}),
        ({"territory": "31/99"}, {"territory": "“31/99”; use: 31, 31/30 Hải Dương, 31/31 Hải Phòng."}),
        ({"territory": "31/x"}, {"territory": "“31/x”; use: 31, 31/30 Hải Dương, 31/31 Hải Phòng."}),
        ({"territory": "31/30/x"}, {"territory": "“31/30/x”; use: 31, 31/30 Hải Dương,"}),
        ({"territory": "30/31"}, {"territory": "“30/31”; use: 31."}),
        ({"territory": "/31"}, {"territory": "“/31”; use: 31."}),
        (
            {"territory": "xx", "beneficiaries": frozenset({"x"})},
            {"beneficiaries": "“x”", "territory": "“xx”"},
        ),
    ],
)
def test_an_unknown_claim_is_refused_with_the_words_that_are_known(
    claims: dict[str, Any], words: dict[str, str]
) -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask(**claims)
    assert refused.value.code == "input_invalid"
    found = {problem.field: problem.message_en for problem in refused.value.problems}
    assert found.keys() == words.keys()
    assert all(words[field] in found[field] for field in words)


def test_the_provinces_of_today_are_made_of_all_former_ones(files: dict[str, str]) -> None:
    known = Catalogue.from_files(files).claimable
    assert len(known.former) == 34
    assert sum(map(len, known.former.values())) == 63
    assert {place.partition("/")[0] for place in known.territories} <= known.former.keys()
    # A code of today is that of one of its parts.
    assert [code for code, parts in known.former.items() if code not in parts] == []


def test_a_catalogue_without_a_list_of_provinces_knows_the_former_ones_of_its_texts_alone() -> None:
    local = [schedule(item(1)), schedule(schedule="local", territory="31/30")]
    files = texts(*local, procedures=[procedure(question("x", "whole"))])
    del files["provinces.yaml"]
    found = Catalogue.from_files(files)
    assert quote(found, "TP-TEST", facts(territory="31/30")).total_dong == 1
    with pytest.raises(FeeRefusal, match="31/31"):
        quote(found, "TP-TEST", facts(territory="31/31", agency_territories=frozenset({"31"})))
