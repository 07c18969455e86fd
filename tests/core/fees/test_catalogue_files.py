"""What the files of the catalogue must hold, whatever their figures."""

from __future__ import annotations

import json
from pathlib import Path

from payments.core.fees import Catalogue

NATIONAL = json.loads((Path(__file__).parent / "national-codes.json").read_text("utf-8"))["names"]


def test_every_national_code_was_seen_on_the_national_portal(catalogue: Catalogue) -> None:
    used = {found.code for found in catalogue.procedures() if not found.code.startswith("TP-")}
    assert used == NATIONAL.keys()
    assert len(used) > 100


def test_every_schedule_says_where_it_was_read(catalogue: Catalogue) -> None:
    for found in catalogue.schedules:
        assert len(found.source.note) > 20, found.schedule
        if found.source.page is not None:
            assert found.source.page.startswith("https://"), found.schedule


def test_a_procedure_has_one_field_and_each_field_one_english_name(catalogue: Catalogue) -> None:
    names = {(found.field_vi, found.field_en) for found in catalogue.procedures()}
    assert len({vi for vi, _ in names}) == len({en for _, en in names}) == len(names)
