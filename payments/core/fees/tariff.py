"""What a procedure charges, as a reader sees it: every item with its rule, its exceptions and its legal basis.

Made from the texts of a catalogue for one day and one language. An item of which no text is in force on that day
is "not set": it has no entry under ``now``, and never an amount of nought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from payments.core.fees.benefit_words import ToldBenefit, tell_benefit
from payments.core.fees.catalogue import Catalogue, CompiledCharge, Procedure, period
from payments.core.fees.clauses import Benefit, Note
from payments.core.fees.condition_words import Vocabulary, can_hold, condition_in_words
from payments.core.fees.group_words import GROUP_NAMES
from payments.core.fees.rule_lines import line
from payments.core.fees.rule_words import Row, rule_in_words
from payments.core.fees.schedule import Item, Schedule

Text = tuple[Item, Schedule]


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


def names_of_groups(schedules: Iterable[Schedule], language: str) -> Mapping[str, str]:
    """What the groups of beneficiaries are called: where no list does, as the first benefit for them alone."""
    names = {code: vi if language == "vi" else en for code, (vi, en) in GROUP_NAMES.items()}
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


class Teller:
    """Tells the tariffs of ``catalogue`` in ``language`` for ``day``; made once, it tells many procedures."""

    def __init__(self, catalogue: Catalogue, language: str, day: date) -> None:
        self.catalogue = catalogue
        self.language = language
        self.day = day
        self._texts: dict[str, list[Text]] = defaultdict(list)
        self._granted: dict[str, list[tuple[Benefit, Schedule]]] = defaultdict(list)
        names: dict[str, str] = {}
        for schedule in catalogue.schedules:
            for item in schedule.items:
                self._texts[item.code].append((item, schedule))
                names[item.code] = self._own(item)
            for benefit in schedule.benefits:
                for code in benefit.applies_to or ():
                    self._granted[code].append((benefit, schedule))
            names.update((number.code, self._own(number)) for number in schedule.parameters)
        rules = {
            item.code: item.rule
            for texts in self._texts.values()
            for item, schedule in texts
            if self.in_force(item, schedule)
        }
        groups = names_of_groups(catalogue.schedules, language)
        self._words = Vocabulary(language, groups=groups, items=names, rules=rules)

    def tariff(self, procedure: Procedure, office_territory: str | None = None) -> Tariff:
        """The tariff of ``procedure``; for an office of ``office_territory`` only what counts there, the nearest
        first."""
        words = replace(self._words, inputs={question.name: question for question in procedure.inputs})
        place = _Place(office_territory or procedure.territory, office_territory is not None)
        items = tuple(self._item(charge, words, place) for charge in procedure.items)
        return Tariff(procedure, self.language, self.day, items)

    def texts_of(self, procedure: Procedure) -> list[Text]:
        """Every text of every item that ``procedure`` charges."""
        return [text for charge in procedure.items for text in self._texts.get(charge.item_code, ())]

    def in_force(self, item: Item, schedule: Schedule) -> bool:
        begin, end = period(schedule, item)
        return begin <= self.day <= end

    def group(self, code: str) -> str:
        """What a group of beneficiaries is called."""
        return self._words.group(code)

    def channel(self, code: str) -> str:
        """What filing on a channel is called."""
        return self._words.channel(code)

    def _own(self, named: object) -> str:
        return str(getattr(named, f"name_{self.language}"))

    def _item(self, charge: CompiledCharge, words: Vocabulary, place: _Place) -> ToldItem:
        called = {name: to for name, to in charge.renamed.items() if isinstance(to, str)}
        renamed = {name: line(part, words) for name, part in charge.given.items() if name not in called}
        own = replace(words, called=called, answers=charge.answers, computed=renamed)
        found = [text for text in self._texts.get(charge.item_code, ()) if place.meets(text[1].territory)]
        found.sort(key=lambda text: (-len(text[1].territory), period(text[1], text[0])[0]))
        now = [text for text in found if self.in_force(*text)]
        later = [text for text in found if period(text[1], text[0])[0] > self.day]
        earlier = [text for text in reversed(found) if period(text[1], text[0])[1] < self.day]
        return ToldItem(
            charge.item_code,
            found[0][0].kind if found else "fee",
            words.items.get(charge.item_code, charge.item_code),
            condition_in_words(charge.when, words),
            *(tuple(self._text(*text, own, place) for text in texts) for texts in (now, later, earlier)),
        )

    def _text(self, item: Item, schedule: Schedule, words: Vocabulary, place: _Place) -> ToldText:
        begin, end = period(schedule, item)
        document = schedule.document
        parts = {name: line(part, words) for name, part in item.computed.items()}
        words = replace(words, computed={**parts, **words.computed})
        return ToldText(
            schedule,
            name_of_territory(self.catalogue, schedule.territory, self.language),
            words.choose(f"{item.article_vi} {document.name_vi}", f"{item.article_en}, {document.name_en}"),
            None if begin == date.min else begin,
            None if end == date.max else end,
            rule_in_words(item.rule, words),
            tuple(self._benefits(item, schedule, words, place)),
            tuple(self._note(note, words) for note in item.not_payable if can_hold(note.when, words)),
            tuple(self._note(note, words) for note in item.refused if can_hold(note.when, words)),
            tuple(
                words.choose(conflict.about_vi, conflict.about_en)
                for conflict in schedule.conflicts
                if item.code in (conflict.applies_to or ())
            ),
        )

    def _note(self, note: Note, words: Vocabulary) -> ToldNote:
        return ToldNote(condition_in_words(note.when, words), words.choose(note.reason_vi, note.reason_en))

    def _benefits(
        self, item: Item, schedule: Schedule, words: Vocabulary, place: _Place
    ) -> Iterator[ToldBenefit]:
        """Those of the item and those that other texts grant on it. What is over, or asks what is never asked here,
        is left out."""
        own = [(benefit, schedule) for benefit in item.benefits]
        others = [
            (benefit, text) for benefit, text in self._granted[item.code] if place.meets(text.territory)
        ]
        for benefit, text in own + others:
            end = min(benefit.until or date.max, text.effective_to or date.max)
            if end >= self.day and can_hold(benefit.when, words):
                there = "" if text is schedule else text.territory
                yield tell_benefit(
                    benefit, text, words, name_of_territory(self.catalogue, there, self.language)
                )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tariff is for. ``strict``: an office's, so that only texts around it count."""

    territory: str
    strict: bool

    def meets(self, territory: str) -> bool:
        """Whether a text of ``territory`` can count here: it lies around the place, or inside it."""
        inner, outer = f"{territory}/", f"{self.territory}/"
        if not territory or outer.startswith(inner):
            return True
        return not self.strict and (not self.territory or inner.startswith(outer))
