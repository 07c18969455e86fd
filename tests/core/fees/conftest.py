"""The catalogue as it ships, read once, and short ways to ask it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payments.core.fees import Catalogue, Facts, Quote, quote

CATALOGUE = Path(__file__).resolve().parents[3] / "catalogue" / "vn"


@pytest.fixture(scope="session")
def files() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(CATALOGUE.glob("*.yaml"))}


@pytest.fixture(scope="session")
def catalogue(files: dict[str, str]) -> Catalogue:
    return Catalogue.from_files(files)


@pytest.fixture
def ask(catalogue: Catalogue) -> Callable[..., Quote]:
    """``ask("2.000815", "2026-11-22", {"pages": 3})``, with further facts by name."""

    def asked(code: str, day: str, inputs: dict[str, Any] | None = None, **facts: Any) -> Quote:
        on = date.fromisoformat(day)
        known = {"filed_on": on, "paid_on": on, "channel": "counter", **facts}
        return quote(catalogue, code, Facts(inputs=inputs or {}, **known))

    return asked
