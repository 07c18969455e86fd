"""Reading YAML strictly: what a schedule file says is what its author saw.

YAML as usually read has traps for a text of law: ``no`` becomes false, ``1:30`` becomes 90, a second key of
the same name silently wins, and a few aliases can unfold into gigabytes. Here aliases, tags, duplicate keys,
values that are not one of text, whole number, yes/no, date or nothing, and very large or deep files are
refused, each with its line. A decimal written without quotes is refused where the model wants an exact
number, since it stays a float.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import yaml

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 40

Path = tuple[str | int, ...]


class TextProblem(ValueError):
    """The text cannot be read; ``line`` counts from one."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.message = message
        self.line = line


_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]{0,39})", re.ASCII)
_DECIMAL = re.compile(r"[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")  # YAML knows no pairs
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTED = frozenset({"'", '"', "|", ">"})
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_yaml(text: str) -> tuple[Any, dict[Path, int]]:
    """The data in ``text`` and the line of each value by its path. Raises TextProblem."""
    if len(text) > MOST_CHARACTERS:
        raise TextProblem(f"the file has more than {MOST_CHARACTERS} characters", 1)
    lines: dict[Path, int] = {}
    try:
        _refuse_traps(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise TextProblem(str(error.problem or error.context), mark.line + 1 if mark else 1) from None
    except yaml.YAMLError:
        raise TextProblem("there is a character that YAML does not allow", 1) from None
    return (_value(node, (), lines) if node is not None else None), lines


def read_json(text: str) -> tuple[Any, dict[Path, int]]:
    """The same for JSON, which may be indented by tabs. Raises TextProblem."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise TextProblem(f"this is not JSON: {error.msg}", error.lineno) from None
    except ValueError:
        raise TextProblem("there is a number of more than 4,000 digits", 1) from None
    except RecursionError:
        raise TextProblem(f"the file is nested deeper than {MOST_DEPTH} levels", 1) from None
    return data, read_yaml(_SURROGATE.sub("?", text).replace("\t", " "))[1]


def _refuse_traps(text: str) -> None:
    """Look at the events alone, before aliases could unfold or depth could exhaust the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "anchor", None) is not None:
            raise TextProblem("anchors and aliases (& and *) are not used here", line)
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise TextProblem(f"tags such as {tag} are not used here", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise TextProblem(f"the file is nested deeper than {MOST_DEPTH} levels", line)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, index), lines) for index, child in enumerate(node.value)]
    return _scalar(node, getattr(node, "style", None))


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise TextProblem("a key must be a plain word", line)
        key = str(key_node.value)
        if key in found:
            raise TextProblem(f"the key {key!r} stands here twice", line)
        found[key] = _value(value_node, (*path, key), lines)
        lines[(*path, key)] = line
    return found


def _scalar(node: yaml.Node, style: str | None) -> str | int | float | bool | date | None:
    text, line = str(node.value), node.start_mark.line + 1
    if style in _QUOTED:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text.replace("_", ""))
    if _DECIMAL.fullmatch(text):
        return float(text.replace("_", ""))
    if _DATE.fullmatch(text):
        return _date(text, line)
    return text


def _date(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TextProblem(f"{text} is not a day of the calendar", line) from None
