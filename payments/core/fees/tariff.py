"""What a procedure charges, as a reader sees it: every item with its rule, its exceptions and its legal basis.

Made from the texts of a catalogue for one day and one language. An item of which no text is in force on that day
is "not set": it has no entry under ``now``, and never an amount of nought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from payments.core.fees.benefit_words import ToldBenefit, tell_benefit
from payments.core.fees.catalogue import Catalogue, CompiledCharge, Procedure, period
from payments.core.fees.clauses import Benefit
from payments.core.fees.condition_words import Vocabulary, condition_in_words
from payments.core.fees.rule_words import Row, rule_in_words
from payments.core.fees.schedule import Item, Schedule


@dataclass(frozen=True, slots=True)
class ToldNote:
    """A case and what it means."""

    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class ToldText:
    """An item as one legal text sets it, from ``begin`` to ``end``, both included; None where there is no such day."""

    schedule: Schedule
    territory: str
    legal_basis: str
    begin: date | None
    end: date | None
    rows: tuple[Row, ...]
    benefits: tuple[ToldBenefit, ...]
    not_payable: tuple[ToldNote, ...]
    refused: tuple[ToldNote, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldItem:
    """One item that the procedure charges. Without ``now`` its rate is not set."""

    code: str
    kind: str
    name: str
    when: str  # the cases in which it is charged; empty for all
    now: tuple[ToldText, ...]
    later: tuple[ToldText, ...]
    earlier: tuple[ToldText, ...]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Everything that ``procedure`` charges, told in ``language`` for ``day``."""

    procedure: Procedure
    language: str
    day: date
    items: tuple[ToldItem, ...]


def tell_tariff(
    catalogue: Catalogue, procedure: Procedure, language: str, day: date, territory: str = ""
) -> Tariff:
    """The tariff of ``procedure``; with a ``territory`` only what counts there, the nearest text first."""
    teller = _Teller(catalogue, procedure, language, day, territory or procedure.territory)
    return Tariff(procedure, language, day, tuple(teller.item(charge) for charge in procedure.items))


def names_of_groups(schedules: Iterable[Schedule], language: str) -> Mapping[str, str]:
    """What the groups of beneficiaries are called: as the first benefit calls them that is for one group alone."""
    names: dict[str, str] = {}
    for benefit in _all_benefits(schedules):
        if benefit.beneficiaries is not None and len(benefit.beneficiaries) == 1:
            name = benefit.name_vi if language == "vi" else benefit.name_en
            names.setdefault(benefit.beneficiaries[0], name)
    return names


def name_of_territory(catalogue: Catalogue, territory: str, language: str) -> str:
    """``31/30`` as “Hải Phòng (địa bàn Hải Dương cũ)”; the code itself where no list names it; empty for everywhere."""
    around, _, inner = territory.partition("/")
    former = catalogue.claimable.former.get(around, {})
    name = former.get(around, around)
    if not inner:
        return name
    within = former.get(inner.partition("/")[0], inner)
    return f"{name} (địa bàn {within} cũ)" if language == "vi" else f"{name} (the former {within})"


def _all_benefits(schedules: Iterable[Schedule]) -> Iterator[Benefit]:
    for schedule in schedules:
        yield from schedule.benefits
        for item in schedule.items:
            yield from item.benefits


class _Teller:
    def __init__(
        self, catalogue: Catalogue, procedure: Procedure, language: str, day: date, territory: str
    ) -> None:
        self.catalogue = catalogue
        self.day = day
        self.language = language
        self.territory = territory
        items = [(item, schedule) for schedule in catalogue.schedules for item in schedule.items]
        names = {item.code: self._own(item) for item, _ in items}
        for schedule in catalogue.schedules:
            names.update((number.code, self._own(number)) for number in schedule.parameters)
        self.words = Vocabulary(
            language,
            {question.name: question for question in procedure.inputs},
            groups=names_of_groups(catalogue.schedules, language),
            items=names,
            rules={item.code: item.rule for item, schedule in items if self._in_force(schedule, item)},
        )
        self.texts = items

    def _own(self, named: object) -> str:
        return str(getattr(named, f"name_{self.language}"))

    def _in_force(self, schedule: Schedule, item: Item) -> bool:
        begin, end = period(schedule, item)
        return begin <= self.day <= end

    def item(self, charge: CompiledCharge) -> ToldItem:
        called = {name: to for name, to in charge.renamed.items() if isinstance(to, str)}
        words = replace(self.words, called=called, answers=charge.answers)
        found = [
            (item, schedule)
            for item, schedule in self.texts
            if item.code == charge.item_code and _meets(schedule.territory, self.territory)
        ]
        found.sort(key=lambda pair: (-len(pair[1].territory), period(pair[1], pair[0])[0]))
        kind = found[0][0].kind if found else "fee"
        now = [pair for pair in found if self._in_force(pair[1], pair[0])]
        later = [pair for pair in found if period(pair[1], pair[0])[0] > self.day]
        earlier = [pair for pair in reversed(found) if period(pair[1], pair[0])[1] < self.day]
        return ToldItem(
            charge.item_code,
            kind,
            self.words.items.get(charge.item_code, charge.item_code),
            condition_in_words(charge.when, self.words),
            *(tuple(self._text(*pair, words) for pair in pairs) for pairs in (now, later, earlier)),
        )

    def _text(self, item: Item, schedule: Schedule, words: Vocabulary) -> ToldText:
        begin, end = period(schedule, item)
        vietnamese = self.language == "vi"
        document = schedule.document
        return ToldText(
            schedule,
            name_of_territory(self.catalogue, schedule.territory, self.language),
            f"{item.article_vi} {document.name_vi}"
            if vietnamese
            else f"{item.article_en}, {document.name_en}",
            None if begin == date.min else begin,
            None if end == date.max else end,
            rule_in_words(item.rule, words),
            tuple(self._benefits(item, schedule, words)),
            tuple(self._note(note, words) for note in item.not_payable),
            tuple(self._note(note, words) for note in item.refused),
            tuple(
                conflict.about_vi if vietnamese else conflict.about_en
                for conflict in schedule.conflicts
                if item.code in (conflict.applies_to or ())
            ),
        )

    def _note(self, note: object, words: Vocabulary) -> ToldNote:
        return ToldNote(
            condition_in_words(getattr(note, "when", None), words),
            str(getattr(note, f"reason_{self.language}")),
        )

    def _benefits(self, item: Item, schedule: Schedule, words: Vocabulary) -> Iterator[ToldBenefit]:
        """Those of the item and those that other texts grant on it; what is over for good is left out."""
        granted = [(benefit, schedule) for benefit in item.benefits]
        granted += [
            (benefit, other)
            for other in self.catalogue.schedules
            for benefit in other.benefits
            if item.code in (benefit.applies_to or ()) and _meets(other.territory, self.territory)
        ]
        for benefit, text in granted:
            end = min(benefit.until or date.max, text.effective_to or date.max)
            if end >= self.day:
                yield tell_benefit(benefit, text, words)


def _meets(territory: str, asked: str) -> bool:
    """Whether a text of ``territory`` can count where ``asked`` is: around it, or inside it."""
    inner, outer = f"{territory}/", f"{asked}/"
    return not territory or not asked or outer.startswith(inner) or inner.startswith(outer)
