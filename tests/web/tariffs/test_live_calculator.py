"""With JavaScript the answer follows as one types, in the server's own words."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Browser, expect


def test_the_answer_follows_and_problems_stand_at_their_fields(site_url: str, chromium: Browser) -> None:
    tab = chromium.new_page(viewport={"width": 360, "height": 740})
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    tab.goto(f"{site_url}/tariffs/2.000815")
    tab.fill("[name='i.pages']", "7")
    expect(tab.locator("#answer .total")).to_contain_text(re.compile(r"9\.000\sđ"))
    tab.fill("[name='i.copies']", "x")
    expect(tab.locator("[data-problem-for='copies']")).to_contain_text("số nguyên")
    tab.fill("[name='i.copies']", "2")
    expect(tab.locator("#answer .total")).to_contain_text(re.compile(r"18\.000\sđ"))
    expect(tab.locator("[data-problem-for='copies']")).to_be_empty()
    assert broken == []
    tab.close()


def test_no_page_is_wider_than_a_small_phone(site_url: str, chromium: Browser) -> None:
    tab = chromium.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=True)
    paths = ("", "/2.000815", "/TP-DT-THAMDINH", "/1.013067", "/offices", "/offices/ubnd-phuong/board")
    for path in paths:
        tab.goto(f"{site_url}/tariffs{path}")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    tab.close()


def test_what_the_script_shows_is_what_the_form_gives_without_it(browser: httpx.Client) -> None:
    query = "i.pages=7&i.copies=2"
    fragment = browser.get(f"/tariffs/2.000815?{query}&fragment=1").text.strip()
    assert fragment in browser.get(f"/tariffs/2.000815?{query}&calculate=1").text
