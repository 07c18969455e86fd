"""What a compiled rule sees while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from payments.core.fees.areas import area_of
from payments.core.fees.exact import Number
from payments.core.fees.inputs import Facts, Known
from payments.core.fees.refusals import FeeRefusal, missing
from payments.core.fees.trace import NO_UNIT, Step, Unit
from payments.core.refusals import Problem

if TYPE_CHECKING:
    from payments.core.fees.algebra import Node
    from payments.core.fees.clauses import Area
    from payments.core.fees.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Context:
    """One case: its checked inputs, its facts, and the texts that other rules refer to."""

    known: Mapping[str, Known]
    facts: Facts
    units: Mapping[str, Unit]
    find_rule: Callable[[str, Context], Node]
    find_parameter: Callable[[str, Context], Number]
    texts: list[Schedule] = field(default_factory=list)  # those that other rules and numbers came from
    derived: Mapping[str, Step] = field(default_factory=dict)  # how a renamed input was computed
    areas: Sequence[Area] = ()
    computed: Mapping[str, Node] = field(default_factory=dict)  # what the item computes under a name
    depth: int = 0  # how many references led here

    def read(self, name: str) -> Known | frozenset[str] | None:
        """An input, or one of the facts that conditions may ask about; None when it was not supplied."""
        if name in self.computed:
            return self._computed(name)
        if name == "area_of_place":
            return area_of(self.areas, self.facts.territory)
        return _FACTS[name](self.facts) if name in _FACTS else self.known.get(name)

    def _computed(self, name: str) -> Number | None:
        """What needs something that was not supplied is itself not supplied."""
        try:
            return self.computed[name].value(self)
        except FeeRefusal as refusal:
            if refusal.code == "input_missing":
                return None
            raise

    def number(self, name: str) -> Number:
        """An input that must be a number. Raises FeeRefusal when it is missing or something else."""
        if name in self.computed:
            return self.computed[name].value(self)
        value = self.known.get(name)
        if value is None:
            raise missing(name)
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            problem = Problem(name, f"“{name}” phải là số.", f"{name} must be a number.")
            raise FeeRefusal("input_invalid", problem.message_vi, problem.message_en, (problem,))
        return value

    def day(self, name: str) -> date:
        """A date, of the facts or supplied as an input. Raises FeeRefusal when it is missing."""
        if name in _FACTS:
            return self.facts.day(name)
        value = self.known.get(name)
        if value is None:
            raise missing(name)
        if not isinstance(value, date):
            problem = Problem(name, f"“{name}” phải là ngày.", f"{name} must be a date.")
            raise FeeRefusal("input_invalid", problem.message_vi, problem.message_en, (problem,))
        return value

    def within(self, areas: Sequence[Area], computed: Mapping[str, Node]) -> Context:
        """The same case as an item sees it that belongs to a text with these areas, and computes these names."""
        if not areas and not computed and not self.areas and not self.computed:
            return self
        return replace(self, areas=areas, computed=computed)

    def deeper(self) -> Context:
        """The same case inside a rule that is referred to."""
        return replace(self, depth=self.depth + 1)

    def unit(self, name: str) -> Unit:
        return self.units.get(name, NO_UNIT)

    def explain(self, name: str) -> Step:
        """The step that reads an input, or that computed it where it came under another name."""
        if name in self.computed:
            return self.computed[name].explain(self)
        number = self.number(name)
        return self.derived.get(name) or Step("number", number, unit=self.unit(name), label=name)

    def renamed(self, steps: Mapping[str, Step], known: Mapping[str, Known]) -> Context:
        """The same case with some inputs supplied under other names: computed ones, and ``known`` ones."""
        numbers = {name: step.value for name, step in steps.items()}
        units = {name: step.unit for name, step in steps.items()}
        return replace(
            self,
            known={**self.known, **known, **numbers},
            units={**self.units, **units},
            derived={**self.derived, **steps},
        )


_FACTS: Mapping[str, Callable[[Facts], str | date | frozenset[str] | None]] = {
    "channel": lambda facts: facts.channel,
    "beneficiary": lambda facts: facts.beneficiaries,
    "collector_status": lambda facts: facts.collector_status,
    "territory": lambda facts: facts.territory,
    "filed_on": lambda facts: facts.filed_on,
    "paid_on": lambda facts: facts.paid_on,
    "received_on": lambda facts: facts.received_on,
    "event_on": lambda facts: facts.event_on,
}


@dataclass(frozen=True, slots=True)
class FactsAlone:
    """A case of which no inputs are asked: what decides which text governs it."""

    facts: Facts

    def read(self, name: str) -> str | date | frozenset[str] | None:
        """One of the facts, None when it was not supplied."""
        return _FACTS[name](self.facts)
