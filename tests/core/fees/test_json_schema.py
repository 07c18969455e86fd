"""The published schema is that of the models: sound files pass it, and what it lets through the loader refuses."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from payments.core.fees import FilesRefused, parse_procedures, parse_schedule
from payments.core.fees.json_schema import FILES, schema_of
from payments.core.fees.reference import reference_page, schema_text
from payments.core.fees.yaml_text import TextProblem, read_json, read_yaml
from tests.core.fees.building import item, procedure, question, schedule

DOCS = Path(__file__).resolve().parents[3] / "docs"
SCHEMAS = {name: schema_of(name) for name in FILES}
UNSOUND = json.loads((Path(__file__).parent / "unsound-rules.json").read_text("utf-8"))


def as_json(value: Any) -> Any:
    """What a JSON file of the same text holds: days are texts."""
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_json(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def complaints(name: str, data: Any) -> list[str]:
    found = Draft202012Validator(SCHEMAS[name]).iter_errors(as_json(data))
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


@pytest.mark.parametrize("name", FILES)
def test_the_schema_is_one_and_the_published_file_is_current(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    published = (DOCS / "schemas" / f"{name}.schema.json").read_text("utf-8")
    assert published == schema_text(name), "run make reference"


def test_the_reference_is_current() -> None:
    assert (DOCS / "reference" / "fee-schedule.md").read_text("utf-8") == reference_page(), (
        "run make reference"
    )


def test_every_file_of_the_catalogue_passes_the_schema(files: dict[str, str]) -> None:
    for file_name, text in files.items():
        data = read_yaml(text)[0]
        if "provinces" not in data:
            name = "procedures" if "procedures" in data else "fee-schedule"
            assert complaints(name, data) == [], file_name


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_described_for_whoever_fills_it_in(name: str) -> None:
    models = {**SCHEMAS[name]["$defs"], name: SCHEMAS[name]}
    bare = [
        f"{model}.{key}"
        for model, schema in models.items()
        for key, part in schema.get("properties", {}).items()
        if "description" not in part and "const" not in part and (model, key) != ("Highest", "type")
    ]
    assert bare == []
    assert [model for model, schema in models.items() if "description" not in schema] == []


WRONG_FILES: list[tuple[str, Any]] = [
    ("an unknown key", schedule(item(1), nope=1)),
    ("a missing key", {key: part for key, part in schedule(item(1)).items() if key != "source"}),
    ("a wrong type", schedule(item(1), version="one")),
    ("a kind of money that there is not", schedule(item(1, kind="tax"))),
    ("a rule of no kind", schedule(item({"type": "python", "code": "1"}))),
    ("a float", schedule(item(0.5))),
    ("a text that is no number and no name", schedule(item("5 %"))),
    ("an unknown key of a rule", schedule(item({"type": "percent", "rate": "5%", "of": "x", "on": "y"}))),
    ("a day in another order", schedule(item(1), effective_from=5)),
    ("a territory in words", schedule(item(1), territory="Hải Phòng")),
    ("a cell that is a float", schedule(item({"type": "lookup", "by": ["x"], "table": {"a": {"b": 0.5}}}))),
    ("a comparison with a float", schedule(item(1, refused=[{"when": {"x": {"over": 0.5}}}]))),
]


@pytest.mark.parametrize(("what", "data"), WRONG_FILES, ids=[what for what, _ in WRONG_FILES])
def test_the_schema_refuses_what_the_loader_refuses(what: str, data: Any) -> None:
    assert complaints("fee-schedule", data) != []
    with pytest.raises(FilesRefused):
        parse_schedule(json.dumps(data), "file.yaml")


@pytest.mark.parametrize("unsound", UNSOUND, ids=lambda unsound: unsound["what"])
def test_what_a_schema_cannot_say_the_loader_says(unsound: dict[str, Any]) -> None:
    data = schedule(item(unsound["rule"]))
    try:
        parse_schedule(json.dumps(data), "file.json")
    except FilesRefused:
        return
    assert complaints("fee-schedule", data) != []


def test_a_procedure_passes_and_a_misspelt_one_does_not() -> None:
    asked = procedure(question("x", "option"))
    assert complaints("procedures", {"procedures": [asked]}) == []
    assert complaints("procedures", {"procedures": [{**asked, "levels": "commune"}]}) != []


def test_a_schema_made_from_a_model_accepts_what_the_model_exports(files: dict[str, str]) -> None:
    for file_name, text in files.items():
        data = read_yaml(text)[0]
        if "procedures" in data:
            procedures = parse_procedures(text, file_name)
            assert complaints("procedures", json.loads(procedures.model_dump_json(by_alias=True))) == []
        elif "provinces" not in data:
            tariff = parse_schedule(text, file_name)
            assert complaints("fee-schedule", json.loads(tariff.model_dump_json(by_alias=True))) == []


def test_json_files_load_as_well_also_with_tabs_and_their_lines_are_known() -> None:
    for indent in (None, 1, "\t"):
        text = json.dumps(schedule(item(7)), indent=indent, ensure_ascii=False)
        assert parse_schedule(text, "file.json") == parse_schedule(json.dumps(schedule(item(7))), "file.yaml")
    data, lines = read_json('{\n\t"a": [\n\t\t1,\n\t\t"\\ud83d\\ude00 1\\u1ed9"\n\t]\n}')
    assert data == {"a": [1, "\N{GRINNING FACE} 1ộ"]}
    assert lines["a", 1] == 4


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{\n "a": 1,\n}', 3, "not JSON"),
        ("a: 1", 1, "not JSON"),
        ('{"a": 1,\n "a": 2}', 2, "stands here twice"),
        ("[" * 100_000, 1, ""),
        ('{"a": ' + "9" * 5000 + "}", 1, "4,000 digits"),
    ],
)
def test_json_that_cannot_be_relied_on_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(TextProblem) as refused:
        read_json(text)
    assert refused.value.line == line
    assert says in refused.value.message
