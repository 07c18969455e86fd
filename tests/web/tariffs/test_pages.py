"""The public tariff as a reader without JavaScript meets it."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from tests.gateway import catalogue


def words(response: httpx.Response) -> str:
    """The text of a page on one line, without tags."""
    return " ".join(
        unescape(re.sub(r"<[^>]+>", " ", response.text)).replace("\N{NO-BREAK SPACE}", " ").split()
    )


def test_a_procedure_is_found_without_accents(browser: httpx.Client) -> None:
    found = browser.get("/tariffs", params={"q": "chung thuc ban sao"})
    assert found.status_code == 200
    assert "Chứng thực bản sao từ bản chính giấy tờ, văn bản" in words(found)
    assert "/tariffs/2.000815" in found.text


def test_a_code_leads_to_its_procedure_alone(browser: httpx.Client) -> None:
    assert "1 thủ tục" in words(browser.get("/tariffs", params={"q": "2.000815"}))


def test_a_search_without_a_result_says_so(browser: httpx.Client) -> None:
    assert "0 thủ tục" in words(browser.get("/tariffs", params={"q": "zzzz"}))


def test_pages_of_a_search_hold_every_procedure_once(browser: httpx.Client) -> None:
    codes: list[str] = []
    for number in range(1, 20):
        shown = re.findall(
            r'href="/tariffs/([0-9T][^"?/]+)"', browser.get("/tariffs", params={"page": number}).text
        )
        codes += shown
    assert sorted(codes) == sorted(procedure.code for procedure in catalogue().procedures())


def test_a_tariff_tells_its_steps_its_cap_and_its_law(browser: httpx.Client) -> None:
    text = words(browser.get("/tariffs/2.000815"))
    for part in ("2.000 đ / trang", "1.000 đ / trang", "Nhiều nhất 200.000 đ", "Thông tư 226/2016/TT-BTC"):
        assert part in text


@pytest.mark.parametrize("code", [procedure.code for procedure in catalogue().procedures()])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_procedure_has_a_page(browser: httpx.Client, code: str, language: str) -> None:
    shown = browser.get(f"/tariffs/{code}", params={"lang": language})
    assert shown.status_code == 200
    assert "<table" in shown.text or 'class="unset"' in shown.text


def test_the_calculator_explains_the_amount_without_a_script(browser: httpx.Client) -> None:
    answered = words(browser.get("/tariffs/2.000815?i.pages=3&i.copies=2&calculate=1"))
    assert "10.000 đ" in answered
    assert "khoản 1 Điều 4 Thông tư 226/2016/TT-BTC" in answered


def test_every_problem_is_told_at_once_beside_its_field(browser: httpx.Client) -> None:
    answered = browser.get("/tariffs/2.000815?i.pages=-3&i.copies=x&on=tomorrow&channel=pigeon&calculate=1")
    assert answered.status_code == 200
    for name in ("pages", "copies", "on", "channel"):
        assert re.search(rf'data-problem-for="{name}">[^<]+<', answered.text), name


def test_what_is_missing_is_no_complaint_before_the_button_is_pressed(browser: httpx.Client) -> None:
    opened, pressed = browser.get("/tariffs/2.000815"), browser.get("/tariffs/2.000815?i.pages=&calculate=1")
    assert 'role="alert"' not in opened.text
    assert re.search(r'data-problem-for="pages">[^<]+<', pressed.text)


def test_amounts_may_be_typed_with_points(browser: httpx.Client) -> None:
    question = "/tariffs/TP-CC-DAUGIA?calculate=1&i.{}={}"
    name = next(each.name for each in catalogue().procedure("TP-CC-DAUGIA").inputs)
    assert words(browser.get(question.format(name, "6.000.000.000"))) == words(
        browser.get(question.format(name, "6000000000"))
    ).replace('value="6000000000"', "")


def test_the_answer_alone_is_served_for_a_page_that_follows_typing(browser: httpx.Client) -> None:
    fragment = browser.get("/tariffs/2.000815?i.pages=3&fragment=1")
    assert "<html" not in fragment.text
    assert "5.000 đ" in words(fragment)


def test_markup_in_a_field_stays_text(browser: httpx.Client) -> None:
    answered = browser.get("/tariffs/2.000815", params={"i.pages": "<script>x</script>", "calculate": "1"})
    assert "<script>x" not in answered.text


def test_an_unknown_procedure_or_office_is_not_found(browser: httpx.Client) -> None:
    for path in ("/tariffs/9.999999", "/tariffs/offices/nobody", "/tariffs/offices/nobody/board"):
        assert browser.get(path).status_code == 404


def test_an_office_lists_what_it_decides_and_has_a_board(browser: httpx.Client) -> None:
    assert "/tariffs/offices/ubnd-phuong" in browser.get("/tariffs/offices").text
    assert "/tariffs/2.000815" in browser.get("/tariffs/offices/ubnd-phuong").text
    board = browser.get("/tariffs/offices/ubnd-phuong/board?paper=a3")
    assert "<svg" in board.text
    assert 'class="board a3"' in board.text
    for part in ("Bảng niêm yết mức thu phí, lệ phí", "2.000 đ / trang", "Thông tư 226/2016/TT-BTC"):
        assert part in words(board)
