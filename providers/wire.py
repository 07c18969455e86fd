"""Reading and writing what providers put on the wire, with nothing guessed.

Shared by the provider modules: query strings and JSON objects that mean one thing only, text without
accents, addresses, and wall-clock times of Vietnam.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address
from urllib.parse import parse_qsl

from providers.protocol import LocalProviderError, Malformed

MOST_QUERY_CHARACTERS = 8_192
MOST_QUERY_FIELDS = 64
MOST_BODY_BYTES = 65_536

# Vietnam has had no daylight saving since 1975, and providers write "GMT+7": an offset, not a zone.
GMT_PLUS_7 = timezone(timedelta(hours=7))
COMPACT_TIME = "%Y%m%d%H%M%S"


def read_query(query_string: str, prefix: str) -> dict[str, str]:
    """The decoded fields whose names begin with ``prefix``; others are not the provider's.

    Raises Malformed when the text is too long, is not UTF-8, or gives one name twice: two readers could
    then each believe another value.
    """
    if len(query_string) > MOST_QUERY_CHARACTERS:
        raise Malformed("the query string is too long")
    try:
        pairs = parse_qsl(
            query_string, keep_blank_values=True, errors="strict", max_num_fields=MOST_QUERY_FIELDS
        )
        query_string.encode()
    except ValueError:
        raise Malformed("the query string cannot be decoded") from None
    return _once_each([pair for pair in pairs if pair[0].startswith(prefix)])


def read_json_object(body: bytes) -> dict[str, str]:
    """A flat JSON object, its whole numbers as text and its nulls as empty text.

    Raises Malformed for anything else: nested values, fractions, a name given twice, a very long body.
    """
    if len(body) > MOST_BODY_BYTES:
        raise Malformed("the body is too long")
    try:
        value = json.loads(body.decode(), object_pairs_hook=_flat_object)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    return value


def _flat_object(pairs: list[tuple[str, object]]) -> dict[str, str]:
    return _once_each([(name, _flat_value(name, value)) for name, value in pairs])


def _flat_value(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        value.encode()  # half of a surrogate pair, which JSON can spell, is no text and raises ValueError
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Malformed(f"{name[:40]} is neither text nor a whole number")


def _once_each(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("a name is given twice")
    return fields


def unaccented(text: str) -> str:
    """``text`` in plain letters, digits, spaces, full stops, hyphens and underscores.

    Vietnamese letters lose their marks (``Lệ phí`` becomes ``Le phi``); every other character becomes a
    space, and runs of spaces become one.
    """
    bare = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^A-Za-z0-9._-]+", " ", letters).split())


def address_text(address: str) -> str:
    """An IP address as providers accept it: at least seven characters, so ``::1`` is written out.

    Raises LocalProviderError when it is no address.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        raise LocalProviderError("an IP address is expected") from None
    return parsed.compressed if len(parsed.compressed) >= 7 else parsed.exploded


def compact_time(moment: datetime) -> str:
    """``moment`` as ``yyyyMMddHHmmss`` on Vietnam's clock.

    Raises LocalProviderError when it has no zone, for then it means nothing.
    """
    if moment.tzinfo is None:
        raise LocalProviderError("a time without a zone cannot be sent")
    return moment.astimezone(GMT_PLUS_7).strftime(COMPACT_TIME)


def read_compact_time(text: str) -> datetime | None:
    """The UTC moment of a ``yyyyMMddHHmmss`` on Vietnam's clock, or None where the text is none.

    A time is never what money depends on, so an odd one does not spoil the message that carries it.
    """
    if not re.fullmatch(r"[0-9]{14}", text):
        return None
    try:
        local = datetime.strptime(text, COMPACT_TIME).replace(tzinfo=GMT_PLUS_7)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
