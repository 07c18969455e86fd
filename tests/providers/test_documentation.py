"""The pages about providers say what the modules do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from providers import PROVIDERS, Provider
from providers.protocol import Acknowledgement
from providers.vnpay_codes import (
    ACKNOWLEDGEMENTS,
    REFUND_VERDICTS,
    RESPONSE_VERDICTS,
    STATUS_VERDICTS,
)

PAGES = Path(__file__).parents[2] / "docs" / "providers"


def table_below(page: str, heading: str) -> dict[str, str]:
    """The first table after ``heading``: its last column by each code of its first."""
    rows = page.partition(heading)[2].partition("|---")[2].partition("\n\n")[0].splitlines()[1:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {code: row[-1] for row in cells for code in row[0].split(", ")}


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_provider_has_a_page_that_names_each_of_its_settings(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    documented = set(table_below(page, "## Settings"))
    assert documented == {f"`{setting.name}`" for setting in PROVIDERS[name].settings}


def test_the_page_of_vnpay_gives_every_code_with_its_verdict() -> None:
    page = (PAGES / "vnpay.md").read_text(encoding="utf-8")
    responses = table_below(page, "`vnp_ResponseCode` of a return or an IPN:")
    statuses = table_below(page, "`vnp_TransactionStatus`:")
    for told, verdicts in ((responses, RESPONSE_VERDICTS), (statuses, STATUS_VERDICTS)):
        assert set(told) == set(verdicts)
        for code, verdict in verdicts.items():
            assert told[code].startswith(verdict.value), code
    assert set(table_below(page, "## What the gateway answers")) == {
        code for code, _ in (ACKNOWLEDGEMENTS[kind] for kind in Acknowledgement)
    }
    refunds = page.partition("Answers to a refund:")[2].partition("\n\n")[0]
    assert set(re.findall(r"\b\d\d\b", refunds)) == {"00", "09", *REFUND_VERDICTS}


def test_the_guide_for_authors_names_every_word_of_the_contract() -> None:
    guide = (PAGES / "write-a-provider.md").read_text(encoding="utf-8")
    words = {name for name in vars(Provider) if not name.startswith("_")}
    assert {word for word in words if f"`{word}" not in guide} == set()
