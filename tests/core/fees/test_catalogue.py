"""The catalogue as it ships, and how it finds what is in force."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, Input, Procedure, Quote, quote, refund_due
from tests.core.fees.building import BOTH, facts, item, procedure, question, schedule, texts
from tests.core.fees.conftest import CATALOGUE

ENGINE = Path(__file__).resolve().parents[3] / "payments" / "core" / "fees"
NOT_SET = {  # their texts have been replaced by others whose figures are not established
    "3.000333", "1.001456", "1.007699", "1.008603", "TP-MT-NUOCSH", "TP-TB-DATTHUE", "TP-TB-TAUBAY", "TP-TB-XEMAY",
    "TP-TB-OTO",
    # the first answer that they allow is a case that the new text has not been read for
    "TP-CA-CANCUOC", "1.013067",
}  # fmt: skip


def sample(asked: Input) -> object:
    """Some answer that the question allows."""
    kinds: dict[str, object] = {
        "decimal": "1",
        "quantities": {"COD": "1"},
        "yes_no": True,
        "date": "2026-01-01",
    }
    if asked.type == "option":
        return asked.options[0].value
    return kinds.get(asked.type, asked.least or 1)


def answered(found: Procedure) -> dict[str, object]:
    given = {asked.name: sample(asked) for asked in found.inputs if asked.default in (None, 0)}
    given.pop("content_mg_per_litre", None)
    return given


def test_at_least_100_real_procedures_are_priced_today(catalogue: Catalogue) -> None:
    """The rest is refused by name: a rate that nobody has read, or two texts that nobody has decided between."""
    undecided = {one.code for one in catalogue.procedures() if one.field_en.endswith("foreign element")}
    priced, refused = set(), {}
    for found in catalogue.procedures():
        try:
            quote(catalogue, found.code, facts(answered(found)))
            priced.add(found.code)
        except FeeRefusal as refusal:
            refused[found.code] = refusal.code
    expected = dict.fromkeys(NOT_SET, "no_rate_in_force") | dict.fromkeys(undecided, "conflicting_texts")
    assert refused == expected
    assert len(priced) >= 100
    assert {"2.000815", "1.001193", "2.000635", "TP-DN-DANGKY", "TP-DD-SANGTEN"} <= priced


def test_every_budget_sub_item_is_in_the_index(catalogue: Catalogue) -> None:
    index = json.loads((CATALOGUE / "budget-sub-items.json").read_text("utf-8"))
    known = {found["code"] for found in index["items"]}
    used = {one.sub_item for found in catalogue.schedules for one in found.items if one.sub_item}
    assert len(used) > 10
    assert used <= known


def test_the_engine_knows_no_document_item_or_procedure(catalogue: Catalogue) -> None:
    source = "\n".join(path.read_text("utf-8") for path in ENGINE.glob("*.py"))
    words = {found.document.number for found in catalogue.schedules}
    words |= {found.schedule for found in catalogue.schedules}
    words |= {one.code for found in catalogue.schedules for one in found.items}
    words |= {found.code for found in catalogue.procedures()}
    assert [word for word in sorted(words) if word in source] == []


def test_a_quote_names_each_text_once_and_every_collector(ask: Callable[..., Quote]) -> None:
    inputs = {"contract_value": 3 * 10**9, "place": "ward"}
    found = ask("TP-DD-SANGTEN", "2026-11-22", inputs)
    assert [one.collector for one in found.lines] == ["tax_office", "land_office", "land_office"]
    assert [one.kind for one in found.lines] == ["charge", "fee", "charge"]
    assert [one.id for one in found.schedules] == ["nghi-dinh-10-2022", "ha-noi-06-2020"]
    assert found.total_dong == 19_528_000


def test_a_procedure_where_nothing_applies_is_out_of_scope(ask: Callable[..., Quote]) -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask("TP-CC-DICHUC", "2026-11-22", {"will": False})
    assert refused.value.code == "out_of_scope"


def test_an_unknown_tariff_of_another_province_is_not_nought(ask: Callable[..., Quote]) -> None:
    with pytest.raises(FeeRefusal) as refused:
        ask("1.000894", "2026-11-22", territory="79", agency_territories=frozenset({"79"}))
    assert refused.value.code == "no_rate_in_force"


def of(*schedules: dict[str, Any], **changes: Any) -> Catalogue:
    return Catalogue.from_files(texts(*schedules, procedures=[procedure(**changes)]))


def other(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return schedule(*items, schedule="other", **changes)


@pytest.mark.parametrize(
    ("territory", "amount_dong"), [("", 1), ("01", 1), ("31", 2), ("31/30", 3), ("31/31", 2)]
)
def test_the_nearest_territory_decides(territory: str, amount_dong: int) -> None:
    third = schedule(item(3), schedule="third", territory="31/30")
    found = of(schedule(item(1)), other(item(2), territory="31"), third)
    case = facts(territory=territory, agency_territories=frozenset({"01"}))
    assert quote(found, "TP-TEST", case).total_dong == amount_dong


def test_a_procedure_of_one_place_needs_no_territory() -> None:
    found = of(schedule(item(2), territory="31"), territory="31")
    assert quote(found, "TP-TEST", facts()).total_dong == 2


@pytest.mark.parametrize(
    ("day", "amount_dong"),
    [
        ("2019-12-31", None),
        ("2020-01-01", 1),
        ("2026-06-30", 1),
        ("2026-07-01", 2),
        ("2026-12-31", 2),
        ("2027-01-01", None),
    ],
)
def test_a_text_counts_from_its_first_day_to_its_last(day: str, amount_dong: int | None) -> None:
    first = schedule(item(1), effective_to="2026-06-30")
    found = of(first, other(item(2), effective_from="2026-07-01", effective_to="2026-12-31"))
    on = date.fromisoformat(day)
    if amount_dong is None:
        with pytest.raises(FeeRefusal) as refused:
            quote(found, "TP-TEST", facts(filed_on=on))
        assert refused.value.code == "no_rate_in_force"
    else:
        assert quote(found, "TP-TEST", facts(filed_on=on)).total_dong == amount_dong


def test_texts_that_go_by_different_dates_can_meet_and_are_then_refused() -> None:
    first = schedule(item(1), effective_to="2026-06-30")
    found = of(first, other(item(2), effective_from="2026-07-01", decided_by="paid_on"))
    with pytest.raises(FeeRefusal) as refused:
        quote(found, "TP-TEST", facts(filed_on=date(2026, 6, 30), paid_on=date(2026, 7, 1)))
    assert refused.value.code == "conflicting_texts"


def test_a_text_without_known_dates_counts_on_every_day() -> None:
    found = of(schedule(item(1), effective_from=None, decided_by="event_on"))
    assert quote(found, "TP-TEST", facts()).total_dong == 1


def test_T31_a_quote_keeps_its_version_when_the_rule_changes() -> None:
    before = of(schedule(item(1)))
    kept = quote(before, "TP-TEST", facts())
    after = quote(of(schedule(item(1)), schedule(item(2), version=2)), "TP-TEST", facts())
    assert (kept.total_dong, kept.schedules[0].version, kept.lines[0].trace["version"]) == (1, 1, 1)
    assert (after.total_dong, after.schedules[0].version, after.lines[0].trace["version"]) == (2, 2, 2)


@pytest.mark.parametrize("amount_dong", [1, 10**12 - 1, 10**12])
def test_T32_amounts_from_one_dong_to_a_thousand_billion_are_quoted(amount_dong: int) -> None:
    found = quote(of(schedule(item(amount_dong))), "TP-TEST", facts())
    assert (found.total_dong, found.lines[0].outcome) == (amount_dong, "due")


def test_T32_nought_exempt_and_not_payable_are_three_things() -> None:
    note = [{"when": {"channel": "counter"}, "reason_vi": "Không thu", "reason_en": "Nothing due"}]
    exempt = [{"code": "b", "effect": "exempt", **BOTH}]
    outcomes = [
        quote(of(schedule(found)), "TP-TEST", facts()).lines[0].outcome
        for found in (item(0), item(1, benefits=exempt), item(1, not_payable=note))
    ]
    assert outcomes == ["zero_by_rule", "exempt", "not_payable"]


@pytest.mark.parametrize("amount_dong", [-1, 10**12 + 1])
def test_T32_what_cannot_be_owed_is_refused(amount_dong: int) -> None:
    with pytest.raises(FeeRefusal) as refused:
        quote(of(schedule(item(amount_dong))), "TP-TEST", facts())
    assert refused.value.code == "input_invalid"


def test_T32_lines_together_stay_within_the_limit_too() -> None:
    twice = [{"item": "test.item"}, {"item": "test.more"}]
    found = of(schedule(item(10**12), item(1, code="test.more")), items=twice)
    with pytest.raises(FeeRefusal, match=r"10\^12"):
        quote(found, "TP-TEST", facts())


@pytest.mark.parametrize(
    ("step", "way", "amount_dong"),
    [(1, "half_up", 13), (10, "half_up", 10), (1000, "up", 1000), (5, "down", 10)],
)
def test_an_item_is_rounded_once_by_the_rule_it_names(step: int, way: str, amount_dong: int) -> None:
    rule = {"type": "percent", "rate": "12.5%", "of": 100}
    found = quote(of(schedule(item(rule, rounding={"way": way, "to_dong": step}))), "TP-TEST", facts())
    assert found.total_dong == amount_dong


def test_a_local_rate_takes_the_place_of_the_national_one() -> None:
    rate = {"code": "test.rate", **BOTH}
    rule = {"type": "percent", "rate": {"type": "parameter", "code": "test.rate"}, "of": 1000}
    found = of(
        schedule(item(rule), parameters=[rate | {"value": "10%"}]),
        other(territory="31", parameters=[rate | {"value": "12%"}], effective_from="2026-01-01"),
    )
    assert quote(found, "TP-TEST", facts()).total_dong == 100
    assert quote(found, "TP-TEST", facts(territory="31")).total_dong == 120
    assert quote(found, "TP-TEST", facts(territory="31", filed_on=date(2025, 12, 31))).total_dong == 100


def test_a_quote_names_the_texts_that_its_rules_refer_to() -> None:
    rate = {"code": "test.rate", **BOTH}
    parts = [{"type": "refer", "item": "test.far"}, {"type": "parameter", "code": "test.rate"}]
    found = of(
        schedule(item({"type": "add", "parts": parts})),
        other(item(5, code="test.far")),
        schedule(schedule="third", parameters=[rate | {"value": 7}]),
    )
    quoted = quote(found, "TP-TEST", facts())
    assert quoted.total_dong == 12
    assert [one.id for one in quoted.schedules] == ["test", "other", "third"]


def test_a_number_that_no_text_sets_is_refused() -> None:
    rule = {"type": "parameter", "code": "test.gone"}
    corridor = {"code": "test.gone", **BOTH, "least": 1, "most": 2}
    with pytest.raises(FeeRefusal) as refused:
        quote(of(schedule(item(rule), parameters=[corridor])), "TP-TEST", facts())
    assert refused.value.code == "no_rate_in_force"


def test_inputs_reach_an_item_under_its_own_names() -> None:
    free = [{"when": {"ticked": True}, "reason_vi": "Không thu", "reason_en": "Nothing due"}]
    rule = {"type": "lookup", "by": ["word"], "table": {"a": "count", "b": 2}}
    double = {"type": "multiply", "factors": ["number", 2]}
    items: list[dict[str, Any]] = [
        {"item": "test.item", "set": {"word": "a"}, "with": {"count": double}},
        {"item": "test.item", "with": {"word": "choice", "count": "number", "ticked": "box"}},
    ]
    items[0]["with"] |= {"ticked": "never"}
    asked = [question("number", "whole"), question("choice", "option"), question("box", "yes_no")]
    asked.append(question("never", "yes_no"))
    found = of(schedule(item(rule, not_payable=free)), items=items, inputs=asked)
    for inputs, amounts in (({"choice": "b"}, [10, 2]), ({"choice": "a"}, [10, 5]), ({"box": True}, [10, 0])):
        lines = quote(found, "TP-TEST", facts({"number": 5, **inputs})).lines
        assert [one.amount_dong for one in lines] == amounts
    with pytest.raises(FeeRefusal) as refused:
        quote(found, "TP-TEST", facts({"number": 5}))
    assert refused.value.problems[0].field == "word"


def test_a_refund_follows_the_text_and_is_refused_where_it_is_silent() -> None:
    refunds = [{"event": "refused", "returned": "50%"}]
    catalogue = of(schedule(item(101, refunds=refunds)))
    found = quote(catalogue, "TP-TEST", facts())
    assert refund_due(catalogue, found, "refused") == 51
    with pytest.raises(FeeRefusal) as silent:
        refund_due(catalogue, found, "withdrawn")
    assert silent.value.code == "value_not_covered"


@pytest.mark.parametrize("later", [schedule(item(101), version=2), schedule(item(101, code="test.renamed"))])
def test_a_refund_needs_the_version_that_was_quoted(later: dict[str, Any]) -> None:
    found = quote(of(schedule(item(101))), "TP-TEST", facts())
    with pytest.raises(FeeRefusal) as gone:
        refund_due(of(later, items=[{"item": later["items"][0]["code"]}]), found, "refused")
    assert gone.value.code == "no_rate_in_force"
