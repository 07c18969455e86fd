"""The JSON Schema (draft 2020-12) of schedule and procedure files, made from their models.

Editors complete and check files by it. What a schema cannot say (bands that overlap, names that nobody asks for) is
said by the loader and by the checks between files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from payments.core.fees.rule_model import Expression
from payments.core.fees.schedule import ProcedureFile, Schedule

FILES: Mapping[str, tuple[type[BaseModel], str]] = {
    "fee-schedule": (Schedule, "A fee schedule of Thuphi: one legal document"),
    "procedures": (ProcedureFile, "Procedures of Thuphi: what they ask and what they charge"),
}
"""The kinds of files: the name of the schema, the model, and the title."""


def schema_of(name: str) -> dict[str, Any]:
    """The schema of one kind of file."""
    found, title = FILES[name]
    rules = TypeAdapter(Expression).json_schema(by_alias=True)
    schema: dict[str, Any] = _shortened(found.model_json_schema(by_alias=True), rules["oneOf"])
    definitions = schema.pop("$defs")
    definitions["Expression"] = {
        "description": "A rule: a number of đồng, an exact decimal or rate in quotes, an input, or a kind of rule.",
        "oneOf": rules["oneOf"],
    }
    if "Rows" in definitions:  # a mapping with a type is a rule, and one without is a further level
        definitions["Rows"]["not"] = {"required": ["type"]}
    schema["title"] = title
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    }


def _shortened(part: Any, rules: list[Any]) -> Any:
    """The same with every rule said once, without titles that repeat names, and with text on one line."""
    if isinstance(part, list):
        return [_shortened(each, rules) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("oneOf") == rules:
        rest = {key: value for key, value in part.items() if key != "oneOf"}
        return {**_shortened(rest, rules), "$ref": "#/$defs/Expression"}
    short = {key: _shortened(value, rules) for key, value in part.items() if not _is_title(key, value)}
    if "patternProperties" in short:
        short.setdefault("additionalProperties", False)
    if isinstance(short.get("description"), str):
        short["description"] = " ".join(short["description"].split()).replace("``", "`")
    return short


def _is_title(key: str, value: Any) -> bool:
    """A property may be called title; a title of a schema is a text."""
    return key == "title" and isinstance(value, str)
