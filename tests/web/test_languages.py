"""Every sentence exists in both languages, is used somewhere and has the same places to fill in."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest
from starlette.requests import Request

from payments.web.languages import COOKIE, keep_language, language_of, read_texts, texts
from tests.source_files import ROOT

WEB = ROOT / "payments" / "web"
KEY = re.compile(r"""["']([a-z_0-9]+(?:\.[a-z_0-9]+)+)["']""")
# A family of sentences, one of which is chosen: t("console.state." ~ state).
FAMILY = re.compile(r"""["']([a-z_0-9]+(?:\.[a-z_0-9]+)*\.)["']""")


def request(query: str = "", cookie: str = "") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


def found(pattern: re.Pattern[str], *suffixes: str) -> set[str]:
    paths = [path for suffix in suffixes for path in WEB.rglob(f"*{suffix}")]
    return {word for path in paths for word in pattern.findall(path.read_text(encoding="utf-8"))}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    assert texts()["vi"].keys() == texts()["en"].keys()


def test_no_sentence_is_unused() -> None:
    named = found(KEY, ".html", ".py")
    families = tuple(found(FAMILY, ".html", ".py"))
    assert [key for key in texts()["vi"] if key not in named and not key.startswith(families)] == []


def test_no_template_asks_for_a_sentence_that_is_not_there() -> None:
    asked = found(re.compile(r"""\bt\(\s*["']([^"']+)["']\s*[,)]"""), ".html")
    assert asked - set(texts()["vi"]) == set()


def test_no_template_chooses_from_a_family_without_members() -> None:
    chosen = found(re.compile(r"""\bt\(\s*["']([^"']+\.)["']\s*~"""), ".html")
    assert [family for family in chosen if not any(key.startswith(family) for key in texts()["vi"])] == []


def test_both_languages_leave_the_same_places_to_fill_in() -> None:
    both = texts()
    differing = [key for key in both["vi"] if places(both["vi"][key]) != places(both["en"][key])]
    assert differing == []


def test_no_sentence_is_empty() -> None:
    assert [key for table in texts().values() for key, text in table.items() if not text.strip()] == []


def write(folder: Path, name: str, table: dict[str, str]) -> None:
    (folder / name).write_text(json.dumps(table), encoding="utf-8")


def test_a_key_in_one_language_only_stops_the_program(tmp_path: Path) -> None:
    write(tmp_path, "vi.json", {"a.b": "x"})
    write(tmp_path, "en.json", {"a.b": "x", "a.c": "y"})
    with pytest.raises(ValueError, match=r"one language only: a\.c"):
        read_texts(tmp_path)


def test_a_key_given_by_two_files_stops_the_program(tmp_path: Path) -> None:
    write(tmp_path, "vi.json", {"a.b": "x"})
    write(tmp_path, "console.vi.json", {"a.b": "y"})
    with pytest.raises(ValueError, match=r"repeats a\.b"):
        read_texts(tmp_path)


@pytest.mark.parametrize(
    ("query", "cookie", "language"),
    [
        ("", "", "vi"),
        ("lang=en", "", "en"),
        ("", f"{COOKIE}=en", "en"),
        ("lang=vi", f"{COOKIE}=en", "vi"),
        ("lang=fr", "", "vi"),
        ("lang=fr", f"{COOKIE}=en", "en"),
    ],
)
def test_the_address_decides_the_language_before_the_cookie(query: str, cookie: str, language: str) -> None:
    assert language_of(request(query, cookie)) == language


def test_an_address_carries_the_language_only_where_it_is_not_vietnamese() -> None:
    assert keep_language("vi", "/pay/x") == "/pay/x"
    assert keep_language("en", "/pay/x", reload=2) == "/pay/x?reload=2&lang=en"
