"""Discounts, quotas, choices and areas: invented schedules, computed by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, FilesRefused, quote
from tests.core.fees.asking import ask, benefit, refusal
from tests.core.fees.building import facts, item, line, priced, procedure, question, schedule, texts

# ten times the base salary of 2,530,000 caps the reduction of one half, once a person a year
SALARY = {"code": "salary.base", "name_vi": "Lương cơ sở", "name_en": "Base salary", "value": 2_530_000}
HALF_OF_IT = {"type": "percent", "rate": "50%", "of": "amount"}
TEN_SALARIES = {"type": "multiply", "factors": [10, {"type": "parameter", "code": "salary.base"}]}
ONCE = {
    "times": 1,
    "per_vi": "mỗi người một năm",
    "per_en": "for each person in a year",
    "used": "times_before",
}
HARDSHIP = benefit(
    "hardship",
    "less",
    value={"type": "lowest", "of": [HALF_OF_IT, TEN_SALARIES]},
    beneficiaries=["merit"],
    quota=ONCE,
    evidence_vi="giấy xác nhận của xã",
    evidence_en="a confirmation of the commune",
)
CAPPED = schedule(item("value", benefits=[HARDSHIP]), parameters=[SALARY])
ASSETS = (question("value", "money"), question("times_before", "whole"))
MERIT = frozenset({"merit"})


@pytest.mark.parametrize(
    ("value", "amount_dong"),
    [(40_000_000, 20_000_000), (50_600_000, 25_300_000), (60_000_000, 34_700_000)],
)
def test_a_reduction_capped_at_a_multiple_of_the_base_salary(value: int, amount_dong: int) -> None:
    given = {"value": value, "times_before": 0}
    assert ask(CAPPED, *ASSETS, given=given, beneficiaries=MERIT).total_dong == amount_dong


def test_a_benefit_had_as_often_as_allowed_no_longer_counts_and_the_quote_says_so() -> None:
    found = ask(CAPPED, *ASSETS, given={"value": 100, "times_before": 1}, beneficiaries=MERIT).lines[0]
    assert found.amount_dong == 100
    assert "không còn được hưởng “mức hardship” (tối đa 1 lần mỗi người một năm" in found.explanation_vi
    assert "“the hardship rate” is used up (at most once for each person in a year" in found.explanation_en
    assert found.trace["benefits"] == []
    assert found.trace["notes"][0]["en"].startswith("“the hardship rate” is used up")


def test_a_quota_without_word_of_earlier_uses_is_refused() -> None:
    found = refusal(CAPPED, *ASSETS, given={"value": 100}, beneficiaries=MERIT)
    assert (found.code, found.problems[0].field) == ("input_missing", "times_before")
    assert ask(CAPPED, *ASSETS, given={"value": 100}).total_dong == 100  # nobody asks who has no claim


def test_the_evidence_of_a_benefit_is_told_with_the_amount() -> None:
    found = ask(CAPPED, *ASSETS, given={"value": 100, "times_before": 0}, beneficiaries=MERIT).lines[0]
    assert "giấy tờ: giấy xác nhận của xã" in found.explanation_vi
    assert "evidence: a confirmation of the commune" in found.explanation_en


@pytest.mark.parametrize(
    ("amount_dong", "channel", "due"),
    [
        (40_000, "online", 50_000),
        (100_000, "online", 80_000),
        (9_000_000, "online", 2_000_000),
        (9, "post", 9),
    ],
)
def test_a_discount_brings_its_own_floor_and_ceiling(amount_dong: int, channel: str, due: int) -> None:
    # 80% of the amount, at least 50,000, at most 2,000,000
    share = {"type": "percent", "rate": "80%", "of": "amount"}
    price = {"type": "limit", "value": share, "floor": 50_000, "cap": 2_000_000}
    found = item("value", benefits=[benefit("online", "instead", value=price, channels=["online"])])
    assert line(found, {"value": "money"}, {"value": amount_dong}, channel=channel).amount_dong == due


CHOICE = item(
    1000,
    stacking="chosen",
    chosen_by="reduction",
    benefits=[
        benefit("student", "pay", value="50%", beneficiaries=["student"]),
        benefit("merit", "pay", value="30%", beneficiaries=["merit"]),
    ],
)
PICK = question(
    "reduction",
    "option",
    options=[{"value": word, "label_vi": word, "label_en": word} for word in ("student", "merit", "other")],
)


@pytest.mark.parametrize(
    ("groups", "picked", "due"),
    [
        ({"student", "merit"}, "student", 500),
        ({"student", "merit"}, "merit", 300),
        ({"student"}, "merit", 500),
    ],
)
def test_the_payer_picks_one_of_two_reductions(groups: set[str], picked: str, due: int) -> None:
    given = {"reduction": picked}
    assert ask(schedule(CHOICE), PICK, given=given, beneficiaries=frozenset(groups)).total_dong == due


@pytest.mark.parametrize(
    ("given", "code"), [({}, "input_missing"), ({"reduction": "other"}, "input_invalid")]
)
def test_until_the_payer_has_picked_nothing_is_computed(given: Any, code: str) -> None:
    found = refusal(schedule(CHOICE), PICK, given=given, beneficiaries=frozenset({"student", "merit"}))
    assert (found.code, found.problems[0].field) == (code, "reduction")
    assert "student: the student rate" in found.message_en


# the dear area: all of two cities except one special zone and one former province
AREAS = [
    {"name": "I", "within": ["01", "31"], "except": ["31/31/cat-hai", "31/30"]},
    {"name": "II", "within": ["31/30"]},
    {"name": "III"},
]
BY_AREA = {"type": "lookup", "by": ["area_of_place"], "table": {"I": 500, "II": 150, "III": 10}}
ZONED = schedule(item(BY_AREA), areas=AREAS)


@pytest.mark.parametrize(
    ("territory", "amount_dong"),
    [
        ("01", 500),
        ("31/30", 150),
        ("31/31/cat-hai", 10),
        ("31/31/11900", 500),
        ("31/30/11914", 150),
        ("48", 10),
    ],
)
def test_an_area_is_all_of_two_cities_except_a_special_zone(territory: str, amount_dong: int) -> None:
    known = frozenset({"48", "31/31/11900", "31/30/11914"})
    assert ask(ZONED, territory=territory, agency_territories=known).total_dong == amount_dong


@pytest.mark.parametrize("territory", ["31", "31/31", ""])
def test_a_place_wider_than_an_area_is_refused_until_it_is_named_closely(territory: str) -> None:
    found = refusal(ZONED, territory=territory)
    assert (found.code, found.problems[0].field) == ("input_missing", "territory")
    assert "31/31/cat-hai" in found.message_vi


def test_a_condition_may_ask_for_the_area_and_a_case_outside_every_area_has_no_rate() -> None:
    only = schedule(
        item({"type": "choose", "cases": [{"when": {"area_of_place": ["I"]}, "then": 5}]}),
        areas=[{"name": "I", "within": ["01"]}],
    )
    assert ask(only, territory="01").total_dong == 5
    assert refusal(only, territory="31", agency_territories=frozenset({"31"})).code == "value_not_covered"


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        ([{"name": "I", "within": ["01"]}, {"name": "I", "within": ["31"]}], "two areas have one name"),
        ([{"name": "I"}, {"name": "II"}], "only one area"),
        ([{"name": "I", "within": ["01"], "except": ["31"]}], "excepts 31, which is not in it"),
        ([{"name": "I", "within": ["31"]}, {"name": "II", "within": ["31/30"]}], "overlap at 31/30"),
    ],
)
def test_areas_that_are_not_certain_are_refused(areas: Any, message: str) -> None:
    with pytest.raises(FilesRefused, match=message):
        ask(schedule(item(1), areas=areas))


def test_a_commune_of_the_list_may_be_named_and_no_other() -> None:
    provinces = [
        {
            "code": "31",
            "name": "Hải Phòng",
            "former": {"30": "Hải Dương", "31": "Hải Phòng"},
            "communes": {"11914": {"name": "Một xã", "former": "30"}},
        }
    ]
    files = texts(ZONED, procedures=[procedure()]) | {"provinces.yaml": json.dumps({"provinces": provinces})}
    catalogue = Catalogue.from_files(files)
    known = frozenset({"31"})
    found = quote(catalogue, "TP-TEST", facts(territory="31/30/11914", agency_territories=known))
    assert found.total_dong == 150
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", facts(territory="31/30/11915", agency_territories=known))
    assert refused.value.code == "input_invalid"
    provinces[0]["communes"] = {"1": {"name": "Một xã", "former": "01"}}
    with pytest.raises(FilesRefused, match="31 was not made of"):
        Catalogue.from_files(files | {"provinces.yaml": json.dumps({"provinces": provinces})})


@pytest.mark.parametrize(("territory", "due"), [("31", 5), ("31/30", 5), ("01", 9), ("", 9)])
def test_a_condition_on_a_territory_means_all_that_lies_in_it(territory: str, due: int) -> None:
    rule = {"type": "choose", "cases": [{"when": {"territory": ["31", "48"]}, "then": 5}], "otherwise": 9}
    known = frozenset({"01", "31"})
    assert priced(rule, {}, {}, territory=territory, agency_territories=known) == due
    outside = {
        "type": "choose",
        "cases": [{"when": {"territory": {"is_not": ["31"]}}, "then": 9}],
        "otherwise": 5,
    }
    assert priced(outside, {}, {}, territory=territory, agency_territories=known) == due


def test_a_reference_sees_the_areas_and_names_of_its_own_item() -> None:
    near = item({"type": "refer", "item": "far.item"}, computed={"n": {"type": "add", "parts": [1, 1]}})
    far = item(
        {"type": "multiply", "factors": ["n", BY_AREA]},
        code="far.item",
        computed={"n": {"type": "add", "parts": [2, 1]}},
    )
    files = texts(schedule(near), schedule(far, schedule="far", areas=AREAS), procedures=[procedure()])
    found = quote(Catalogue.from_files(files), "TP-TEST", facts(territory="01"))
    assert found.total_dong == 1500


def test_a_benefit_of_another_text_sees_the_areas_of_that_text() -> None:
    zero = benefit("zone", "zero", when={"area_of_place": "Z"}, applies_to=["test.item"])
    other = schedule(schedule="other", benefits=[zero], areas=[{"name": "Z", "within": ["31/31/cat-hai"]}])
    catalogue = Catalogue.from_files(texts(ZONED, other, procedures=[procedure()]))
    assert quote(catalogue, "TP-TEST", facts(territory="31/31/cat-hai")).lines[0].outcome == "zero_by_rule"
    assert quote(catalogue, "TP-TEST", facts(territory="31/30")).total_dong == 150
