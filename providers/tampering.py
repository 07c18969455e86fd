"""Ways to spoil a message: every field changed, doubled or dropped, the text cut, re-encoded or swollen.

Used by :mod:`providers.testing` against any provider. A message carries its fields in the query string, in
a form or in JSON; what is done to it does not depend on the provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from providers.protocol import Incoming

Spoilt = tuple[str, Incoming]  # what was done, and the message after it
Path = tuple[str | int, ...]

CUTS = 8
LONG_CHARACTERS = 1_000_000


def changed_fields(incoming: Incoming) -> Iterator[Spoilt]:
    """Each field in turn with another value, empty, and left out; signature headers too."""
    yield from _each_field(incoming, lambda value: (f"{value}1", "", None))
    for name, value in incoming.headers.items():
        if name != "content-type":
            yield f"header {name} changed", _with_header(incoming, name, f"{value}1")
            yield f"header {name} left out", _with_header(incoming, name, None)


def changed_numbers(incoming: Incoming) -> Iterator[Spoilt]:
    """Each whole number one more, one less, a hundred times and a hundredth."""

    def nearby(value: str) -> tuple[str, ...]:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            return ()
        number = int(value)
        return tuple(str(other) for other in (number + 1, number - 1, number * 100, number // 100))

    yield from _each_field(incoming, nearby)


def doubled_fields(incoming: Incoming) -> Iterator[Spoilt]:
    """Each field given twice, the second time before or after the first, alike or not."""
    for name, put, text in _surfaces(incoming):
        fields = _json_object(text)
        if fields is None:
            parts = [part for part in text.split("&") if part]
            for part in parts:
                other = part.partition("=")[0] + "=1"
                for label, doubled in (("alike", part), ("otherwise", other)):
                    yield f"{name} {part[:30]} doubled {label}, after", put("&".join([*parts, doubled]))
                    yield f"{name} {part[:30]} doubled {label}, before", put("&".join([doubled, *parts]))
            continue
        for key in fields:
            extra = f"{json.dumps(key)}:1"
            yield f"{name} {key} doubled before", put("{" + extra + "," + text.strip()[1:])
            yield f"{name} {key} doubled after", put(text.strip()[:-1] + "," + extra + "}")


def truncated(incoming: Incoming) -> Iterator[Spoilt]:
    """The query string and the body cut at several places, also of the last character only."""
    for name, put, text in _surfaces(incoming):
        for end in sorted({len(text) * part // CUTS for part in range(CUTS)} | {len(text) - 1}):
            yield f"{name} cut at {end}", put(text[:end])


def encoded_otherwise(incoming: Incoming) -> Iterator[Spoilt]:
    """Unusual and broken encodings of the same text."""
    for name, put, text in _surfaces(incoming):
        yield (
            f"{name} with lower-case escapes",
            put(re.sub(r"%[0-9A-Fa-f]{2}", lambda found: found[0].lower(), text)),
        )
        yield f"{name} with %20 for +", put(text.replace("+", "%20"))
        yield f"{name} with + for %20", put(text.replace("%20", "+"))
        yield f"{name} with every value escaped", put(_all_escaped(text))
        yield f"{name} decoded", put(unquote_plus(text))
        for label, tail in BROKEN_TAILS:
            yield f"{name} with {label}", put(text + tail)
        yield f"{name} after a byte order mark", put("\ufeff" + text)
    if incoming.body:
        yield "body in UTF-16", replace(incoming, body=incoming.body.decode("latin-1").encode("utf-16"))
        yield "body with bytes that are no UTF-8", replace(incoming, body=incoming.body[:-1] + b"\xff\xfe")


BROKEN_TAILS = (
    ("a broken escape", "%zz"),
    ("a byte that is no UTF-8", "%ff"),
    ("a zero byte", "%00"),
    ("half a surrogate pair", "\ud800"),
    ("an empty field", "&="),
    ("a line break", "\r\n"),
)


def other_hex_case(incoming: Incoming) -> Iterator[Spoilt]:
    """Long runs of hex, which signatures are, in the other case."""
    for name, put, text in _surfaces(incoming):
        yield f"{name} with upper-case hex", put(_swapped_hex(text))
    for name, value in incoming.headers.items():
        yield f"header {name} with upper-case hex", _with_header(incoming, name, _swapped_hex(value))


def emptied_and_swollen(incoming: Incoming) -> Iterator[Spoilt]:
    """Nothing at all, far too much, very many fields, and JSON that is nested very deeply."""
    yield "nothing", replace(incoming, query_string="", body=b"", headers={})
    yield "an empty query string and body", replace(incoming, query_string="", body=b"")
    for name, put, text in _surfaces(incoming):
        yield f"{name} with a very long field", put(f"{text}&x={'9' * LONG_CHARACTERS}")
        yield f"{name} with very many fields", put(text + "&x=1" * 10_000)
    for label, body in SWOLLEN_BODIES:
        yield f"a body of {label}", replace(incoming, body=body)


SWOLLEN_BODIES = (
    ("deeply nested lists", b"[" * 50_000),
    ("deeply nested objects", b'{"a":' * 50_000),
    ("an endless number", b'{"amount":' + b"9" * 50_000 + b"}"),
    ("a number that is none", b'{"amount":NaN}'),
    ("no object", b"null"),
)

Put = Callable[[str], Incoming]


def _surfaces(incoming: Incoming) -> Iterator[tuple[str, Put, str]]:
    """The texts that carry fields, each with a way to put another text in its place."""
    if incoming.query_string:
        yield "query", lambda text: replace(incoming, query_string=text), incoming.query_string
    if incoming.body:
        yield (
            "body",
            lambda text: replace(incoming, body=text.encode("utf-8", "surrogatepass")),
            incoming.body.decode(),
        )


def _each_field(incoming: Incoming, others: Callable[[str], tuple[str | None, ...]]) -> Iterator[Spoilt]:
    for name, put, text in _surfaces(incoming):
        fields = _json_object(text)
        spoil = _spoilt_pairs(text, others) if fields is None else _spoilt_json(fields, others)
        for label, spoilt in spoil:
            yield f"{name} {label}", put(spoilt)


def _spoilt_pairs(text: str, others: Callable[[str], tuple[str | None, ...]]) -> Iterator[tuple[str, str]]:
    parts = text.split("&")
    for place, part in enumerate(parts):
        key, _, value = part.partition("=")
        for other in others(value):
            middle = [] if other is None else [f"{key}={other}"]
            yield f"{key} -> {_shown(other)}", "&".join([*parts[:place], *middle, *parts[place + 1 :]])


def _spoilt_json(
    fields: dict[str, Any], others: Callable[[str], tuple[str | None, ...]]
) -> Iterator[tuple[str, str]]:
    for path, leaf in _leaves(fields, ()):
        for other in others(str(leaf)):
            # A number stays a number where it can, so that it is the value that is refused, not its kind.
            value = int(other) if other and isinstance(leaf, int) and other.isdecimal() else other
            yield f"{path} -> {_shown(other)}", json.dumps(_put(fields, path, value))


def _shown(value: str | None) -> str:
    return "left out" if value is None else value[:20] or "empty"


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, (*path, place))
    else:
        yield path, value


def _put(tree: Any, path: Path, value: object) -> Any:
    """A copy of ``tree`` with ``value`` at ``path``; None leaves an object's field out."""
    head, *tail = path
    copy: Any = dict(tree) if isinstance(tree, dict) else list(tree)
    if tail:
        copy[head] = _put(tree[head], tuple(tail), value)
    elif value is None:
        del copy[head]
    else:
        copy[head] = value
    return copy


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _with_header(incoming: Incoming, name: str, value: str | None) -> Incoming:
    kept = {key: item for key, item in incoming.headers.items() if key != name}
    return replace(incoming, headers=kept if value is None else {**kept, name: value})


def _all_escaped(text: str) -> str:
    def escaped(part: str) -> str:
        key, equals, value = part.partition("=")
        return key + equals + "".join(f"%{byte:02x}" for byte in unquote_plus(value).encode())

    return "&".join(escaped(part) for part in text.split("&"))


def _swapped_hex(text: str) -> str:
    return re.sub(r"\b[0-9a-fA-F]{32,}\b", lambda found: found[0].swapcase(), text)
