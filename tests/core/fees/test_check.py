"""What no single file can know is checked between the files."""

from __future__ import annotations

from typing import Any

import pytest

from payments.core.fees import Catalogue, FilesRefused
from tests.core.fees.building import BOTH, item, procedure, question, schedule, texts


def problems(*schedules: dict[str, Any], procedures: list[dict[str, Any]] | None = None) -> str:
    with pytest.raises(FilesRefused) as refused:
        Catalogue.from_files(texts(*schedules, procedures=procedures or [procedure()]))
    return str(refused.value)


def second(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return schedule(*items, schedule="second", **changes)


def test_T30_two_texts_for_one_item_and_time_are_refused_when_loaded() -> None:
    first = schedule(item(1), effective_to="2026-06-30")
    assert "test.item is set for that time" in problems(first, second(item(2), effective_from="2026-06-30"))
    later = schedule(item(1), effective_from="2026-06-30")
    assert "test.item is set for that time" in problems(later, second(item(2), effective_to="2026-06-30"))
    assert "test.item is set for that time" in problems(schedule(item(1)), second(item(2)))
    assert "test.item is set for that time" in problems(schedule(item(1), item(2)))


@pytest.mark.parametrize(
    "other",
    [
        second(item(2), effective_from="2026-07-01"),
        second(item(2), territory="31"),
        second(item(2), effective_from="2020-01-01", effective_to=None) | {"items": []},
        second(item(2, effective_from="2026-07-01")),
        second(item(2, effective_to="2019-12-31"), effective_from=None),
    ],
)
def test_texts_that_follow_each_other_or_lie_apart_are_taken(other: dict[str, Any]) -> None:
    files = texts(schedule(item(1), effective_to="2026-06-30"), other, procedures=[procedure()])
    assert len(Catalogue.from_files(files).schedules) == 2


def test_a_newer_version_takes_the_place_of_the_older() -> None:
    files = texts(schedule(item(1)), schedule(item(2), version=2), procedures=[procedure()])
    assert [found.version for found in Catalogue.from_files(files).schedules] == [2]


def test_one_version_cannot_stand_in_two_files() -> None:
    assert "version 1 of test stands in schedule-0.yaml" in problems(schedule(item(1)), schedule(item(1)))


def refer(code: str) -> dict[str, Any]:
    return {"type": "refer", "item": code}


def test_references_must_lead_somewhere_and_not_in_a_circle() -> None:
    assert "refers to test.gone" in problems(schedule(item(refer("test.gone"))))
    assert "circle" in problems(schedule(item(refer("test.item"))))
    circle = item(refer("test.item"), code="test.b")
    between = item({"type": "add", "parts": [1, refer("test.b")]})
    assert "circle" in problems(schedule(between, circle))


def test_a_benefit_must_apply_to_something() -> None:
    benefit = {"code": "x", "effect": "exempt", "applies_to": ["test.gone"], **BOTH}
    assert "x applies to test.gone" in problems(schedule(item(1), benefits=[benefit]))


def parameter(**changes: Any) -> dict[str, Any]:
    return {"code": "test.rate", **BOTH, **changes}


NATIONAL = parameter(value="10%", least="10%", most="15%")


@pytest.mark.parametrize("value", ["9.99%", "15.01%", "16%", "0"])
def test_a_local_rate_outside_its_corridor_is_refused_when_loaded(value: str) -> None:
    local = second(territory="31", parameters=[parameter(value=value)])
    found = problems(schedule(item(1), parameters=[NATIONAL]), local)
    assert f"{value} is outside 10% to 15% of Circular 1/2020/TT-BTC" in found


@pytest.mark.parametrize("value", ["10%", "12.5%", "15%", None])
def test_a_local_rate_inside_its_corridor_is_taken(value: str | None) -> None:
    local = second(territory="31", parameters=[parameter(value=value)])
    files = texts(schedule(item(1), parameters=[NATIONAL]), local, procedures=[procedure()])
    assert Catalogue.from_files(files).procedures()


def test_a_procedure_must_ask_for_what_its_items_read() -> None:
    note = {"when": {"noted": True}, "reason_vi": "x", "reason_en": "x"}
    reader = item(
        {"type": "per_unit", "unit": "pages", "price": 1},
        not_payable=[note],
        retention=[{"status": ["s"], "when": {"kept_when": True}, "kept": "1%"}],
        benefits=[{"code": "b", "effect": "exempt", "share": "own", "when": {"seen": True}, **BOTH}],
    )
    found = problems(schedule(reader))
    assert all(f"needs {name}," in found for name in ("pages", "noted", "kept_when", "own", "seen"))


def test_a_reference_brings_its_needs_along_and_renaming_meets_them() -> None:
    far = item({"type": "per_unit", "unit": "pages", "price": 2}, code="test.far")
    plain = schedule(item(refer("test.far")), far)
    assert "test.item needs pages" in problems(plain)
    renamed = schedule(item({**refer("test.far"), "with": {"pages": "sheets"}}), far)
    asked = [procedure(question("sheets", "whole"))]
    assert Catalogue.from_files(texts(renamed, procedures=asked)).procedures()


def test_a_procedure_charges_only_what_some_file_sets() -> None:
    wrong = procedure(items=[{"item": "test.gone"}])
    assert "charges test.gone" in problems(schedule(item(1)), procedures=[wrong])


def test_a_code_belongs_to_one_procedure() -> None:
    assert "two procedures" in problems(schedule(item(1)), procedures=[procedure(), procedure()])
