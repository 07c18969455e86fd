"""The reference of the language as a page, made from the JSON Schemas, so that it says what the loader does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from payments.core.fees.json_schema import FILES, schema_of
from payments.core.fees.model_basics import DECIMAL_PATTERN

Schema = Mapping[str, Any]

INTRODUCTION = """\
# Reference of fee files

Every key of a file of fees, as the loader knows it. This page is made by `make reference` from the same models that
read the files; [How a fee is computed](../fees.md) tells what they mean, with examples. For an editor that completes
and checks while one writes, put this line at the top of a file:

    # yaml-language-server: $schema=…/docs/schemas/fee-schedule.schema.json

A key marked *required* must stand there. Where a *rule* may stand, so may a whole number (đồng), an exact decimal or
a rate in quotes (`"0.06%"`), the name of an input, or one of the [kinds of rule](#kinds-of-rule). A *condition* is a
mapping from an input, a computed name or a word of the language to a word, a list of words, `true`, `false` or a
*comparison*.
"""


def schema_text(name: str) -> str:
    """The file of one JSON Schema."""
    return json.dumps(schema_of(name), ensure_ascii=False, indent=2) + "\n"


def reference_page() -> str:
    """The page, as Markdown."""
    schemas = {name: schema_of(name) for name in FILES}
    definitions = {key: part for schema in schemas.values() for key, part in schema["$defs"].items()}
    kinds = [each["$ref"].rpartition("/")[2] for each in definitions["Expression"]["oneOf"] if "$ref" in each]
    kinds = list(dict.fromkeys(kinds))
    parts = [INTRODUCTION]
    told: set[str] = {"Expression", "Rows", *kinds}
    for name, schema in schemas.items():
        parts.append(f"## A file of `{name}`\n\n{_model(schema)}")
        parts.extend(_sections(schema, definitions, told))
    parts.append("## Kinds of rule\n\nEach is a mapping with its `type`.\n")
    for kind in kinds:
        types = definitions[kind]["properties"]["type"]
        heading = ", ".join(f"`{word}`" for word in types.get("enum", [types.get("const")]))
        parts.append(f"### {heading}\n\n{_model(definitions[kind])}")
        parts.extend(_sections(definitions[kind], definitions, told))
    return "\n".join(parts)


def _sections(schema: Schema, definitions: Mapping[str, Schema], told: set[str]) -> Iterator[str]:
    """A section for everything that the schema refers to and that was not told before."""
    for name in _references(schema):
        if name not in told:
            told.add(name)
            yield f"### {_words(name)}\n\n{_model(definitions[name])}"
            yield from _sections(definitions[name], definitions, told)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            elif key != "$defs":
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _model(schema: Schema) -> str:
    keys = {name: part for name, part in schema["properties"].items() if "const" not in part}
    rows = "".join(_row(name, part, schema) for name, part in keys.items())
    return f"{schema['description']}\n\n| Key | What stands there | Meaning |\n| --- | --- | --- |\n{rows}"


def _row(name: str, part: Schema, schema: Schema) -> str:
    kind = _kind(part)
    if name in schema.get("required", ()):
        kind += ", *required*"
    elif part.get("default") not in (None, "", [], {}):
        kind += f", else `{json.dumps(part['default'], ensure_ascii=False)}`"
    cells = (f"`{name}`", kind, part.get("description", ""))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _kind(part: Schema) -> str:
    """What may stand there, in words."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return "rule" if name == "Expression" else f"*{_words(name).lower()}*"
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    for union in ("anyOf", "oneOf"):
        if union in part:
            kinds = [_kind(each) for each in part[union] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    return _simple(part)


def _simple(part: Schema) -> str:
    match part["type"]:
        case "array":
            return f"list of {_kind(part['items'])}"
        case "object":
            return _mapping(part)
        case "string":
            return "day" if part.get("format") == "date" else _text(part)
    return {"integer": "whole number", "boolean": "`true` or `false`"}[part["type"]]


def _mapping(part: Schema) -> str:
    inner = part.get("additionalProperties") or next(iter(part["patternProperties"].values()))
    names = {each["$ref"].rpartition("/")[2] for each in inner.get("oneOf", ()) if "$ref" in each}
    return "condition" if "Comparison" in names else f"names, each with {_kind(inner)}"


def _text(part: Schema) -> str:
    pattern = part.get("pattern", "")
    if pattern.endswith("%$"):
        return "percentage in quotes"
    return "decimal in quotes" if pattern == DECIMAL_PATTERN else "text"


def _words(name: str) -> str:
    """``RefusalNote`` as ``Refusal note``."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return spaced.capitalize()
