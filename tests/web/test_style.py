"""The one style sheet: legible colours in both schemes, and nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from payments.web.assets import STATIC

CSS = (STATIC / "thuphi.css").read_text(encoding="utf-8")
SCHEMES = [
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
]

# Text on its ground, as the sheet uses them.
TEXTS = [
    ("ink", "paper"),
    ("ink", "sheet"),
    ("ink", "good-wash"),
    ("ink", "wait-wash"),
    ("ink", "stop-wash"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("accent", "paper"),
    ("accent", "sheet"),
    ("accent-deep", "accent-wash"),
    ("accent", "wait-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("good", "good-wash"),
    ("wait", "wait-wash"),
    ("stop", "stop-wash"),
]
EDGES = [
    ("field", "sheet"),
    ("focus", "paper"),
    ("focus", "sheet"),
    ("focus", "wait-wash"),
    ("accent", "sheet"),
]


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_there_is_a_light_and_a_dark_scheme_with_the_same_colours() -> None:
    light, dark = SCHEMES
    assert light.keys() == dark.keys()


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_is_legible_on_its_ground(scheme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_fields_and_focus_can_be_seen(scheme: dict[str, str], edge: str, ground: str) -> None:
    assert contrast(scheme[edge], scheme[ground]) >= 3


def test_the_sheet_loads_nothing_from_elsewhere() -> None:
    assert re.findall(r"url\(|@import|https?:", CSS) == []


def test_less_motion_is_honoured() -> None:
    assert "prefers-reduced-motion" in CSS
