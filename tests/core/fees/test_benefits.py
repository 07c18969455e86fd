"""Exemptions, reductions, channel prices, cuts: who gets them, when, and how they meet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, QuoteLine, quote
from tests.core.fees.building import BOTH, facts, item, line, procedure, question, schedule, texts


def benefit(code: str, effect: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "effect": effect, **BOTH, **changes}


def with_benefits(*benefits: dict[str, Any], amount: Any = 1000, **changes: Any) -> dict[str, Any]:
    return item(amount, benefits=list(benefits), **changes)


def ask(
    found: dict[str, Any], inputs: dict[str, Any] | None = None, *groups: str, **changes: Any
) -> QuoteLine:
    kinds = {"share": "decimal", "granted": "decimal"}
    return line(found, kinds, inputs or {}, beneficiaries=frozenset(groups), **changes)


HALF = benefit("half", "pay", value="50%", beneficiaries=["student"])
TENTH_OFF = benefit("tenth_off", "pay", value="90%", channels=["online"])
EXEMPT = benefit("poor", "exempt", beneficiaries=["poor_household"])


@pytest.mark.parametrize(
    ("effect", "amount_dong", "outcome"),
    [
        ({"effect": "exempt"}, 0, "exempt"),
        ({"effect": "zero"}, 0, "zero_by_rule"),
        ({"effect": "pay", "value": "30%"}, 300, "due"),
        ({"effect": "pay", "value": "0%"}, 0, "zero_by_rule"),
        ({"effect": "less", "value": 400}, 600, "due"),
        ({"effect": "less", "value": 4000}, 0, "zero_by_rule"),
        ({"effect": "instead", "value": 115}, 115, "due"),
        ({"effect": "exempt", "share": "25%"}, 750, "due"),
        ({"effect": "exempt", "share": "100%"}, 0, "exempt"),
        ({"effect": "pay", "value": "50%", "share": "50%"}, 750, "due"),
    ],
)
def test_each_effect_does_what_it_says(effect: dict[str, Any], amount_dong: int, outcome: str) -> None:
    found = ask(with_benefits({**benefit("one", "exempt"), **effect}))
    assert (found.amount_dong, found.outcome) == (amount_dong, outcome)
    assert [used["code"] for used in found.trace["benefits"]] == ["one"]


def test_exemption_beats_reduction_and_zero() -> None:
    zero = benefit("free", "zero")
    found = ask(with_benefits(zero, HALF, EXEMPT), {}, "student", "poor_household")
    assert (found.amount_dong, found.outcome) == (0, "exempt")


def test_a_benefit_belongs_only_to_those_it_names() -> None:
    assert ask(with_benefits(HALF, EXEMPT)).amount_dong == 1000
    assert ask(with_benefits(HALF, EXEMPT), {}, "student").amount_dong == 500
    assert ask(with_benefits(TENTH_OFF), channel="post").amount_dong == 1000
    assert ask(with_benefits(TENTH_OFF), channel="online").amount_dong == 900


@pytest.mark.parametrize(("stacking", "amount_dong"), [("best", 500), ("product", 450), ("sum", 400)])
def test_reductions_meet_as_the_text_says(stacking: str, amount_dong: int) -> None:
    found = ask(with_benefits(HALF, TENTH_OFF, stacking=stacking), {}, "student", channel="online")
    assert found.amount_dong == amount_dong


def test_reductions_that_differ_are_refused_when_no_text_says_which_counts() -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask(with_benefits(HALF, TENTH_OFF), {}, "student", channel="online")
    assert refused.value.code == "conflicting_texts"
    assert refused.value.schedule == "test"


def test_reductions_that_agree_need_no_decision() -> None:
    same = benefit("merit", "pay", value="50%", beneficiaries=["merit"])
    assert ask(with_benefits(HALF, same), {}, "student", "merit").amount_dong == 500


def test_reductions_taken_off_together_never_go_below_nought() -> None:
    found = with_benefits(*(benefit(f"b{n}", "less", value=600) for n in (1, 2)), stacking="sum")
    assert ask(found).amount_dong == 0


def test_another_tariff_comes_before_percentages_of_it() -> None:
    price = benefit("price", "instead", value=400)
    assert ask(with_benefits(HALF, price, stacking="product"), {}, "student").amount_dong == 200


GRANTED = benefit("granted", "granted", granted_by="granted", ceiling="80%")


@pytest.mark.parametrize(("granted", "amount_dong"), [("0", 1000), ("0.5", 500), ("0.8", 200)])
def test_an_officer_grants_up_to_the_ceiling(granted: str, amount_dong: int) -> None:
    assert ask(with_benefits(GRANTED), {"granted": granted}).amount_dong == amount_dong


def test_an_officer_cannot_grant_more_than_the_text_allows() -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask(with_benefits(GRANTED), {"granted": "0.81"})
    assert (refused.value.code, refused.value.problems[0].field) == ("above_ceiling", "granted")


def test_an_exempt_share_must_be_a_share() -> None:
    with pytest.raises(FeeRefusal, match="between 0 and 1"):
        ask(with_benefits(benefit("own", "exempt", share="share")), {"share": "1.5"})


@pytest.mark.parametrize(("changes", "pays", "budget_pays"), [({}, 0, 1000), ({"share": "40%"}, 600, 400)])
def test_a_fee_that_a_budget_pays_still_arises(changes: Any, pays: int, budget_pays: int) -> None:
    found = ask(with_benefits(benefit("city", "paid_by_budget", **changes)))
    assert (found.amount_dong, found.subsidised_dong, found.outcome) == (pays, budget_pays, "due")
    assert found.trace["subsidised_dong"] == budget_pays
    assert "ngân sách trả thay" in found.explanation_vi


DATED = {"from": "2026-07-01", "until": "2026-12-31"}


@pytest.mark.parametrize(
    ("day", "amount_dong"),
    [("2026-06-30", 1000), ("2026-07-01", 500), ("2026-12-31", 500), ("2027-01-01", 1000)],
)
def test_a_cut_begins_and_ends_with_its_days(day: str, amount_dong: int) -> None:
    cut = with_benefits(benefit("cut", "pay", value="50%", **DATED))
    assert ask(cut, filed_on=date.fromisoformat(day)).amount_dong == amount_dong


def test_a_benefit_goes_by_the_date_its_text_names() -> None:
    cut = with_benefits(benefit("cut", "pay", value="50%", decided_by="paid_on", **DATED))
    assert ask(cut, filed_on=date(2026, 1, 1)).amount_dong == 500
    assert ask(cut, paid_on=date(2026, 1, 1)).amount_dong == 1000


def test_a_date_that_a_text_goes_by_must_be_supplied() -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask(with_benefits(benefit("cut", "pay", value="50%", decided_by="event_on", **DATED)))
    assert (refused.value.code, refused.value.problems[0].field) == ("input_missing", "event_on")


def test_a_benefit_without_known_dates_counts_on_every_day() -> None:
    half = with_benefits(benefit("half", "pay", value="50%", decided_by="event_on"))
    files = texts(schedule(half, effective_from=None), procedures=[procedure()])
    assert quote(Catalogue.from_files(files), "TP-TEST", facts()).total_dong == 500


def two_documents(territory: str) -> Catalogue:
    zero = benefit("online", "zero", channels=["online"], applies_to=["test.item"])
    other = schedule(schedule="other", version=3, territory=territory, benefits=[zero])
    return Catalogue.from_files(
        texts(schedule(item(1000)), other, procedures=[procedure(question("x", "whole"))])
    )


def test_another_document_may_grant_a_benefit_and_is_then_quoted_too() -> None:
    found = quote(two_documents("31"), "TP-TEST", facts(channel="online", territory="31/30"))
    assert (found.total_dong, found.lines[0].outcome) == (0, "zero_by_rule")
    assert [(used.id, used.version) for used in found.schedules] == [("test", 1), ("other", 3)]


@pytest.mark.parametrize("territory", ["", "01", "3", "310"])
def test_a_provincial_benefit_stays_in_its_province(territory: str) -> None:
    place: dict[str, Any] = {
        "channel": "online",
        "territory": territory,
        "agency_territories": frozenset({territory}),
    }
    found = quote(two_documents("31"), "TP-TEST", facts(**place))
    assert found.total_dong == 1000
