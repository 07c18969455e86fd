"""The table in the catalogue's README says what the files say."""

from __future__ import annotations

from collections import Counter
from datetime import date

from payments.core.fees import Catalogue, Schedule
from tests.core.fees.conftest import CATALOGUE

README = (CATALOGUE.parent / "README.md").read_text("utf-8")


def test_the_tables_are_those_of_the_files(catalogue: Catalogue) -> None:
    """After a change of the catalogue, put what this test expects into the README."""
    assert "\n".join(_texts(catalogue)) in README
    assert "\n".join(_fields(catalogue)) in README


def test_the_numbers_are_those_of_the_files(catalogue: Catalogue) -> None:
    procedures, schedules = catalogue.procedures(), catalogue.schedules
    national = sum(not one.code.startswith("TP-") for one in procedures)
    cases = sum(len(one.cases) for one in schedules)
    said = f"{len(schedules)} texts, {len(procedures)} procedures ({national} under their national codes)"
    assert f"{said} and {cases} worked cases" in README


def _texts(catalogue: Catalogue) -> list[str]:
    rows = [
        "| Text | Where | In force | Items | Cases | Trust | Checked |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    return rows + [_row(one) for one in sorted(catalogue.schedules, key=lambda one: one.schedule)]


def _row(one: Schedule) -> str:
    period = f"{_day(one.effective_from)} → {_day(one.effective_to)}".strip()
    name = f"[{one.document.name_en}](vn/{one.schedule}.yaml)"
    counts = f"{len(one.items)} | {len(one.cases)}"
    trust = one.source.confidence.replace("_", " ")
    return f"| {name} | {one.territory or 'VN'} | {period} | {counts} | {trust} | {_day(one.source.checked_on)} |"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "–"


def _fields(catalogue: Catalogue) -> list[str]:
    rows = ["| Field | Procedures | National codes |", "| --- | --- | --- |"]
    every = Counter(f"{one.field_vi} ({one.field_en})" for one in catalogue.procedures())
    coded = Counter(
        f"{one.field_vi} ({one.field_en})" for one in catalogue.procedures() if not one.code.startswith("TP-")
    )
    return rows + [f"| {field} | {every[field]} | {coded[field]} |" for field in sorted(every)]
