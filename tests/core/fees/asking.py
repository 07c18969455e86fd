"""Ask a small catalogue that a test has made."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, Quote, quote
from tests.core.fees.building import facts, procedure, texts


def day(text: str) -> date:
    return date.fromisoformat(text)


def benefit(code: str, effect: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "effect": effect,
        "name_vi": f"mức {code}",
        "name_en": f"the {code} rate",
        **changes,
    }


def ask(found: dict[str, Any], *questions: dict[str, Any], given: Any = None, **changes: Any) -> Quote:
    """``found`` is a whole schedule."""
    catalogue = Catalogue.from_files(texts(found, procedures=[procedure(*questions)]))
    return quote(catalogue, "TP-TEST", facts(given, **changes))


def refusal(
    found: dict[str, Any], *questions: dict[str, Any], given: Any = None, **changes: Any
) -> FeeRefusal:
    with pytest.raises(FeeRefusal) as refused:
        ask(found, *questions, given=given, **changes)
    return refused.value
