"""Checks of procedures beside the schedules: a procedure charges what exists, and asks for all that it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from payments.core.fees.check import newest_of
from payments.core.fees.conditions import inputs_of_condition
from payments.core.fees.load import FileProblem, ReadFile
from payments.core.fees.schedule import Charged, Item, ProcedureFile, ProcedureText, Schedule
from payments.core.fees.walk import inputs_of_item, names_of
from payments.core.fees.yaml_text import Path


def check_procedures(
    schedules: Sequence[ReadFile[Schedule]],
    procedures: Sequence[ReadFile[ProcedureFile]],
    *,
    complete: bool = True,
) -> Iterator[FileProblem]:
    """Every problem of the procedures; ``complete``: no file was left out, so that what is missing is missing."""
    items, asked_by_conflicts = _by_code(newest_of(schedules))
    seen: dict[str, str] = {}
    for listed in procedures:
        for index, procedure in enumerate(listed.model.procedures):
            place: Path = ("procedures", index)
            if procedure.code in seen:
                message = f"two procedures have this code; {procedure.code} stands in {seen[procedure.code]} already"
                yield listed.problem((*place, "code"), message)
            seen[procedure.code] = listed.file_name
            for number, charged in enumerate(procedure.items):
                there = (*place, "items", number)
                if complete and charged.item not in items:
                    message = f"{procedure.code} charges {charged.item}, which no file sets"
                    yield listed.problem((*there, "item"), message)
                for message in _charged(procedure, charged, items, asked_by_conflicts[charged.item]):
                    yield listed.problem(there, message)


def _by_code(schedules: Sequence[ReadFile[Schedule]]) -> tuple[dict[str, list[Item]], dict[str, set[str]]]:
    """All items of a code, and the inputs that conflicts about it ask for."""
    items: dict[str, list[Item]] = defaultdict(list)
    asked_by_conflicts: dict[str, set[str]] = defaultdict(set)
    for file in schedules:
        for item in file.model.items:
            items[item.code].append(item)
        for conflict in file.model.conflicts:
            for code in conflict.applies_to or ():
                asked_by_conflicts[code].update(inputs_of_condition(conflict.when))
    return items, asked_by_conflicts


def _charged(
    procedure: ProcedureText, charged: Charged, items: Mapping[str, list[Item]], needed_too: set[str]
) -> Iterator[str]:
    asked = {question.name for question in procedure.inputs}
    needed = set(needed_too)
    for item in items.get(charged.item, ()):
        needed |= inputs_of_item(item, items)
    for name in sorted(needed - asked - charged.inputs.keys() - charged.answers.keys()):
        yield f"{charged.item} needs {name}, which {procedure.code} does not ask for; ask, or answer it in with or set"
    if "area_of_place" in (charged.when or {}):
        yield "area_of_place is known only to the rules of a file with areas"
    used = set(inputs_of_condition(charged.when)) | names_of(list(charged.inputs.values()))
    for name in sorted(used - asked):
        yield f"{name} is used here, and {procedure.code} does not ask for it"
