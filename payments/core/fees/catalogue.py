"""The catalogue: what is in force where and when, compiled once.

It is made from the texts of files and never changes afterwards; a new version of a schedule makes a new
catalogue. Of several versions of one schedule the newest counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from payments.core.fees.algebra import Node, scoped
from payments.core.fees.benefits import CompiledBenefit, compile_benefit
from payments.core.fees.check import check_schedules
from payments.core.fees.check_procedures import check_procedures
from payments.core.fees.claims import Claimable, claimable, groups_by_item, groups_of_procedure
from payments.core.fees.clauses import Conflict, Note, ParameterValue, RefusalNote, Transition
from payments.core.fees.compile import compile_rule
from payments.core.fees.conditions import Predicate, compile_condition
from payments.core.fees.context import Context, FactsAlone
from payments.core.fees.exact import Number, read_number
from payments.core.fees.inputs import Facts
from payments.core.fees.load import FileProblem, FilesRefused, ReadFile, read_file
from payments.core.fees.model_basics import Condition
from payments.core.fees.provinces import Province, ProvinceFile
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.retention import RetentionRule, compile_retention
from payments.core.fees.schedule import (
    Input,
    Item,
    ProcedureFile,
    ProcedureText,
    Schedule,
)
from payments.core.fees.text_refusals import circle, two_numbers, two_texts
from payments.core.fees.trace import DONG, Unit

MOST_REFERENCES = 50


@dataclass(frozen=True, slots=True)
class CompiledItem:
    """One item as one schedule sets it, ready to compute."""

    item: Item
    schedule: Schedule
    rule: Node
    refused: tuple[tuple[Predicate, RefusalNote], ...]
    not_payable: tuple[tuple[Predicate, Note], ...]
    benefits: tuple[CompiledBenefit, ...]
    retention: tuple[RetentionRule, ...]
    computed: Mapping[str, Node]
    conflicts: tuple[tuple[Predicate, Conflict], ...]
    transitions: tuple[tuple[Predicate, Transition], ...]

    def in_force(self, facts: Facts) -> bool:
        begin, end = period(self.schedule, self.item)
        if (begin, end) == (date.min, date.max):
            return True
        return begin <= facts.day(self.item.decided_by or self.schedule.decided_by) <= end

    def still_governing(self) -> CompiledItem:
        """The same for a case that the text still governs after its period: its own benefits count too."""
        benefits = (
            replace(benefit, still_governs=True) if benefit.schedule is self.schedule else benefit
            for benefit in self.benefits
        )
        return replace(self, benefits=tuple(benefits))

    def left_to_older(self, facts: Facts) -> Transition | None:
        """The transition that leaves this case to an older text, if there is one."""
        if not self.transitions:
            return None
        case = FactsAlone(facts)
        return next((transition for holds, transition in self.transitions if holds(case)), None)


@dataclass(frozen=True, slots=True)
class CompiledCharge:
    """An item that a procedure charges: when it does, and its inputs under the item's names."""

    item_code: str
    holds: Predicate
    renamed: Mapping[str, str | Node]
    answers: Mapping[str, str]
    when: Condition | None  # the text of ``holds``
    given: Mapping[str, Any]  # the text of ``renamed``


@dataclass(frozen=True, slots=True)
class Procedure:
    """One administrative procedure: its names, what it asks and what it charges."""

    code: str
    code_source: str  # "national" or "own"
    name_vi: str
    name_en: str
    field_vi: str
    field_en: str
    level: str
    agency: str
    territory: str
    inputs: tuple[Input, ...]
    items: tuple[CompiledCharge, ...]
    units: Mapping[str, Unit]
    beneficiaries: tuple[str, ...]  # the groups that make a difference to what it charges


class Catalogue:
    """Procedures and schedules, indexed. Make it with :meth:`from_files` or :func:`read_catalogue`."""

    def __init__(
        self,
        schedules: Iterable[Schedule],
        procedures: Iterable[ProcedureText],
        provinces: Iterable[Province] = (),
    ) -> None:
        self._schedules = _newest(schedules)
        texts = tuple(procedures)
        groups = groups_by_item(self._schedules)
        self._claimable = claimable(self._schedules, texts, provinces)
        self._procedures = {text.code: _procedure(text, groups) for text in texts}
        benefits = _benefits_by_item(self._schedules)
        self._items: dict[tuple[str, str], list[CompiledItem]] = defaultdict(list)
        self._parameters: dict[tuple[str, str], list[tuple[ParameterValue, Schedule]]] = defaultdict(list)
        self._names: dict[str, tuple[str, str]] = {}
        for schedule in self._schedules:
            for item in schedule.items:
                self._names[item.code] = (item.name_vi, item.name_en)
                compiled = _item(item, schedule, benefits.get(item.code, ()))
                self._items[item.code, schedule.territory].append(compiled)
            for parameter in schedule.parameters:
                self._parameters[parameter.code, schedule.territory].append((parameter, schedule))

    @classmethod
    def from_files(cls, files: Mapping[str, str]) -> Catalogue:
        """Read files (name → text). Raises FilesRefused with every problem of every file."""
        catalogue, problems = read_catalogue(files)
        if problems:
            raise FilesRefused(problems)
        return catalogue

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        return self._schedules

    @property
    def claimable(self) -> Claimable:
        """The groups and territories that its texts name."""
        return self._claimable

    def procedures(self) -> tuple[Procedure, ...]:
        """All procedures, by code."""
        return tuple(self._procedures[code] for code in sorted(self._procedures))

    def procedure(self, code: str) -> Procedure:
        """Raises FeeRefusal (``unknown_procedure``)."""
        found = self._procedures.get(code)
        if found is None:
            shown = str(code)[:60]
            raise FeeRefusal(
                "unknown_procedure",
                f"Không có thủ tục mã “{shown}” trong danh mục.",
                f"There is no procedure with the code “{shown}” in the catalogue.",
            )
        return found

    def item(self, code: str, facts: Facts) -> CompiledItem:
        """The item in force: the nearest territory's own, else the wider one's. Raises FeeRefusal."""
        for territory in _outwards(facts.territory):
            found = [item for item in self._items.get((code, territory), ()) if item.in_force(facts)]
            if len(found) > 1:
                raise two_texts([each.schedule for each in found], found[0].item.article_en)
            if found:
                transition = found[0].left_to_older(facts)
                return found[0] if transition is None else self._older(found[0], transition, facts)
        name_vi, name_en = self._names.get(code, (code, code))
        raise FeeRefusal(
            "no_rate_in_force",
            f"Chưa có mức thu “{name_vi}” có hiệu lực vào ngày và địa bàn này; chưa có không phải là 0 đồng.",
            f"No rate for “{name_en}” is in force on that date and territory; not set is not nought.",
        )

    def _older(self, found: CompiledItem, transition: Transition, facts: Facts) -> CompiledItem:
        """The same item as an older text sets it, whose period is over. Raises FeeRefusal where it is not on file."""
        for territory in _outwards(facts.territory):
            listed = self._items.get((found.item.code, territory), ())
            older = _latest([each for each in listed if each.schedule.schedule in transition.older])
            if len(older) > 1:
                raise two_texts([each.schedule for each in older], older[0].item.article_en)
            if older:
                return older[0].still_governing()
        item = found.item
        raise FeeRefusal(
            "no_rate_in_force",
            f"Hồ sơ này theo văn bản cũ, mức thu “{item.name_vi}” của văn bản đó chưa có trong dữ liệu.",
            f"This case follows an older text, whose rate for “{item.name_en}” is not on file.",
            schedule=found.schedule.schedule,
            article=transition.article_en or item.article_en,
        )

    def find_rule(self, code: str, context: Context) -> Node:
        """The rule that another rule refers to. Raises FeeRefusal, also where references go in a circle."""
        found = self.item(code, context.facts)
        context.texts.append(found.schedule)
        if context.depth > MOST_REFERENCES:
            raise circle(found.schedule, found.item.article_en)
        return scoped(found.rule, found.schedule.areas, found.computed)

    def find_parameter(self, code: str, context: Context) -> Number:
        """A number that a text sets, by the same order as items. Raises FeeRefusal."""
        for territory in _outwards(context.facts.territory):
            found = [
                (parameter.value, schedule)
                for parameter, schedule in self._parameters.get((code, territory), ())
                if parameter.value is not None and _in_force(schedule, context.facts)
            ]
            if len(found) > 1:
                raise two_numbers(code, [schedule for _, schedule in found])
            for value, schedule in found:
                context.texts.append(schedule)
                return read_number(str(value))
        raise FeeRefusal(
            "no_rate_in_force",
            f"Chưa có giá trị “{code}” có hiệu lực vào ngày này.",
            f"No value for “{code}” is in force on that date.",
        )


def read_catalogue(files: Mapping[str, str]) -> tuple[Catalogue, tuple[FileProblem, ...]]:
    """A catalogue of all files that are sound, and the problems of the others.

    Problems between files (an overlap, a rate outside its corridor) are reported but do not leave a file out.
    """
    found: list[ReadFile[Schedule] | ReadFile[ProcedureFile] | ReadFile[ProvinceFile]] = []
    problems: list[FileProblem] = []
    for file_name in sorted(files):
        try:
            found.append(read_file(files[file_name], file_name))
        except FilesRefused as refused:
            problems.extend(refused.problems)
    schedules = [file for file in found if isinstance(file.model, Schedule)]
    procedures = [file for file in found if isinstance(file.model, ProcedureFile)]
    complete = len(found) == len(files)
    problems.extend(check_schedules(schedules, complete=complete))
    problems.extend(check_procedures(schedules, procedures, complete=complete))
    texts = [text for file in procedures for text in file.model.procedures]
    provinces = [
        province
        for file in found
        if isinstance(file.model, ProvinceFile)
        for province in file.model.provinces
    ]
    return Catalogue([file.model for file in schedules], texts, provinces), tuple(problems)


def period(schedule: Schedule, item: Item | None = None) -> tuple[date, date]:
    """From when until when, both inclusive; an item may narrow its schedule's period."""
    begin = schedule.effective_from or date.min
    end = schedule.effective_to or date.max
    if item is not None:
        begin = max(begin, item.effective_from or date.min)
        end = min(end, item.effective_to or date.max)
    return begin, end


def _in_force(schedule: Schedule, facts: Facts) -> bool:
    begin, end = period(schedule)
    return begin <= facts.day(schedule.decided_by) <= end


def _latest(items: list[CompiledItem]) -> list[CompiledItem]:
    """Those that were in force last."""
    ends = [period(each.schedule, each.item)[1] for each in items]
    return [each for each, end in zip(items, ends, strict=True) if end == max(ends)]


def _outwards(territory: str) -> Iterable[str]:
    """``31/30``, then ``31``, then the whole country."""
    while territory:
        yield territory
        territory = territory.rpartition("/")[0]
    yield ""


def _newest(schedules: Iterable[Schedule]) -> tuple[Schedule, ...]:
    newest: dict[str, Schedule] = {}
    for schedule in schedules:
        known = newest.get(schedule.schedule)
        if known is None or known.version < schedule.version:
            newest[schedule.schedule] = schedule
    return tuple(newest.values())


def _benefits_by_item(schedules: Iterable[Schedule]) -> dict[str, list[CompiledBenefit]]:
    found: dict[str, list[CompiledBenefit]] = defaultdict(list)
    for schedule in schedules:
        for benefit in schedule.benefits:
            for code in benefit.applies_to or ():
                found[code].append(compile_benefit(benefit, schedule))
    return found


def _item(item: Item, schedule: Schedule, others: Iterable[CompiledBenefit]) -> CompiledItem:
    own = [compile_benefit(benefit, schedule) for benefit in item.benefits]
    return CompiledItem(
        item,
        schedule,
        compile_rule(item.rule, DONG),
        tuple((compile_condition(note.when), note) for note in item.refused),
        tuple((compile_condition(note.when), note) for note in item.not_payable),
        (*own, *others),
        tuple(compile_retention(retention) for retention in item.retention or ()),
        {name: compile_rule(part) for name, part in item.computed.items()},
        tuple(
            (compile_condition(conflict.when), conflict)
            for conflict in schedule.conflicts
            if item.code in (conflict.applies_to or ())
        ),
        tuple(
            (compile_condition(transition.when), transition)
            for transition in schedule.transitions
            if transition.applies_to is None or item.code in transition.applies_to
        ),
    )


def _procedure(text: ProcedureText, groups: Mapping[str, frozenset[str]]) -> Procedure:
    names = {question.name for question in text.inputs}
    items = tuple(
        CompiledCharge(
            charged.item,
            compile_condition(charged.when),
            {
                name: part if isinstance(part, str) and part in names else compile_rule(part)
                for name, part in charged.inputs.items()
            },
            charged.answers,
            charged.when,
            charged.inputs,
        )
        for charged in text.items
    )
    units = {
        question.name: DONG if question.type == "money" else (question.unit_vi, question.unit_en)
        for question in text.inputs
    }
    return Procedure(
        text.code,
        text.code_source,
        text.name_vi,
        text.name_en,
        text.field_vi,
        text.field_en,
        text.level,
        text.agency,
        text.territory,
        tuple(text.inputs),
        items,
        units,
        groups_of_procedure(text, groups),
    )
