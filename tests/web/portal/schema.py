"""Check values against the JSON schemas of the OpenAPI document: the words that it really uses, and no others.

A word that is not known here is an error, so a schema never says more than is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
SAYS_NOTHING_OF_VALUES = {"title", "description", "examples", "default", "format", "$ref"}
CHECKED = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "pattern"}
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")


def faults(
    value: object, schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str = "$"
) -> Iterator[str]:
    """What in ``value`` does not keep to ``schema``; references are looked up in ``schemas``."""
    if "$ref" in schema:
        yield from faults(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, path)
        return
    yield from _own_faults(value, schema, path)
    if "anyOf" in schema and all(list(faults(value, each, schemas, path)) for each in schema["anyOf"]):
        yield f"{path}: {value!r} fits no alternative"
    match value:
        case dict():
            yield from _object_faults(value, schema, schemas, path)
        case list():
            for place, each in enumerate(value):
                yield from faults(each, schema.get("items", {}), schemas, f"{path}[{place}]")


def _own_faults(value: object, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    unknown = set(schema) - SAYS_NOTHING_OF_VALUES - CHECKED
    if unknown:
        yield f"{path}: the schema uses {sorted(unknown)}, which this check does not know"
    if "type" in schema and not _is(value, schema["type"]):
        yield f"{path}: {value!r} is not of type {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not one of {schema['enum']}"
    if schema.get("format") == "date-time" and not MOMENT.fullmatch(str(value)):
        yield f"{path}: {value!r} is not a moment in UTC"


def _object_faults(
    value: Mapping[str, Any], schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str
) -> Iterator[str]:
    properties = schema.get("properties")
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, each in value.items():
        if properties is not None and name in properties:
            yield from faults(each, properties[name], schemas, f"{path}.{name}")
        elif properties is not None:
            yield f"{path}: {name} is not documented"
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from faults(each, schema["additionalProperties"], schemas, f"{path}.{name}")


def _is(value: object, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, TYPES[wanted])
