"""A file that cannot be relied on is refused with its line, and with all its problems at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payments.core.fees import Catalogue, FilesRefused, parse_procedures, parse_schedule, read_catalogue
from payments.core.fees.yaml_text import MOST_CHARACTERS, TextProblem, read_yaml
from tests.core.fees.building import BOTH, item, procedure, question, schedule, texts

BROKEN = json.loads((Path(__file__).parent / "broken-files.json").read_text("utf-8"))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken["what"])
def test_a_trap_of_yaml_is_refused_with_its_line(broken: dict[str, Any]) -> None:
    with pytest.raises(FilesRefused) as refused:
        parse_schedule(broken["text"], "file.yaml")
    problem = refused.value.problems[0]
    assert (problem.file_name, problem.line) == ("file.yaml", broken["line"])
    assert broken["says"] in problem.message
    assert str(refused.value).startswith(f"file.yaml:{broken['line']}: ")


def test_a_file_too_deep_or_too_large_is_refused() -> None:
    with pytest.raises(TextProblem, match="nested deeper"):
        read_yaml("[" * 5000 + "]" * 5000)
    with pytest.raises(TextProblem, match="characters"):
        read_yaml("#" * (MOST_CHARACTERS + 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("010", "010"),
        ("0x10", "0x10"),
        ("50_000", 50_000),
        ("-3", -3),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ('"50%"', "50%"),
        ("'5'", "5"),
        ("2026-11-22", date(2026, 11, 22)),
        ("22/11/2026", "22/11/2026"),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("9" * 41, "9" * 41),
    ],
)
def test_a_value_means_what_its_author_saw(text: str, value: Any) -> None:
    found, lines = read_yaml(f"a:\n  b: {text}\n")
    assert found == {"a": {"b": value}}
    assert type(found["a"]["b"]) is type(value)
    assert lines["a", "b"] == 2


def refused_by(found: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(FilesRefused) as refused:
        parse_schedule(json.dumps(found), "file.yaml")
    return {problem.place: problem.message for problem in refused.value.problems}


def benefit(**changes: Any) -> dict[str, Any]:
    return {"code": "x", "effect": "exempt", **BOTH, **changes}


@pytest.mark.parametrize(
    ("found", "place", "message"),
    [
        (schedule(item(0.5)), "items.0.rule", "quoted decimal"),
        (schedule(item({"type": "fixd"})), "items.0.rule", "fixd"),
        (schedule(item({"price": 1})), "items.0.rule", "a rule with a type"),
        (schedule(item("10 000")), "items.0.rule", "name of an input"),
        (schedule(item("0.1 %")), "items.0.rule", "name of an input"),
        (schedule(item(10**16)), "items.0.rule", "less than or equal"),
        (schedule(item(True)), "items.0.rule", "valid integer"),
        (schedule(item(1, surprise=1)), "items.0.surprise", "no such key"),
        (schedule(item(1, kind="tax")), "items.0.kind", "'fee', 'charge' or 'service_price'"),
        (schedule(item(1, kind="price")), "items.0.kind", "'fee', 'charge' or 'service_price'"),
        (schedule(item(1, code="Mixed Case")), "items.0.code", "pattern"),
        (schedule(item(1, sub_item="27")), "items.0.sub_item", "pattern"),
        (schedule(item(1, benefits=[benefit(applies_to=["test.item"])])), "", "has no applies_to"),
        (schedule(benefits=[benefit()]), "", "says in applies_to"),
        (schedule(item(1, benefits=[benefit(value="50%")])), "items.0.benefits.0", "value belongs"),
        (schedule(item(1, benefits=[benefit(effect="pay")])), "items.0.benefits.0", "value belongs"),
        (schedule(item(1, benefits=[benefit(effect="granted")])), "items.0.benefits.0", "granted_by"),
        (
            schedule(item(1, benefits=[benefit(**{"from": "2026-02-01", "until": "2026-01-01"})])),
            "items.0.benefits.0",
            "until lies before",
        ),
        (schedule(item(1, retention=[{"status": ["s"]}])), "items.0.retention.0", "either kept or shares"),
        (
            schedule(item(1, retention=[{"status": ["s"], "kept": "101%"}])),
            "items.0.retention.0",
            "More|more",
        ),
        (
            schedule(item(1, retention=[{"status": ["s"], "shares": {"a": "50%", "b": "49%"}}])),
            "items.0.retention.0",
            "100%",
        ),
        (schedule(effective_from="01/02/2026"), "effective_from", "such as 2026-12-31"),
        (schedule(effective_from="2026-01-01", effective_to="2025-01-01"), "", "effective_to lies before"),
        (schedule(version=0), "version", "greater than or equal"),
        (schedule(territory="Hải Phòng"), "territory", "pattern"),
        (schedule(item({"type": "slabs", "by": "x", "bands": []})), "items.0.rule.bands", "at least 1"),
        (
            schedule(item({"type": "slabs", "by": "x", "bands": [{"form": 1, "amount": 1}]})),
            "items.0.rule.bands.0.form",
            "no such key",
        ),
        (
            schedule(item({"type": "lookup", "by": ["x"], "table": {"a": 0.5}})),
            "items.0.rule.table.a",
            "quoted",
        ),
    ],
)
def test_a_mistake_in_a_schedule_is_named_by_its_place(found: Any, place: str, message: str) -> None:
    problems = refused_by(found)
    assert place in problems
    assert any(word in problems[place] for word in message.split("|"))


def test_every_problem_of_a_file_is_reported_at_once() -> None:
    found = schedule(item(0.5, kind="tax"), item(1, nope=1), version="one")
    assert refused_by(found).keys() >= {"items.0.rule", "items.0.kind", "items.1.nope", "version"}


def test_the_line_is_that_of_the_mistake() -> None:
    text = "schedule: a\nversion: 1\nitems:\n  - code: x.y\n    kind: tax\n"
    with pytest.raises(FilesRefused) as refused:
        parse_schedule(text, "a.yaml")
    lines = {problem.place: problem.line for problem in refused.value.problems}
    assert lines["items.0.kind"] == 5
    assert lines["items.0.rule"] == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"code": "TP-TEST", "code_source": "national"}, "begin with TP-"),
        ({"code": "1.000001", "code_source": "own"}, "begin with TP-"),
        ({"inputs": [question("x", "whole"), question("x", "money")]}, "two inputs have one name"),
        ({"inputs": [question("x", "option", options=[])]}, "options belong"),
        (
            {"inputs": [question("x", "whole", options=[{"value": "a", "label_vi": "a", "label_en": "a"}])]},
            "options",
        ),
        ({"items": []}, "at least 1"),
    ],
)
def test_a_mistake_in_a_procedure_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FilesRefused, match=message):
        parse_procedures(json.dumps({"procedures": [procedure(**changes)]}), "procedures.yaml")


def test_sound_files_load_beside_broken_ones() -> None:
    files = texts(schedule(item(7)), procedures=[procedure()]) | {"broken.yaml": "a: 1\na: 2\n"}
    catalogue, problems = read_catalogue(files)
    assert [found.code for found in catalogue.procedures()] == ["TP-TEST"]
    assert [(problem.file_name, problem.line) for problem in problems] == [("broken.yaml", 2)]
    with pytest.raises(FilesRefused, match=r"broken\.yaml:2"):
        Catalogue.from_files(files)


@pytest.mark.parametrize(
    ("codes", "former", "told"),
    [
        (("31", "31"), ("30", "31"), "named twice: 31"),
        (("31", "33"), ("30", "30"), "named twice: 30"),
        (("31", "3"), ("30", "34"), "String should match pattern"),
    ],
)
def test_a_list_of_provinces_names_each_once(
    codes: tuple[str, str], former: tuple[str, str], told: str
) -> None:
    listed = [
        {"code": code, "name": "Tên", "former": {part: "Tên"}}
        for code, part in zip(codes, former, strict=True)
    ]
    with pytest.raises(FilesRefused, match=told):
        Catalogue.from_files({"provinces.yaml": json.dumps({"provinces": listed})})


def test_a_schedule_equals_itself_after_export_and_import(files: dict[str, str]) -> None:
    for name, text in files.items():
        if not name.rpartition("/")[2].startswith(("procedures", "provinces")):
            first = parse_schedule(text, name)
            again = parse_schedule(first.model_dump_json(by_alias=True), name)
            assert again == first


UNSOUND = json.loads((Path(__file__).parent / "unsound-rules.json").read_text("utf-8"))


@pytest.mark.parametrize("unsound", UNSOUND, ids=lambda unsound: unsound["what"])
def test_an_unsound_rule_is_refused_on_its_line_and_with_how_to_mend_it(unsound: dict[str, Any]) -> None:
    text = json.dumps(schedule(item(1), item(unsound["rule"], code="b.x")), indent=1)
    with pytest.raises(FilesRefused) as refused:
        parse_schedule(text, "file.yaml")
    (problem,) = refused.value.problems
    assert unsound["says"] in problem.message
    assert problem.place.startswith("items.1.rule")
    assert problem.line >= text.splitlines().index('   "rule": {') + 1


@pytest.mark.parametrize(
    "bands",
    [
        [{"to": 10, "amount": 1}, {"over": 10, "amount": 2}],
        [{"under": 10, "amount": 1}, {"from": 10, "amount": 2}],
        [{"to": 10, "amount": 1}, {"from": 11, "amount": 2}],
        [{"under": 10, "amount": 1}, {"from": 10, "to": 10, "amount": 3}, {"over": 10, "amount": 2}],
    ],
)
def test_bands_that_meet_are_taken(bands: list[dict[str, int]]) -> None:
    rule = {"type": "slabs", "by": "x", "bands": bands}
    assert parse_schedule(json.dumps(schedule(item(rule))), "file.yaml").items


def test_more_than_100_percent_of_another_item_is_taken() -> None:
    rule = {"type": "percent", "rate": "150%", "of": {"type": "refer", "item": "a.b"}}
    assert parse_schedule(json.dumps(schedule(item(rule))), "file.yaml").items


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "charge", "retention": [{"status": ["lump_sum"], "kept": "10%"}]}, "to the budget whole"),
        ({"benefits": [{"code": "b", "effect": "pay", "value": "120%", **BOTH}]}, "120% is not between"),
        ({"benefits": [{"code": "b", "effect": "exempt", "share": "120%", **BOTH}]}, "120% is not between"),
        ({"refunds": [{"event": "e", "returned": "120%"}]}, "120% is not between"),
        ({"benefits": [{"code": "b", "effect": "zero", "evidence_vi": "giấy", **BOTH}]}, "in both languages"),
        (
            {"retention": [{"status": ["x"], "kept": "1%", "from": "2026-02-01", "until": "2026-01-01"}]},
            "until lies",
        ),
        ({"stacking": "chosen"}, "chosen_by belongs to"),
        ({"chosen_by": "x"}, "chosen_by belongs to"),
    ],
)
def test_an_item_that_cannot_be_meant_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(FilesRefused, match=says):
        parse_schedule(json.dumps(schedule(item(1, **changes))), "file.yaml")
