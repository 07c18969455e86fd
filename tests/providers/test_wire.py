"""Query strings, JSON, text and times as they come and go on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import LocalProviderError, Malformed
from providers.wire import (
    MOST_BODY_BYTES,
    compact_time,
    read_compact_time,
    read_json_object,
    read_query,
    unaccented,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lệ phí cấp hộ chiếu", "Le phi cap ho chieu"),
        ("Đăng ký đất đai", "Dang ky dat dai"),
        ("ƯỚC LƯỢNG ươn ướt", "UOC LUONG uon uot"),
        ("hồ sơ 000.00.01.H26-240105-0001", "ho so 000.00.01.H26-240105-0001"),
        ("a_b", "a_b"),
        ("  a&b=c  (d)  ", "a b c d"),
        ("phí <script>alert('x')</script>", "phi script alert x script"),
        ("a\r\nb\tc", "a b c"),
        ("中文 ok", "ok"),
        ("", ""),
    ],
)
def test_text_loses_its_accents_and_its_special_characters(text: str, expected: str) -> None:
    assert unaccented(text) == expected


@given(st.text())
def test_unaccented_text_is_plain_and_stays_as_it_is(text: str) -> None:
    plain = unaccented(text)
    assert plain.isascii()
    assert set(plain) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-")
    assert unaccented(plain) == plain


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", {}),
        (b'{"a": "b", "n": 12, "z": null, "negative": -1}', {"a": "b", "n": "12", "z": "", "negative": "-1"}),
        ('{"phí": "lệ"}'.encode(), {"phí": "lệ"}),
        (b'{"big": 14226112000000000001}', {"big": "14226112000000000001"}),
    ],
)
def test_a_flat_json_object_is_read_as_text(body: bytes, expected: dict[str, str]) -> None:
    assert read_json_object(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a": 1, "a": 1}',
        b'{"a": 1.0}',
        b'{"a": 1e3}',
        b'{"a": true}',
        b'{"a": false}',
        b'{"a": {}}',
        b'{"a": {"b": "c"}}',
        b'{"a": []}',
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        "\ufeff{}".encode(),
        b"[" * 50_000,
        b'{"a":' * 10_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": "' + b"x" * MOST_BODY_BYTES + b'"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_any_other_body_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_json_object(body)


def test_a_body_of_exactly_the_most_bytes_is_read() -> None:
    body = b'{"a":"' + b"x" * (MOST_BODY_BYTES - 8) + b'"}'
    assert len(read_json_object(body)["a"]) == MOST_BODY_BYTES - 8


@given(st.binary(max_size=200))
def test_no_body_does_more_than_be_malformed(body: bytes) -> None:
    try:
        fields = read_json_object(body)
    except Malformed:
        return
    assert all(isinstance(value, str) for value in fields.values())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("x_a=1&b=2&x_c=", {"x_a": "1", "x_c": ""}),
        ("x_a=a+b%20c%2B", {"x_a": "a b c+"}),
        ("X_a=1&xx_a=2", {}),
        ("x_a=1&b=2&b=3", {"x_a": "1"}),
        ("x_a=1;x_b=2", {"x_a": "1;x_b=2"}),
        ("&".join(f"x_{number}=1" for number in range(64)), {f"x_{number}": "1" for number in range(64)}),
    ],
)
def test_a_query_string_is_read_as_the_fields_of_its_prefix(query: str, expected: dict[str, str]) -> None:
    assert read_query(query, "x_") == expected


@pytest.mark.parametrize(
    "query", ["x_a=1&x_a=1", "x_a=1&x%5Fa=2", "x_a=%ff", "a=%ff", "x_a=\ud800", "&".join(["a=1"] * 65)]
)
def test_a_query_string_with_two_meanings_or_none_is_malformed(query: str) -> None:
    with pytest.raises(Malformed):
        read_query(query, "x_")


@given(st.text(max_size=200))
def test_no_query_string_does_more_than_be_malformed(query: str) -> None:
    try:
        fields = read_query(query, "")
    except Malformed:
        return
    assert all(isinstance(value, str) for value in fields.values())


@given(seconds=st.integers(0, 2**37), microseconds=st.integers(0, 999_999))
def test_a_time_comes_back_to_the_second(seconds: int, microseconds: int) -> None:
    whole = datetime.fromtimestamp(seconds, UTC)
    assert read_compact_time(compact_time(whole.replace(microsecond=microseconds))) == whole


def test_a_time_is_the_same_moment_in_whatever_zone_it_is_given() -> None:
    moment = datetime(2024, 3, 10, 1, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert compact_time(moment) == compact_time(moment.astimezone(UTC)) == "20240310133000"


def test_a_time_read_is_in_utc() -> None:
    read = read_compact_time("20240105000000")
    assert read == datetime(2024, 1, 4, 17, tzinfo=UTC)
    assert read is not None
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "2024010509300", "202401050930000", "20240230000000", "20240105246000", "00010101000000", "x" * 14],
)
def test_what_is_no_time_is_read_as_none(text: str) -> None:
    assert read_compact_time(text) is None


def test_a_time_without_a_zone_is_not_written() -> None:
    with pytest.raises(LocalProviderError, match="zone"):
        compact_time(datetime(2024, 1, 5))  # noqa: DTZ001 - the very thing that is refused
