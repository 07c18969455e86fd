"""Checks of schedules beside each other: what no single file can know.

Periods of one item in one territory must not overlap; references must lead somewhere and not in a circle; a
local rate must stay inside its corridor; a document is itself in all its versions, and no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from itertools import combinations

from payments.core.fees import rule_model as model
from payments.core.fees.clauses import ParameterValue
from payments.core.fees.exact import read_number
from payments.core.fees.load import FileProblem, ReadFile
from payments.core.fees.schedule import Item, Schedule
from payments.core.fees.walk import parts_of, references_of, words_of, words_of_item
from payments.core.fees.words import AMOUNT, FACT_WORDS
from payments.core.fees.yaml_text import Path

Files = Sequence[ReadFile[Schedule]]


def check_schedules(files: Files, *, complete: bool = True) -> Iterator[FileProblem]:
    """Every problem between the schedules; ``complete``: no file was left out, so that what is missing is missing."""
    newest = newest_of(files)
    yield from _documents(files)
    for file in files:
        yield from _words(file)
        yield from _never(file)
    yield from _overlaps(newest)
    yield from _references(newest, complete)
    yield from _corridors(newest)
    yield from _numbers_set_twice(newest)


def newest_of(files: Files) -> Files:
    """The files with the newest version of each schedule; older ones govern nothing any more."""
    newest: dict[str, int] = {}
    for file in files:
        newest[file.model.schedule] = max(file.model.version, newest.get(file.model.schedule, 0))
    return [file for file in files if file.model.version == newest[file.model.schedule]]


def _documents(files: Files) -> Iterator[FileProblem]:
    alike: dict[str, list[ReadFile[Schedule]]] = defaultdict(list)
    for file in files:
        alike[f"name {file.model.schedule}"].append(file)
        alike[f"number {file.model.document.number}"].append(file)
    pairs = {
        (first.file_name, second.file_name): (first, second)
        for group in alike.values()
        for first, second in combinations(group, 2)
    }
    for first, second in pairs.values():
        yield from _two_documents(first, second)


def _two_documents(first: ReadFile[Schedule], second: ReadFile[Schedule]) -> Iterator[FileProblem]:
    one, other = first.model, second.model
    same_number = one.document.number == other.document.number
    same_issuer = one.document.issuer_vi == other.document.issuer_vi
    if (one.schedule, one.version) == (other.schedule, other.version):
        message = (
            f"version {one.version} of {one.schedule} stands in {first.file_name} already; number it anew"
        )
        yield second.problem(("version",), message)
    elif one.schedule == other.schedule and not (same_number and same_issuer):
        message = f"{one.schedule} is another document in {first.file_name}; give this one a name of its own"
        yield second.problem(("schedule",), message)
    if same_number and not same_issuer and _called_alike(one, other):
        message = (
            f"{first.file_name} calls a document of another issuer so ({one.document.issuer_en}); "
            "write the issuer into name_vi and name_en of both"
        )
        yield second.problem(("document", "name_vi"), message)


def _called_alike(one: Schedule, other: Schedule) -> bool:
    return one.document.name_vi == other.document.name_vi or one.document.name_en == other.document.name_en


def _words(file: ReadFile[Schedule]) -> Iterator[FileProblem]:
    """Words of the language where they mean nothing."""
    for index, item in enumerate(file.model.items):
        rule: Path = ("items", index, "rule")
        if AMOUNT in words_of([item.rule, *item.computed.values()]):
            yield file.problem(rule, "amount is known only to the value and share of a benefit")
        for word in sorted(_facts_as_numbers(item)):
            yield file.problem(rule, f"{word} is no number; ask for it in a condition")
        if not file.model.areas and "area_of_place" in words_of_item(item):
            message = "area_of_place is asked for, and the file has no areas"
            yield file.problem(("items", index, "code"), message)


def _facts_as_numbers(item: Item) -> set[str]:
    """Words such as channel where a number must stand; in conditions, tables and durations they are at home."""
    asked: set[str] = set()
    read: set[str] = set()
    for expression in (item.rule, *item.computed.values(), *(benefit.value for benefit in item.benefits)):
        read |= words_of(expression)
        for _, part in parts_of(expression):
            if isinstance(part, model.TimeBetween):
                asked |= {part.start, part.end}
            elif isinstance(part, model.Lookup):
                asked |= set(part.by)
            elif isinstance(part, model.Case):
                asked |= part.when.keys()
    return (read & FACT_WORDS) - asked


def _never(file: ReadFile[Schedule]) -> Iterator[FileProblem]:
    """Items and benefits of which no day is left."""
    begin, end = file.model.effective_from or date.min, file.model.effective_to or date.max
    for index, item in enumerate(file.model.items):
        place: Path = ("items", index)
        first, last = max(begin, item.effective_from or begin), min(end, item.effective_to or end)
        if first > last:
            yield file.problem((*place, "effective_from"), f"{item.code} is never in force; mend its days")
        for number, benefit in enumerate(item.benefits):
            if (benefit.from_ or first) > last or (benefit.until or last) < first:
                there = (*place, "benefits", number, "from" if benefit.from_ else "until")
                yield file.problem(
                    there, f"{benefit.code} never counts while the item is in force; mend its days"
                )


def _overlaps(files: Files) -> Iterator[FileProblem]:
    groups: dict[tuple[str, str], list[tuple[ReadFile[Schedule], int]]] = defaultdict(list)
    kinds: dict[str, tuple[str, str]] = {}
    for file in files:
        for index, item in enumerate(file.model.items):
            groups[item.code, file.model.territory].append((file, index))
            kind, known_in = kinds.setdefault(item.code, (item.kind, file.file_name))
            if kind != item.kind:
                message = f"{item.code} is a {kind} in {known_in}; kinds never mix, so use another code"
                yield file.problem(("items", index, "kind"), message)
    for (code, _), group in groups.items():
        for (first, one), (second, other) in combinations(group, 2):
            if _meet(period_of(first, one), period_of(second, other)):
                message = (
                    f"{code} is set for that time by {first.model.document.name_en} too; end one earlier"
                )
                yield second.problem(("items", other, "code"), message)


def _meet(first: tuple[date, date], second: tuple[date, date]) -> bool:
    return first[0] <= second[1] and second[0] <= first[1]


def period_of(file: ReadFile[Schedule], index: int | None = None) -> tuple[date, date]:
    """The days of a schedule, or of one item of it."""
    texts: list[Schedule | Item] = [file.model] if index is None else [file.model, file.model.items[index]]
    begins = [text.effective_from for text in texts if text.effective_from]
    ends = [text.effective_to for text in texts if text.effective_to]
    return max(begins, default=date.min), min(ends, default=date.max)


def _references(files: Files, complete: bool) -> Iterator[FileProblem]:
    references: dict[str, set[str]] = defaultdict(set)
    parameters = {parameter.code for file in files for parameter in file.model.parameters}
    for file in files:
        for item in file.model.items:
            references[item.code] |= references_of(item)
    names = {file.model.schedule for file in files}
    circles = {code for code in references if _reaches(code, code, references, set())}
    for file in files:
        if complete:
            yield from _strangers(file, references.keys(), parameters, names)
        for index, item in enumerate(file.model.items):
            if item.code in circles:
                yield file.problem(("items", index, "rule"), f"{item.code} refers to itself in a circle")


def _strangers(
    file: ReadFile[Schedule], known: Set[str], parameters: Set[str], names: Set[str]
) -> Iterator[FileProblem]:
    """References to what no file sets."""
    for place, part in parts_of(file.model):
        if isinstance(part, model.Refer) and part.item not in known:
            yield file.problem((*place, "item"), f"refers to {part.item}, which no file sets")
        if isinstance(part, model.Parameter) and part.code not in parameters:
            yield file.problem((*place, "code"), f"refers to the parameter {part.code}, which no file has")
    for index, benefit in enumerate(file.model.benefits):
        for target in sorted(set(benefit.applies_to or ()) - known):
            message = f"{benefit.code} applies to {target}, which no file sets"
            yield file.problem(("benefits", index, "applies_to"), message)
    for index, transition in enumerate(file.model.transitions):
        for name in sorted(set(transition.older) - names):
            message = f"leaves cases to {name}, which no file is; leave older out where it is not on file"
            yield file.problem(("transitions", index, "older"), message)


def _reaches(start: str, goal: str, references: Mapping[str, set[str]], seen: set[str]) -> bool:
    for target in references.get(start, ()):
        if target == goal:
            return True
        if target not in seen:
            seen.add(target)
            if _reaches(target, goal, references, seen):
                return True
    return False


def _corridors(files: Files) -> Iterator[FileProblem]:
    """A text may set a number only within the corridor that the texts of its time leave."""
    corridors: dict[str, list[tuple[ReadFile[Schedule], ParameterValue]]] = defaultdict(list)
    for file in files:
        for parameter in file.model.parameters:
            if parameter.least is not None or parameter.most is not None:
                corridors[parameter.code].append((file, parameter))
    for file in files:
        for index, parameter in enumerate(file.model.parameters):
            for bounding, corridor in corridors[parameter.code]:
                if not _inside(parameter, corridor) and _meet(period_of(file), period_of(bounding)):
                    limits = f"{corridor.least} to {corridor.most}"
                    message = f"{parameter.value} is outside {limits} of {bounding.model.document.name_en}"
                    yield file.problem(("parameters", index, "value"), message)


def _numbers_set_twice(files: Files) -> Iterator[FileProblem]:
    setting: dict[tuple[str, str], list[tuple[ReadFile[Schedule], int]]] = defaultdict(list)
    for file in files:
        for index, parameter in enumerate(file.model.parameters):
            if parameter.value is not None:
                setting[parameter.code, file.model.territory].append((file, index))
    for (code, _), group in setting.items():
        for (first, _), (second, index) in combinations(group, 2):
            if _meet(period_of(first), period_of(second)):
                name = first.model.document.name_en
                message = f"{code} is set for that time by {name} too; end one earlier"
                yield second.problem(("parameters", index, "code"), message)


def _inside(parameter: ParameterValue, corridor: ParameterValue) -> bool:
    if parameter.value is None:
        return True
    value = read_number(str(parameter.value))
    above = corridor.least is None or value >= read_number(str(corridor.least))
    return above and (corridor.most is None or value <= read_number(str(corridor.most)))
