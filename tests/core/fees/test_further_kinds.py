"""Kinds of rule that laws use beyond the worked cases: one invented schedule for each, computed by hand."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, FilesRefused, Quote, quote, read_catalogue
from tests.core.fees.building import facts, item, line, priced, procedure, question, schedule, texts


def day(text: str) -> date:
    return date.fromisoformat(text)


def benefit(code: str, effect: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "effect": effect,
        "name_vi": f"mức {code}",
        "name_en": f"the {code} rate",
        **changes,
    }


def ask(found: dict[str, Any], *questions: dict[str, Any], given: Any = None, **changes: Any) -> Quote:
    """``found`` is a whole schedule."""
    catalogue = Catalogue.from_files(texts(found, procedures=[procedure(*questions)]))
    return quote(catalogue, "TP-TEST", facts(given, **changes))


def refusal(
    found: dict[str, Any], *questions: dict[str, Any], given: Any = None, **changes: Any
) -> FeeRefusal:
    with pytest.raises(FeeRefusal) as refused:
        ask(found, *questions, given=given, **changes)
    return refused.value


# 200,000 by region × 1.5 for a large site: a product of factors
REGION_BY_SIZE = {
    "type": "multiply",
    "factors": [
        {"type": "lookup", "by": ["region"], "table": {"a": 200_000, "b": 100_000}},
        {
            "type": "slabs",
            "by": "hectares",
            "bands": [{"to": "0.5", "amount": 1}, {"over": "0.5", "amount": "1.5"}],
        },
    ],
}


@pytest.mark.parametrize(
    ("region", "hectares", "amount_dong"),
    [("a", "0.5", 200_000), ("a", "0.500001", 300_000), ("b", "7", 150_000)],
)
def test_a_product_of_region_and_size(region: str, hectares: str, amount_dong: int) -> None:
    kinds = {"region": "option", "hectares": "decimal"}
    assert priced(REGION_BY_SIZE, kinds, {"region": region, "hectares": hectares}) == amount_dong


@pytest.mark.parametrize(("value", "amount_dong"), [(0, 0), (100_000_000, 0), (100_000_001, 2_000_000)])
def test_a_threshold_under_which_nothing_and_above_which_the_whole_is_charged(
    value: int, amount_dong: int
) -> None:
    # 2% of 100,000,001 is 2,000,000.02
    bands = [{"to": 100_000_000}, {"over": 100_000_000, "rate": "2%", "rate_on": "whole"}]
    assert (
        priced({"type": "tiers", "by": "value", "bands": bands}, {"value": "money"}, {"value": value})
        == amount_dong
    )


@pytest.mark.parametrize(("population", "amount_dong"), [(10, 90_000), (11, 70_000), (51, 50_000)])
def test_a_price_by_the_population_of_the_whole_session(population: int, amount_dong: int) -> None:
    bands = [
        {"to": 10, "amount": 90_000},
        {"from": 11, "to": 50, "amount": 70_000},
        {"from": 51, "amount": 50_000},
    ]
    rule = {"type": "slabs", "by": "population", "bands": bands}
    assert priced(rule, {"population": "whole"}, {"population": population}) == amount_dong


@pytest.mark.parametrize(("units", "amount_dong"), [(10, 100_000), (11, 108_000), (100, 500_000)])
def test_a_price_per_unit_that_falls_with_a_cap_on_the_sum(units: int, amount_dong: int) -> None:
    # 10 × 10,000; the eleventh 8,000; 10 × 10,000 + 90 × 8,000 = 820,000, at most 500,000
    steps = [{"through": 10, "price": 10_000}, {"price": 8_000}]
    rule = {"type": "limit", "value": {"type": "per_unit", "unit": "units", "steps": steps}, "cap": 500_000}
    assert priced(rule, {"units": "whole"}, {"units": units}) == amount_dong


@pytest.mark.parametrize(
    ("issued_on", "amount_dong"),
    [
        ("2026-01-01", 1_000_001),
        ("2026-06-30", 1_000_001),
        ("2026-07-01", 500_001),
        ("2024-12-31", 500_001),
    ],
)
def test_half_a_years_fee_when_the_certificate_comes_after_mid_year(issued_on: str, amount_dong: int) -> None:
    half = benefit("half", "pay", value="50%", when={"issued_on": {"from_day": {"day": 1, "month": 7}}})
    found = item(1_000_001, benefits=[half])  # the half is 500,000.5, rounded up
    assert line(found, {"issued_on": "date"}, {"issued_on": issued_on}).amount_dong == amount_dong


@pytest.mark.parametrize(
    ("paid_on", "due"),
    [
        ("2024-02-28", False),
        ("2024-02-29", True),
        ("2026-03-01", True),
        ("2026-03-15", True),
        ("2026-03-16", False),
    ],
)
def test_a_season_of_every_year(paid_on: str, due: bool) -> None:
    season = {"paid_on": {"from_day": {"day": 29, "month": 2}, "to_day": {"day": 15, "month": 3}}}
    rule = {"type": "choose", "cases": [{"when": season, "then": 7}], "otherwise": 0}
    assert priced(rule, {}, {}, paid_on=day(paid_on)) == 7 * due


@pytest.mark.parametrize("wrong", [{"day": 31, "month": 4}, {"day": 30, "month": 2}, {"day": 0, "month": 1}])
def test_a_day_that_no_year_has_is_refused(wrong: dict[str, int]) -> None:
    half = benefit("half", "exempt", when={"paid_on": {"from_day": wrong}})
    with pytest.raises(FilesRefused, match="day"):
        line(item(1, benefits=[half]), {}, {})


@pytest.mark.parametrize(("tonnes", "amount_dong"), [("1.24", 12_000), ("1.25", 13_000), ("0.04", 0)])
def test_a_quantity_is_rounded_before_it_is_multiplied(tonnes: str, amount_dong: int) -> None:
    rule = {"type": "multiply", "factors": [{"type": "round", "value": "tonnes", "to": "0.1"}, 10_000]}
    assert priced(rule, {"tonnes": "decimal"}, {"tonnes": tonnes}) == amount_dong


@pytest.mark.parametrize(("units", "amount_dong"), [(1, 1000), (3, 2000), (6, 3000)])
def test_money_is_rounded_by_a_rule_of_the_text(units: int, amount_dong: int) -> None:
    # 500, 1,500, 3,000: to whole thousands, half up
    found = item(
        {"type": "multiply", "factors": ["units", 500]}, rounding={"way": "half_up", "to_dong": 1000}
    )
    assert line(found, {"units": "whole"}, {"units": units}).amount_dong == amount_dong


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


# the first card is issued from the age of 14; it costs nothing below 16
AGE = {"age": {"type": "time_between", "from": "born_on", "to": "filed_on", "in": "years"}}
CARD = item(
    30_000,
    computed=AGE,
    not_payable=[{"when": {"age": {"under": 14}}, "reason_vi": "dưới 14 tuổi", "reason_en": "under 14"}],
    benefits=[benefit("young", "exempt", when={"age": {"under": 16}})],
)


@pytest.mark.parametrize(
    ("born_on", "outcome"),
    [
        ("2012-11-23", "not_payable"),  # 14 tomorrow
        ("2012-11-22", "exempt"),  # 14 today
        ("2010-11-23", "exempt"),
        ("2010-11-22", "due"),
    ],
)
def test_an_age_decides_to_the_day(born_on: str, outcome: str) -> None:
    assert line(CARD, {"born_on": "date"}, {"born_on": born_on}).outcome == outcome


def test_what_is_computed_from_something_not_supplied_satisfies_no_condition() -> None:
    assert line(CARD, {"born_on": "date"}, {}).outcome == "due"


@pytest.mark.parametrize(
    ("start", "end", "unit", "changes", "number"),
    [
        ("2026-01-31", "2026-02-27", "months", {}, 0),
        ("2026-01-31", "2026-02-28", "months", {}, 1),  # there is no 31 February
        ("2026-01-31", "2026-03-30", "months", {}, 1),
        ("2026-01-15", "2026-03-14", "months", {"count": "begun"}, 2),
        ("2026-01-15", "2026-03-15", "months", {"count": "begun"}, 2),
        ("2026-01-15", "2026-03-16", "months", {"count": "begun"}, 3),
        ("2026-01-01", "2026-12-31", "months", {"both_days": True}, 12),
        ("2012-02-29", "2026-02-27", "years", {}, 13),
        ("2012-02-29", "2026-02-28", "years", {}, 14),
        ("2026-02-28", "2026-03-01", "days", {}, 1),
        ("2026-02-28", "2026-03-01", "days", {"both_days": True}, 2),
        ("2026-05-05", "2026-05-05", "years", {"count": "begun"}, 0),
    ],
)
def test_time_is_counted_as_the_text_counts_it(
    start: str, end: str, unit: str, changes: Any, number: int
) -> None:
    rule = {"type": "time_between", "from": "start", "to": "end", "in": unit, **changes}
    found = line(item({"type": "multiply", "factors": [rule, 10]}), {"start": "date", "end": "date"},
                 {"start": start, "end": end})  # fmt: skip
    assert found.amount_dong == 10 * number
    words = {"days": "ngày", "months": "tháng", "years": "năm"}
    told = f"{number}\N{NO-BREAK SPACE}{words[unit]} (từ {day(start):%d/%m/%Y} đến {day(end):%d/%m/%Y})"
    assert told in found.explanation_vi


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"start": "2026-05-05", "end": "2026-05-04"}, "input_invalid", "end"),
        ({"start": "2026-05-05"}, "input_missing", "end"),
    ],
)
def test_time_that_runs_backwards_or_has_no_end_is_refused(given: Any, code: str, field: str) -> None:
    rule = {"type": "time_between", "from": "start", "to": "end", "in": "days"}
    found = refusal(schedule(item(rule)), question("start", "date"), question("end", "date"), given=given)
    assert (found.code, found.problems[0].field) == (code, field)


def test_a_computed_name_is_told_by_its_calculation_and_stands_above_what_uses_it() -> None:
    area = {"type": "multiply", "factors": ["length", "width"]}
    price = {"type": "per_unit", "unit": "doubled", "price": 100}
    double = {"type": "multiply", "factors": [2, "area"]}
    kinds = {"length": "decimal", "width": "decimal"}
    found = line(
        item(price, computed={"area": area, "doubled": double}), kinds, {"length": "1.5", "width": "3"}
    )
    assert found.amount_dong == 900
    assert "2 × 1,5 × 3" in found.explanation_vi.replace("(", "").replace(")", "")
    for wrong in ({"doubled": double, "area": area}, {"area": {"type": "add", "parts": ["area", 1]}}):
        with pytest.raises(FilesRefused, match="must stand above it"):
            line(item(1, computed=wrong), kinds, {})


OLD = schedule(item(100), schedule="old", effective_to="2026-07-31", decided_by="paid_on")
LEFT = {
    "when": {"received_on": {"under": "2026-08-01"}, "paid_on": {"at_most": "2026-12-31"}},
    "older": ["old"],
}
NEW = schedule(
    item(300), schedule="new", effective_from="2026-08-01", decided_by="paid_on", transitions=[LEFT]
)


@pytest.mark.parametrize(
    ("received_on", "paid_on", "due", "text"),
    [
        ("2026-07-31", "2026-07-31", 100, "old"),
        ("2026-07-31", "2026-12-31", 100, "old"),
        ("2026-07-31", "2027-01-01", 300, "new"),
        ("2026-08-01", "2026-08-01", 300, "new"),
        (None, "2026-08-01", 300, "new"),
    ],
)
def test_two_dates_decide_which_text_still_governs(
    received_on: str | None, paid_on: str, due: int, text: str
) -> None:
    catalogue = Catalogue.from_files(texts(OLD, NEW, procedures=[procedure()]))
    received = None if received_on is None else day(received_on)
    found = quote(catalogue, "TP-TEST", facts(received_on=received, paid_on=day(paid_on)))
    assert (found.total_dong, [used.id for used in found.schedules]) == (due, [text])


def test_an_older_text_that_still_governs_brings_its_exemptions_along() -> None:
    poor = benefit("poor", "exempt", beneficiaries=["poor_household"])
    old = OLD | {"items": [item(100, benefits=[poor])]}
    catalogue = Catalogue.from_files(texts(old, NEW, procedures=[procedure()]))
    case = facts(
        received_on=day("2026-07-31"), paid_on=day("2026-09-01"), beneficiaries=frozenset({"poor_household"})
    )
    assert quote(catalogue, "TP-TEST", case).lines[0].outcome == "exempt"


def test_of_an_older_text_what_was_in_force_last_still_governs_and_two_such_texts_are_refused() -> None:
    stages = [item(50, effective_to="2025-12-31"), item(100, effective_from="2026-01-01")]
    case = facts(received_on=day("2026-07-31"), paid_on=day("2026-09-01"))
    catalogue = Catalogue.from_files(texts(OLD | {"items": stages}, NEW, procedures=[procedure()]))
    assert quote(catalogue, "TP-TEST", case).total_dong == 100
    twin = OLD | {"schedule": "twin", "effective_from": "2026-07-31"}
    both = NEW | {"transitions": [LEFT | {"older": ["old", "twin"]}]}
    first = OLD | {"effective_to": "2026-07-30"}
    assert quote(catalogue_of(first, twin, both), "TP-TEST", case).total_dong == 100
    catalogue, _ = read_catalogue(texts(OLD, twin, both, procedures=[procedure()]))
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", case)
    assert refused.value.code == "conflicting_texts"


def catalogue_of(*schedules: dict[str, Any]) -> Catalogue:
    return Catalogue.from_files(texts(*schedules, procedures=[procedure()]))


def test_a_case_left_to_a_text_that_is_not_on_file_is_refused() -> None:
    left = {"when": {"channel": "online"}, "article_en": "Article 9"}
    found = refusal(schedule(item(1), transitions=[left]), channel="online")
    assert (found.code, found.schedule, found.article) == ("no_rate_in_force", "test", "Article 9")
    assert ask(schedule(item(1), transitions=[left]), channel="post").total_dong == 1
    with pytest.raises(FilesRefused, match="leaves cases to gone, which no file is"):
        ask(schedule(item(1), transitions=[{**left, "applies_to": ["test.item"], "older": ["gone"]}]))


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ({"transitions": [{"when": {"pages": {"over": 1}}}]}, "cannot ask for pages"),
        ({"transitions": [{"when": {"channel": "post"}, "applies_to": ["test.gone"]}]}, "test.gone"),
        ({"conflicts": [{"about_vi": "x", "about_en": "x", "readings": ["a", "b"], "applies_to": ["test.gone"]}]},
         "test.gone"),
    ],
)  # fmt: skip
def test_clauses_speak_of_facts_and_of_items_of_their_file(clause: Any, message: str) -> None:
    with pytest.raises(FilesRefused, match=message):
        ask(schedule(item(1), **clause))


def test_an_item_may_go_by_another_date_than_its_file() -> None:
    found = schedule(item(7, decided_by="event_on", effective_to="2025-12-31"))
    assert ask(found, event_on=day("2025-12-31")).total_dong == 7
    assert refusal(found, event_on=day("2026-01-01")).code == "no_rate_in_force"


# the printed table says 1,500 for the third class, its own formula gives 1,050
MISPRINT = {
    "about_vi": "Mức của hạng 3",
    "about_en": "The rate of class 3",
    "readings": ["bảng in: 1.500", "công thức: 1.050"],
    "applies_to": ["test.item"],
    "when": {"kind": "c"},
}
DECIDED = {
    **MISPRINT,
    "decided_by": "Giám đốc Sở Tài chính",
    "decided_on": "2026-03-01",
    "decision_vi": "áp dụng công thức",
    "decision_en": "the formula counts",
}
CLASSES = {"type": "lookup", "by": ["kind"], "table": {"a": 500, "b": 700, "c": 1050}}


def test_a_table_that_contradicts_its_formula_is_refused_until_somebody_has_decided() -> None:
    found = refusal(
        schedule(item(CLASSES), conflicts=[MISPRINT]), question("kind", "option"), given={"kind": "c"}
    )
    assert found.code == "conflicting_texts"
    assert "bảng in: 1.500 / công thức: 1.050" in found.message_vi
    other = ask(
        schedule(item(CLASSES), conflicts=[MISPRINT]), question("kind", "option"), given={"kind": "b"}
    )
    assert other.total_dong == 700


def test_a_decision_is_told_with_who_made_it_and_when() -> None:
    found = ask(schedule(item(CLASSES), conflicts=[DECIDED]), question("kind", "option"), given={"kind": "c"})
    assert found.total_dong == 1050
    told = found.lines[0]
    assert "áp dụng công thức (quyết định của Giám đốc Sở Tài chính, ngày 01/03/2026)" in told.explanation_vi
    assert "the formula counts (decided by Giám đốc Sở Tài chính on 2026-03-01)" in told.explanation_en


@pytest.mark.parametrize("dropped", ["decided_on", "decided_by", "decision_vi"])
def test_half_a_decision_is_none(dropped: str) -> None:
    half = {name: value for name, value in DECIDED.items() if name != dropped}
    with pytest.raises(FilesRefused, match="decision"):
        ask(schedule(item(CLASSES), conflicts=[half]), question("kind", "option"))


@pytest.mark.parametrize("status", ["budget", "lump_sum", "anything"])
def test_a_service_price_is_its_collectors_own_and_stands_on_an_invoice(status: str) -> None:
    found = line(item(923_000, kind="service_price"), {}, {}, collector_status=status)
    assert (found.kind, found.document) == ("service_price", "invoice")
    assert (found.retained_dong, found.remitted_dong) == (923_000, 0)


@pytest.mark.parametrize("wrong", [{"sub_item": "2715"}, {"retention": [{"status": ["any"], "kept": "50%"}]}])
def test_a_service_price_is_no_revenue_of_the_budget(wrong: dict[str, Any]) -> None:
    with pytest.raises(FilesRefused, match="a service price has no budget sub-item"):
        line(item(1, kind="service_price", **wrong), {}, {})


@pytest.mark.parametrize(
    ("paid_on", "kept"), [("2025-12-31", 50), ("2026-01-01", 60), ("2026-06-30", 60), ("2026-07-01", 70)]
)
def test_the_share_that_is_kept_has_dates_of_its_own(paid_on: str, kept: int) -> None:
    retention = [
        {"status": ["lump_sum"], "until": "2025-12-31", "kept": "50%"},
        {"status": ["lump_sum"], "from": "2026-01-01", "until": "2026-06-30", "kept": "60%"},
        {"status": ["lump_sum"], "from": "2026-07-01", "kept": "70%"},
    ]
    found = line(item(100, retention=retention), {}, {}, collector_status="lump_sum", paid_on=day(paid_on))
    assert found.retained_dong == kept


def test_a_day_on_which_no_share_is_on_file_is_refused() -> None:
    retention = [{"status": ["lump_sum"], "from": "2026-01-01", "kept": "50%"}]
    found = schedule(item(100, retention=retention))
    assert refusal(found, collector_status="lump_sum", paid_on=day("2025-12-31")).code == "no_rate_in_force"


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


def test_an_input_cannot_take_a_word_of_the_language() -> None:
    for word in ("amount", "channel", "area_of_place"):
        with pytest.raises(FilesRefused, match="word of the language"):
            ask(schedule(item(1)), question(word, "whole"))


def test_the_same_benefit_cannot_stand_twice_in_an_item() -> None:
    twice = [benefit("a", "exempt"), benefit("a", "zero")]
    with pytest.raises(FilesRefused, match="two benefits of the item have one code"):
        ask(schedule(item(1, benefits=twice)))
