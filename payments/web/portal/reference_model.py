"""The OpenAPI document as the reference shows it: chapters of operations, models, examples."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

Schema = Mapping[str, Any]

CODE = re.compile(r"`([^`]+)`")
LIMITS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} letters"),
    ("maxLength", "at most {} letters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
)
SAMPLE_OF_PATH = {
    "request_id": "pr_01K5A2Z3V7QH1N8M4C6T9W2XRY",
    "dossier_code": "000.00.12.H29-261122-0001",
    "procedure_code": "2.000815",
    "number": "EBL01-26TAA-00000001",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table: a parameter or a property. ``model`` is the model it links to, if any."""

    name: str
    kind: str
    model: str
    required: bool
    description: str
    limits: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[tuple[str, str, str], ...]  # status, meaning, model
    curl: str


@dataclass(frozen=True, slots=True)
class Model:
    """One model with its properties."""

    name: str
    description: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]


def prose(text: str) -> Markup:
    """Text with `code` in backticks and blank lines between paragraphs, as HTML."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    escaped = (CODE.sub(r"<code>\1</code>", str(Markup.escape(part))) for part in paragraphs)
    return Markup("".join(f"<p>{part}</p>" for part in escaped))  # noqa: S704 -- escaped just above


def chapters(document: Mapping[str, Any]) -> dict[str, list[Shown]]:
    """Operations by tag, in the order of the document."""
    found: dict[str, list[Shown]] = defaultdict(list)
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            found[described["tags"][0]].append(_shown(document, method.upper(), path, described))
    return dict(found)


def models(document: Mapping[str, Any]) -> list[Model]:
    """Every model by name; the bundles of query parameters stand with their operations instead."""
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    return [
        Model(name, schema.get("description", ""), tuple(_fields(schema)), tuple(schema.get("enum", ())))
        for name, schema in sorted(schemas.items())
        if name in _referred(document)
    ]


def _shown(document: Mapping[str, Any], method: str, path: str, described: Mapping[str, Any]) -> Shown:
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = tuple(
        (status, answer["description"], _model_name(next(iter(answer["content"].values()))["schema"]))
        for status, answer in described["responses"].items()
    )
    return Shown(
        id=described["operationId"],
        method=method,
        path=path,
        summary=described["summary"],
        description=described["description"],
        parameters=tuple(
            _field(each["name"], _present(each["schema"]), each["required"], each["description"])
            for each in described["parameters"]
        ),
        body=_model_name(body),
        answers=answers,
        curl=_curl(document, method, path, described, _model_name(body)),
    )


def _fields(schema: Schema) -> Iterator[Field]:
    # Only of what portals send is it worth saying what may stay away; an answer always has every field.
    is_sent = schema.get("additionalProperties") is False
    required = schema.get("required", ()) if is_sent else ()
    for name, each in schema.get("properties", {}).items():
        yield _field(name, each, name in required, each.get("description", ""))


def _field(name: str, schema: Schema, required: bool, description: str) -> Field:
    return Field(name, kind(schema), _linked(schema), required, description, limits(schema))


def kind(schema: Schema) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        return _model_name(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(kind, schema["anyOf"])))
    if "enum" in schema or "const" in schema:
        return " | ".join(str(each) for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return "table"
    return str(schema.get("format") or schema.get("type", "anything"))


def limits(schema: Schema) -> str:
    """What a value must keep to, in a few words."""
    parts = [schema, *schema.get("anyOf", ())]
    said = [words.format(part[word]) for part in parts for word, words in LIMITS if word in part]
    said += [f"pattern {part['pattern']}" for part in parts if "pattern" in part]
    return "; ".join(said)


def _present(schema: Schema) -> Schema:
    """What a parameter is when it is given; that it may stay away is said elsewhere."""
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else schema


def _linked(schema: Schema) -> str:
    candidates = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return next((_model_name(each) for each in candidates if "$ref" in each), "")


def _model_name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _referred(document: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))


def _curl(
    document: Mapping[str, Any], method: str, path: str, described: Mapping[str, Any], body: str
) -> str:
    for name, sample in SAMPLE_OF_PATH.items():
        path = path.replace(f"{{{name}}}", sample)
    lines = [f'curl "$GATEWAY_URL{path}"', '-H "Authorization: Bearer $GATEWAY_KEY"']
    if method != "GET" and not body:
        lines.append(f"-X {method}")
    if any(each["name"] == "Idempotency-Key" for each in described["parameters"]):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if body:
        sample = json.dumps(example(document, body), ensure_ascii=False, indent=2)
        lines += ["-H 'Content-Type: application/json'", f"-d '{sample}'"]
    if path.endswith((".pdf", ".xml")):
        lines.append("-OJ")
    return " \\\n  ".join(lines)


def example(document: Mapping[str, Any], name: str) -> Any:
    """A sound value of a model: its own example, or its required properties with theirs."""
    schema = document["components"]["schemas"][name]
    if "examples" in schema:
        given = schema["examples"][0]
        return {field: given[field] for field in schema["properties"] if field in given}
    return {
        field: each["examples"][0]
        for field, each in schema["properties"].items()
        if "examples" in each and (field in schema.get("required", ()) or field == "inputs")
    }
