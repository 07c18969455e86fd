"""The calculator of a tariff page: from the form's query to a quote, or to every problem beside its field.

It works without JavaScript: the form is sent by GET, so that an answer has an address of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import QueryParams

from payments.core.fees.catalogue import Procedure, period
from payments.core.fees.inputs import CHANNELS, Facts
from payments.core.fees.quote import Quote, quote
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Input
from payments.core.fees.tariff import Teller, Text, name_of_territory
from payments.core.fees.walk import words_of_item
from payments.core.refusals import Problem

PREFIX = "i."
MOST_LETTERS = 100
ANY_STATUS = "any"
BUDGET_STATUS = "budget"


@dataclass(frozen=True, slots=True)
class Form:
    """What the calculator asks besides the procedure's own inputs."""

    territories: tuple[tuple[str, str], ...]  # code and name; none where it makes no difference
    beneficiaries: tuple[tuple[str, str], ...]
    asks_event: bool


@dataclass(frozen=True, slots=True)
class Calculation:
    """What was typed, and what came of it: a quote, or problems by field, or a refusal about no field.

    ``asked`` says that somebody pressed the button, so that what is missing is worth a complaint.
    """

    typed: Mapping[str, str]
    claimed: frozenset[str]
    day: date
    asked: bool
    quote: Quote | None
    refusal: FeeRefusal | None
    problems: Mapping[str, Problem]

    @property
    def incomplete(self) -> bool:
        return self.refusal is not None and self.refusal.code == "input_missing"


def calculator_form(teller: Teller, procedure: Procedure) -> Form:
    """The questions that make a difference to ``procedure``."""
    texts = teller.texts_of(procedure)
    local = any(schedule.territory or schedule.areas for _, schedule in texts)
    groups = [(code, teller.group(code)) for code in procedure.beneficiaries]
    event = any(
        "event_on" in {item.decided_by, schedule.decided_by} or "event_on" in words_of_item(item)
        for item, schedule in texts
        if period(schedule, item)[1] >= teller.day
    )
    return Form(
        tuple(_territories(teller)) if local else (),
        tuple(sorted(groups, key=lambda pair: pair[1])),
        event,
    )


def calculate(teller: Teller, procedure: Procedure, query: QueryParams) -> Calculation:
    """The answer to what ``query`` asks; nothing in it is taken for granted."""
    typed = {name: value.strip()[:MOST_LETTERS] for name, value in query.items()}
    claimed = frozenset(value[:MOST_LETTERS] for value in query.getlist("beneficiary"))
    problems: dict[str, Problem] = {}
    day = _day("on", typed, problems) or teller.day
    facts = Facts(
        inputs=_inputs(procedure, typed),
        filed_on=day,
        paid_on=day,
        received_on=day,
        event_on=_day("event_on", typed, problems),
        channel=typed.get("channel") or "online",
        territory=typed.get("territory", ""),
        beneficiaries=claimed,
        collector_status=_status(teller.texts_of(procedure), day),
    )
    answer, refusal = None, None
    try:
        answer = quote(teller.catalogue, procedure.code, facts)
    except FeeRefusal as found:
        refusal = found
        problems = {**{problem.field: problem for problem in found.problems}, **problems}
    if problems:
        answer = None
    return Calculation(typed, claimed, day, "calculate" in typed, answer, refusal, problems)


def channels() -> tuple[str, ...]:
    """The channels, the one of this gateway first."""
    return ("online", *sorted(CHANNELS - {"online"}))


def _territories(teller: Teller) -> list[tuple[str, str]]:
    """Every province, and inside it the former ones it was made of."""
    places = set(teller.catalogue.claimable.territories)
    for code, former in teller.catalogue.claimable.former.items():
        places.add(code)
        if len(former) > 1:
            places.update(f"{code}/{inner}" for inner in former)
    return sorted((code, name_of_territory(teller.catalogue, code, teller.language)) for code in places)


def _status(texts: Sequence[Text], day: date) -> str:
    """A kind of collector that the texts know: who keeps what does not change what is due."""
    for item, schedule in texts:
        begin, end = period(schedule, item)
        listed = [status for each in item.retention or () for status in each.status]
        if begin <= day <= end and listed and not {ANY_STATUS, BUDGET_STATUS} & set(listed):
            return listed[0]
    return BUDGET_STATUS


def _inputs(procedure: Procedure, typed: Mapping[str, str]) -> dict[str, object]:
    inputs: dict[str, object] = {}
    for question in procedure.inputs:
        if question.type == "quantities":
            table = _quantities(question, typed)
            if table:
                inputs[question.name] = table
        elif text := typed.get(PREFIX + question.name, ""):
            inputs[question.name] = _plain(question.type, text)
    return inputs


def _quantities(question: Input, typed: Mapping[str, str]) -> dict[str, str]:
    found = {
        option.value: typed.get(f"{PREFIX}{question.name}.{option.value}", "") for option in question.options
    }
    return {option: _plain("decimal", text) for option, text in found.items() if text}


def _plain(kind: str, text: str) -> str:
    """Digits as people type them, ``1.000.000`` and ``2,5``, as the engine reads them."""
    if kind in ("whole", "money"):
        bare = text.replace(".", "").replace(",", "").replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        return bare if bare.isdigit() else text
    if kind == "decimal" and text.count(",") == 1:
        return text.replace(".", "").replace(",", ".")
    return text


def _day(name: str, typed: Mapping[str, str], problems: dict[str, Problem]) -> date | None:
    text = typed.get(name, "")
    if not text:
        return None
    with suppress(ValueError):
        return date.fromisoformat(text)
    problems[name] = Problem(name, "Phải là ngày dạng 2026-12-31.", "This must be a date such as 2026-12-31.")
    return None
