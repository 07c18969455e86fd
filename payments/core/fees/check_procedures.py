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
    items: dict[str, list[Item]] = defaultdict(list)
    for file in newest_of(schedules):
        for item in file.model.items:
            items[item.code].append(item)
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
                for message in _charged(procedure, charged, items):
                    yield listed.problem(there, message)


def _charged(procedure: ProcedureText, charged: Charged, items: Mapping[str, list[Item]]) -> Iterator[str]:
    asked = {question.name for question in procedure.inputs}
    needed: set[str] = set()
    for item in items.get(charged.item, ()):
        needed |= inputs_of_item(item, items)
    for name in sorted(needed - asked - charged.inputs.keys() - charged.answers.keys()):
        yield f"{charged.item} needs {name}, which {procedure.code} does not ask for; ask, or answer it in with or set"
    used = set(inputs_of_condition(charged.when)) | names_of(list(charged.inputs.values()))
    for name in sorted(used - asked):
        yield f"{name} is used here, and {procedure.code} does not ask for it"
