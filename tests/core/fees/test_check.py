"""What no single file can know is checked between the files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payments.core.fees import Catalogue, FeeRefusal, FilesRefused, quote, read_catalogue
from tests.core.fees.building import BOTH, facts, item, procedure, question, schedule, texts


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


def located(files: dict[str, str]) -> dict[tuple[str, str], tuple[int, str]]:
    """(file, place) → (line, message); each file is written with one value a line."""
    _, found = read_catalogue(files)
    return {(problem.file_name, problem.place): (problem.line, problem.message) for problem in found}


def pretty(*schedules: dict[str, Any], **changes: Any) -> dict[str, str]:
    files = texts(*schedules, procedures=changes.get("procedures") or [procedure()])
    return {name: json.dumps(json.loads(text), indent=1) for name, text in files.items()}


def only(files: dict[str, str]) -> tuple[str, str, int, str, str]:
    """The one problem: file, place, line, what stands on that line, message."""
    ((file_name, place), (line, message)) = next(iter(located(files).items()))
    assert len(located(files)) == 1, located(files)
    return file_name, place, line, files[file_name].splitlines()[line - 1].strip(), message


RATE = {"code": "test.rate", **BOTH}
BY_RATE = {"type": "percent", "rate": {"type": "parameter", "code": "test.rate"}, "of": 100}
ZERO = {"code": "z", "effect": "zero", **BOTH}
OPEN = {
    "about_vi": "x",
    "about_en": "x",
    "readings": ["a", "b"],
    "applies_to": ["test.item"],
    "when": {"grade": "c"},
}
RENAMED = {"document": {**schedule()["document"], "issuer_vi": "Hội đồng", "issuer_en": "Council"}}
COUNCIL = {**RENAMED["document"], "name_vi": "Nghị quyết của Hội đồng", "name_en": "Resolution of a council"}


@pytest.mark.parametrize(
    ("files", "place", "stands", "says"),
    [
        (
            pretty(schedule(item(1)), second(item(2))),
            "items.0.code",
            '"code": "test.item",',
            "end one earlier",
        ),
        (
            pretty(schedule(item(1)), second(item(2, kind="charge"), territory="31")),
            "items.0.kind",
            '"kind": "charge",',
            "kinds never mix",
        ),
        (
            pretty(schedule(item(1)), schedule(item(1), version=2, document=COUNCIL)),
            "schedule",
            '"schedule": "test",',
            "a name of its own",
        ),
        (
            pretty(schedule(item(1)), second(**RENAMED)),
            "document.name_vi",
            '"name_vi": "Th\\u00f4ng t\\u01b0 1/2020/TT-BTC",',
            "another issuer so (Ministry); write the issuer into name_vi",
        ),
        (
            pretty(schedule(item({"type": "add", "parts": [1, refer("test.gone")]}))),
            "items.0.rule.parts.1.item",
            '"item": "test.gone"',
            "refers to test.gone, which no file sets",
        ),
        (
            pretty(schedule(item(BY_RATE))),
            "items.0.rule.rate.code",
            '"code": "test.rate"',
            "refers to the parameter test.rate, which no file has",
        ),
        (
            pretty(schedule(item(refer("test.item")))),
            "items.0.rule",
            '"rule": {',
            "circle",
        ),
        (
            pretty(
                schedule(item(BY_RATE), parameters=[{**RATE, "least": "10%", "most": "15%"}]),
                second(territory="31", parameters=[{**RATE, "value": "16%"}]),
            ),
            "parameters.0.value",
            '"value": "16%"',
            "16% is outside 10% to 15%",
        ),
        (
            pretty(
                schedule(item(BY_RATE), parameters=[{**RATE, "value": "10%"}]),
                second(parameters=[{**RATE, "value": "12%"}]),
            ),
            "parameters.0.code",
            '"code": "test.rate",',
            "test.rate is set for that time by Circular 1/2020/TT-BTC too",
        ),
        (
            pretty(schedule(item(1), benefits=[{**ZERO, "applies_to": ["test.gone"]}])),
            "benefits.0.applies_to",
            '"applies_to": [',
            "z applies to test.gone",
        ),
        (
            pretty(schedule(item({"type": "percent", "rate": "5%", "of": "amount"}))),
            "items.0.rule",
            '"rule": {',
            "amount is known only to",
        ),
        (
            pretty(schedule(item({"type": "lookup", "by": ["area_of_place"], "table": {"I": 1}}))),
            "items.0.code",
            '"code": "test.item",',
            "the file has no areas",
        ),
        (
            pretty(
                schedule(item(1), item(1, code="b.x", effective_from="2021-01-01"), effective_to="2020-12-31")
            ),
            "items.1.effective_from",
            '"effective_from": "2021-01-01"',
            "b.x is never in force",
        ),
        (
            pretty(schedule(item(1, benefits=[{**ZERO, "until": "2019-12-31"}]))),
            "items.0.benefits.0.until",
            '"until": "2019-12-31"',
            "z never counts",
        ),
        (
            pretty(schedule(item(1, benefits=[{**ZERO, "from": "2021-01-01"}]), effective_to="2020-12-31")),
            "items.0.benefits.0.from",
            '"from": "2021-01-01"',
            "z never counts",
        ),
        (
            pretty(schedule(item(1)), procedures=[procedure(items=[{"item": "test.gone"}])]),
            "procedures.0.items.0.item",
            '"item": "test.gone"',
            "charges test.gone, which no file sets",
        ),
        (
            pretty(schedule(item("pages")), procedures=[procedure()]),
            "procedures.0.items.0",
            "{",
            "ask, or answer it in with or set",
        ),
        (
            pretty(
                schedule(item(1)),
                procedures=[procedure(items=[{"item": "test.item", "when": {"gone": True}}])],
            ),
            "procedures.0.items.0",
            "{",
            "gone is used here, and TP-TEST does not ask for it",
        ),
        (
            pretty(schedule(item({"type": "add", "parts": ["paid_on", 1]}))),
            "items.0.rule",
            '"rule": {',
            "paid_on is no number",
        ),
        (
            pretty(schedule(item(1), conflicts=[OPEN])),
            "procedures.0.items.0",
            "{",
            "test.item needs grade, which TP-TEST does not ask for",
        ),
        (
            pretty(
                schedule(item(1)),
                procedures=[procedure(items=[{"item": "test.item", "when": {"area_of_place": "I"}}])],
            ),
            "procedures.0.items.0",
            "{",
            "area_of_place is known only to",
        ),
        (
            pretty(schedule(item(1)), procedures=[procedure(), procedure()]),
            "procedures.1.code",
            '"code": "TP-TEST",',
            "two procedures have this code",
        ),
    ],
)
def test_a_problem_names_its_file_its_line_and_how_to_mend_it(
    files: dict[str, str], place: str, stands: str, says: str
) -> None:
    _, where, _, on_the_line, message = only(files)
    assert (where, on_the_line) == (place, stands)
    assert says in message


def test_two_documents_with_one_number_are_told_apart_by_their_issuers_name() -> None:
    files = texts(schedule(item(1)), second(document=COUNCIL), procedures=[procedure()])
    assert len(Catalogue.from_files(files).schedules) == 2


def test_what_a_broken_file_would_have_set_is_not_reported_as_missing() -> None:
    files = texts(schedule(item(refer("far.item"))), procedures=[procedure(items=[{"item": "gone.item"}])])
    broken = files | {"broken.yaml": "a: 1\na: 2\n"}
    assert list(located(broken)) == [("broken.yaml", "")]
    assert len(located(files)) == 2


def test_a_circle_that_was_reported_ends_in_a_refusal_and_not_in_a_crash() -> None:
    catalogue, found = read_catalogue(texts(schedule(item(refer("test.item"))), procedures=[procedure()]))
    assert len(found) == 1
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", facts())
    assert refused.value.code == "conflicting_texts"


def test_a_corridor_binds_the_texts_of_its_time_alone() -> None:
    ended = schedule(item(1), parameters=[NATIONAL | {"value": None}], effective_to="2025-12-31")
    later = second(territory="31", parameters=[parameter(value="16%")], effective_from="2026-01-01")
    assert Catalogue.from_files(texts(ended, later, procedures=[procedure()])).procedures()
    earlier = second(territory="31", parameters=[parameter(value="16%")], effective_from="2025-12-31")
    assert "16% is outside 10% to 15%" in problems(ended, earlier)


def test_many_references_beside_each_other_are_no_circle() -> None:
    many = item({"type": "add", "parts": [refer("far.item")] * 120})
    files = texts(schedule(many, item(2, code="far.item")), procedures=[procedure()])
    assert quote(Catalogue.from_files(files), "TP-TEST", facts()).total_dong == 240


def test_a_number_that_two_texts_set_is_reported_and_refused() -> None:
    files = texts(
        schedule(item(BY_RATE), parameters=[{**RATE, "value": "10%"}]),
        second(parameters=[{**RATE, "value": "12%"}]),
        procedures=[procedure()],
    )
    catalogue, found = read_catalogue(files)
    assert len(found) == 1
    with pytest.raises(FeeRefusal) as refused:
        quote(catalogue, "TP-TEST", facts())
    assert refused.value.code == "conflicting_texts"
