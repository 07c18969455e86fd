"""The frame of every page: filters, languages, and nothing that slips through unescaped."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from payments.web.assets import asset_url
from payments.web.templating import environment, page, vn_date, vn_datetime

KIND = type("Kind", (), {"title_vi": "Không có <gì>", "title_en": ""})()
REFUSAL = type("Refusal", (), {"message_vi": "Hãy xem lại.", "message_en": "Look again.", "problems": ()})()


def refused(query: str = "", cookie: str = "", scheme: str = "http") -> tuple[str, dict[str, str]]:
    headers = [(b"cookie", cookie.encode()), (b"host", b"thu.example.vn")]
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": scheme,
            "path": "/x",
            "query_string": query.encode(),
            "headers": headers,
        }
    )
    answer = page(request, "refusal.html", refusal=REFUSAL, kind=KIND, request_id="abc")
    return bytes(answer.body).decode(), dict(answer.headers)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, 900_000, tzinfo=UTC), "31/12/2026 23:59"),
        (datetime(2026, 12, 31, 17, 0, 0, 100_000, tzinfo=UTC), "01/01/2027 00:00"),
    ],
)
def test_a_moment_is_shown_in_vietnam_time(moment: datetime, shown: str) -> None:
    assert vn_datetime(moment) == shown
    assert vn_date(moment) == shown[:10]


def test_a_day_stays_the_day_it_is() -> None:
    assert vn_date(date(2026, 2, 3)) == "03/02/2026"


def test_amounts_are_written_as_people_write_them() -> None:
    template = environment().from_string("{{ amount | dong }} {{ amount | words }}")
    assert template.render(amount=1_000_000) == "1.000.000\N{NO-BREAK SPACE}đ Một triệu đồng"


def test_an_english_page_writes_amounts_as_its_explanations_do() -> None:
    template = environment().from_string("{{ amount | dong }} {{ amount | words }}")
    shown = template.render(amount=1_000_000, lang="en")
    assert shown == "1,000,000\N{NO-BREAK SPACE}VND One million Vietnamese dong"


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nobody }}").render()


def test_a_text_without_english_is_shown_in_vietnamese_and_escaped() -> None:
    text, headers = refused("lang=en")
    assert "Không có &lt;gì&gt;" in text
    assert "Look again." in text
    assert headers["content-language"] == "en"


def test_the_switch_leads_to_this_page_in_the_other_language_and_keeps_the_rest() -> None:
    text, _ = refused("number=1%262&lang=vi&reload=3")
    assert 'href="?number=1%262&amp;reload=3&amp;lang=en"' in text


@pytest.mark.parametrize(
    ("query", "cookie", "scheme", "set_cookie"),
    [
        ("", "", "http", None),
        ("lang=en", "lang=en", "http", None),
        ("lang=fr", "", "http", "lang=vi"),
        ("lang=en", "", "http", "lang=en"),
        ("lang=vi", "lang=en", "https", "lang=vi"),
    ],
)
def test_a_choice_by_the_address_is_remembered_once(
    query: str, cookie: str, scheme: str, set_cookie: str | None
) -> None:
    _, headers = refused(query, cookie, scheme)
    given = headers.get("set-cookie")
    assert (given or "").partition(";")[0] == (set_cookie or "")
    assert given is None or ("Secure" in given) == (scheme == "https")


def test_a_file_that_is_not_there_has_no_address() -> None:
    assert asset_url("thuphi.css").startswith("/static/thuphi.css?v=")
    with pytest.raises(FileNotFoundError):
        asset_url("nothing.css")
