"""Checks between files: what no single file can know.

Periods of one item in one territory must not overlap; references must lead somewhere and not in a circle; a
local rate must stay inside its corridor; a procedure must ask for everything its items need.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any

from payments.core.fees.clauses import ParameterValue
from payments.core.fees.exact import NUMBER_TEXT, read_number
from payments.core.fees.load import FileProblem
from payments.core.fees.schedule import Item, ProcedureFile, Schedule
from payments.core.fees.walk import inputs_of_item, references_of


def check_catalogue(
    schedules: Mapping[str, Schedule], procedures: Mapping[str, ProcedureFile]
) -> Iterator[FileProblem]:
    """Every problem between the files."""
    yield from _same_version_twice(schedules)
    yield from _overlaps(schedules)
    yield from _references(schedules)
    yield from _parameters(schedules)
    yield from _procedures(schedules, procedures)


def _same_version_twice(schedules: Mapping[str, Schedule]) -> Iterator[FileProblem]:
    seen: dict[tuple[str, int], str] = {}
    for file_name, schedule in schedules.items():
        key = (schedule.schedule, schedule.version)
        if key in seen:
            message = f"version {key[1]} of {key[0]} stands in {seen[key]} already; number this one anew"
            yield FileProblem(file_name, 1, "schedule", message)
        seen.setdefault(key, file_name)


def _all_items(schedules: Mapping[str, Schedule]) -> Iterator[tuple[str, Schedule, Item]]:
    newest: dict[str, int] = {}
    for schedule in schedules.values():
        newest[schedule.schedule] = max(schedule.version, newest.get(schedule.schedule, 0))
    for file_name, schedule in schedules.items():
        if schedule.version == newest[schedule.schedule]:
            for item in schedule.items:
                yield file_name, schedule, item


def _overlaps(schedules: Mapping[str, Schedule]) -> Iterator[FileProblem]:
    groups: dict[tuple[str, str], list[tuple[str, Schedule, Item]]] = defaultdict(list)
    for file_name, schedule, item in _all_items(schedules):
        groups[item.code, schedule.territory].append((file_name, schedule, item))
    for (code, _), group in groups.items():
        for (_, first, one), (file_name, second, other) in combinations(group, 2):
            if _meet(first, one, second, other):
                message = f"{code} is set for that time by {first.document.name_en} too; end one earlier"
                yield FileProblem(file_name, 1, "items", message)


def _meet(first: Schedule, one: Item, second: Schedule, other: Item) -> bool:
    begin_first, end_first = _period(first, one)
    begin_second, end_second = _period(second, other)
    return begin_first <= end_second and begin_second <= end_first


def _period(schedule: Schedule, item: Item) -> tuple[date, date]:
    begins = [day for day in (schedule.effective_from, item.effective_from) if day]
    ends = [day for day in (schedule.effective_to, item.effective_to) if day]
    return max(begins, default=date.min), min(ends, default=date.max)


def _references(schedules: Mapping[str, Schedule]) -> Iterator[FileProblem]:
    references: dict[str, set[str]] = defaultdict(set)
    files: dict[str, str] = {}
    for file_name, _, item in _all_items(schedules):
        references[item.code] |= set(references_of(item))
        files[item.code] = file_name
    for code, targets in list(references.items()):
        for target in sorted(targets - references.keys()):
            yield FileProblem(files[code], 1, code, f"refers to {target}, which no file sets")
        if _reaches(code, code, references, set()):
            yield FileProblem(files[code], 1, code, "refers to itself in a circle")
    for file_name, schedule in schedules.items():
        for benefit in schedule.benefits:
            for target in sorted(set(benefit.applies_to or ()) - files.keys()):
                message = f"{benefit.code} applies to {target}, which no file sets"
                yield FileProblem(file_name, 1, "benefits", message)


def _reaches(start: str, goal: str, references: Mapping[str, set[str]], seen: set[str]) -> bool:
    for target in references.get(start, ()):
        if target == goal:
            return True
        if target not in seen:
            seen.add(target)
            if _reaches(target, goal, references, seen):
                return True
    return False


def _parameters(schedules: Mapping[str, Schedule]) -> Iterator[FileProblem]:
    """A text may set a number only within the corridor that the texts around it leave."""
    corridors = [
        (schedule, parameter)
        for schedule in schedules.values()
        for parameter in schedule.parameters
        if parameter.least is not None or parameter.most is not None
    ]
    for file_name, schedule in schedules.items():
        for parameter in schedule.parameters:
            for bounding, corridor in corridors:
                if corridor.code == parameter.code and not _inside(parameter, corridor):
                    limits = f"{corridor.least} to {corridor.most}"
                    message = f"{parameter.value} is outside {limits} of {bounding.document.name_en}"
                    yield FileProblem(file_name, 1, parameter.code, message)


def _inside(parameter: ParameterValue, corridor: ParameterValue) -> bool:
    values = [parameter.value, corridor.least, corridor.most]
    if not all(value is None or NUMBER_TEXT.fullmatch(str(value)) for value in values):
        return False
    if parameter.value is None:
        return True
    value = read_number(str(parameter.value))
    above = corridor.least is None or value >= read_number(str(corridor.least))
    return above and (corridor.most is None or value <= read_number(str(corridor.most)))


def _procedures(
    schedules: Mapping[str, Schedule], procedures: Mapping[str, ProcedureFile]
) -> Iterator[FileProblem]:
    items: dict[str, list[Item]] = defaultdict(list)
    for _, _, item in _all_items(schedules):
        items[item.code].append(item)
    seen: set[str] = set()
    for file_name, file in procedures.items():
        for procedure in file.procedures:
            if procedure.code in seen:
                yield FileProblem(file_name, 1, procedure.code, "two procedures have this code")
            seen.add(procedure.code)
            asked: dict[str, Any] = {question.name: question for question in procedure.inputs}
            for charged in procedure.items:
                yield from _charged(file_name, procedure.code, charged, items, asked)


def _charged(
    file_name: str, code: str, charged: Any, items: Mapping[str, list[Item]], asked: Mapping[str, Any]
) -> Iterator[FileProblem]:
    if charged.item not in items:
        yield FileProblem(file_name, 1, code, f"charges {charged.item}, which no file sets")
    needed: set[str] = set()
    for item in items.get(charged.item, ()):
        needed |= inputs_of_item(item, items)
    for name in sorted(needed - asked.keys() - charged.inputs.keys() - charged.answers.keys()):
        yield FileProblem(file_name, 1, code, f"{charged.item} needs {name}, which is not asked for")
