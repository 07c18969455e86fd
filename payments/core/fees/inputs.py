"""What is known about a case, and the check of what somebody supplied.

All problems are found at once, so that a form can be corrected in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from payments.core.fees.claims import Claimable
from payments.core.fees.exact import Number, read_number
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Input
from payments.core.refusals import Problem

Known = int | Fraction | str | bool | date | dict[str, Number]
"""An input after its check."""

MOST_BY_TYPE: Mapping[str, int] = {
    "whole": 1_000_000,
    "money": 10**15,
    "decimal": 10**12,
    "quantities": 10**9,
}
CHANNELS = frozenset({"online", "counter", "post"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a fee can depend on besides the texts themselves.

    ``inputs`` answers the procedure's questions. ``territory`` is a province code, with the former province
    after a slash where an older tariff lives on (``"31/30"``). ``beneficiaries`` are the groups the payer
    proves to belong to. ``agency_territories`` are those of the collectors, which may be named besides the
    catalogue's own. ``collector_status`` decides who keeps what: ``lump_sum`` or ``budget``, or a status
    that a schedule names. Dates are those of Vietnam.
    """

    inputs: Mapping[str, object]
    filed_on: date
    paid_on: date
    channel: str = "online"
    territory: str = ""
    agency_territories: frozenset[str] = frozenset()
    beneficiaries: frozenset[str] = frozenset()
    collector_status: str = "budget"
    received_on: date | None = None
    event_on: date | None = None

    def day(self, decided_by: str) -> date:
        """The date that a text goes by. Raises FeeRefusal when that date was not supplied."""
        found: date | None = getattr(self, decided_by)
        if found is None:
            problem = Problem(
                decided_by, f"Cần cung cấp ngày “{decided_by}”.", f"Supply the date {decided_by}."
            )
            raise FeeRefusal("input_missing", problem.message_vi, problem.message_en, (problem,))
        return found


@dataclass(slots=True)
class _Findings:
    known: dict[str, Known] = field(default_factory=dict)
    missing: list[Problem] = field(default_factory=list)
    invalid: list[Problem] = field(default_factory=list)


class _Wrong(ValueError):
    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en


def check_inputs(questions: tuple[Input, ...], facts: Facts, claimable: Claimable) -> dict[str, Known]:
    """The inputs as exact values, defaults filled in.

    Raises FeeRefusal with every problem at once, claims that no text knows among them.
    """
    found = _Findings()
    names = {question.name for question in questions}
    for name in facts.inputs:
        if name not in names:
            shown = str(name)[:60]
            found.invalid.append(
                Problem(shown, "Thủ tục này không có thông tin này.", "This procedure has no such input.")
            )
    for question in questions:
        _check_one(question, facts.inputs.get(question.name), found)
    if facts.channel not in CHANNELS:
        words = "online, counter, post"
        found.invalid.append(
            Problem("channel", f"Kênh nộp phải là một trong: {words}.", f"Use one of: {words}.")
        )
    found.invalid.extend(_unknown_claims(facts, claimable))
    _refuse(found)
    return found.known


def _unknown_claims(facts: Facts, claimable: Claimable) -> Iterator[Problem]:
    if not facts.beneficiaries <= claimable.beneficiaries:
        wrong = ", ".join(sorted(facts.beneficiaries - claimable.beneficiaries))[:200]
        words = ", ".join(sorted(claimable.beneficiaries)) or "–"
        yield Problem(
            "beneficiaries",
            f"Không có đối tượng “{wrong}”; hãy dùng: {words}.",
            f"No text knows “{wrong}”; use: {words}.",
        )
    known = claimable.territories | (facts.agency_territories - {""})
    if facts.territory and not _is_territory(facts.territory, known, claimable):
        words = ", ".join(_nearest(facts.territory, known, claimable)) or "–"
        yield Problem(
            "territory",
            f"Không có địa bàn “{facts.territory[:40]}”; hãy dùng: {words}.",
            f"No text or agency knows “{facts.territory[:40]}”; use: {words}.",
        )


def _is_territory(place: str, known: frozenset[str], claimable: Claimable) -> bool:
    """Whether ``place`` is known, or is a former province or a commune, by its code, inside one that is."""
    around, _, former = place.rpartition("/")
    if place in known or (around in known and former in claimable.former.get(around, ())):
        return True
    return place in claimable.communes and place.partition("/")[0] in known


def _nearest(place: str, known: frozenset[str], claimable: Claimable) -> list[str]:
    """What may have been meant: the parts of a known province, else every place that is known."""
    around = place.partition("/")[0]
    if around not in known:
        return sorted(known)
    inside = {f"{around}/{code}": name for code, name in claimable.former.get(around, {}).items()}
    texts = {found: "" for found in known if found.startswith(around + "/")}
    return [around, *(f"{found} {name}".strip() for found, name in sorted({**texts, **inside}.items()))]


def missing_input(name: str, label_vi: str, label_en: str) -> Problem:
    return Problem(name, f"Cần cung cấp: {label_vi}.", f"Supply: {label_en}.")


def _refuse(found: _Findings) -> None:
    problems = (*found.invalid, *found.missing)
    if not problems:
        return
    code = "input_invalid" if found.invalid else "input_missing"
    listed_vi = " ".join(f"{problem.field}: {problem.message_vi}" for problem in problems)
    listed_en = " ".join(f"{problem.field}: {problem.message_en}" for problem in problems)
    raise FeeRefusal(code, listed_vi, listed_en, problems)


def _check_one(question: Input, given: object, found: _Findings) -> None:
    value = question.default if given is None or given == "" else given
    if value is None:
        if question.required:
            found.missing.append(missing_input(question.name, question.label_vi, question.label_en))
        return
    try:
        found.known[question.name] = _READERS[question.type](question, value)
    except _Wrong as wrong:
        found.invalid.append(Problem(question.name, wrong.vi, wrong.en))


def _whole(question: Input, value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if type(value) is not int:
        raise _Wrong("Phải là số nguyên, viết liền, không dấu chấm phẩy.", "This must be a whole number.")
    _check_limits(question, value)
    return value


def _decimal(question: Input, value: object) -> Number:
    if isinstance(value, str):
        with suppress(ValueError):
            value = read_number(value)
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise _Wrong(
            "Phải là số thập phân viết dạng chuỗi, ví dụ “0.5”.",
            'This must be a decimal as text, such as "0.5".',
        )
    _check_limits(question, value)
    return value


def _check_limits(question: Input, value: Number) -> None:
    least = question.least if question.least is not None else 0
    most = question.most if question.most is not None else MOST_BY_TYPE[question.type]
    if not least <= value <= most:
        raise _Wrong(f"Phải từ {least} đến {most}.", f"This must lie between {least} and {most}.")


def _option(question: Input, value: object) -> str:
    allowed = [option.value for option in question.options]
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(allowed)
        raise _Wrong(f"Phải là một trong: {words}.", f"This must be one of: {words}.")
    return value


def _yes_no(question: Input, value: object) -> bool:
    words: dict[object, bool] = {"true": True, "false": False}
    answer = words.get(value, value) if isinstance(value, str) else value
    if not isinstance(answer, bool):
        raise _Wrong("Phải là true hoặc false.", "This must be true or false.")
    return answer


def _quantities(question: Input, value: object) -> dict[str, Number]:
    if not isinstance(value, Mapping) or not value:
        raise _Wrong("Phải là bảng tên và số lượng.", "This must be a table of names and quantities.")
    return {_option(question, name): _decimal(question, number) for name, number in value.items()}


def _day(question: Input, value: object) -> date:
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if type(value) is not date:
        raise _Wrong("Phải là ngày dạng 2026-12-31.", "This must be a date such as 2026-12-31.")
    return value


_READERS: Mapping[str, Callable[[Input, object], Known]] = {
    "whole": _whole,
    "money": _whole,
    "decimal": _decimal,
    "option": _option,
    "yes_no": _yes_no,
    "quantities": _quantities,
    "date": _day,
}
