"""The filters of the list as they stand in its address, so that a list can be shared by its link.

Days are days in Vietnam; a period includes its last day. Amounts may be written with dots, commas or spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from payments.core.lifecycle import RequestState
from payments.core.money import MOST_DONG
from payments.core.refusals import Problem
from payments.store.payments_search import DateKind, PaymentFilter
from payments.web.templating import VIETNAM

Value = TypeVar("Value")

MOST_TEXT = 200
AMOUNT = re.compile(r"[0-9]{1,3}(?:[., ][0-9]{3})+|[0-9]{1,13}")
DAY = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
FIELDS = ("q", "state", "account", "agency", "date", "from", "to", "least", "most", "troubled")


@dataclass(frozen=True, slots=True)
class FilterForm:
    """``values`` are the fields as they were typed; ``wanted`` is what they mean, None with a problem."""

    values: Mapping[str, str]
    wanted: PaymentFilter | None
    problems: tuple[Problem, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.values.values())

    @property
    def has_bounds(self) -> bool:
        """Whether a period or an amount is asked for."""
        return any(self.values[field] for field in ("date", "from", "to", "least", "most"))

    @property
    def parameters(self) -> dict[str, str]:
        """What the address of this list says: the fields that are not empty."""
        return {name: value for name, value in self.values.items() if value}

    def problem_of(self, field: str) -> Problem | None:
        return next((problem for problem in self.problems if problem.field == field), None)


def read_filters(parameters: Mapping[str, str]) -> FilterForm:
    """The filters of an address; what cannot be read is named with the field it stands in."""
    values = {name: _visible(parameters.get(name, "")) for name in FIELDS}
    problems: list[Problem] = []

    def read(field: str, reader: Callable[[str], Value], empty: Any = None) -> Any:
        if not values[field]:
            return empty
        try:
            return reader(values[field])
        except ValueError:
            problems.append(_problem(field))
            return empty

    first, last = read("from", _day), read("to", _day)
    wanted = PaymentFilter(
        text=values["q"],
        state=read("state", RequestState),
        account_code=values["account"],
        agency_code=values["agency"],
        date_kind=read("date", DateKind, DateKind.CREATED),
        since=None if first is None else _midnight(first),
        until=None if last is None else _midnight(last + timedelta(days=1)),
        least_dong=read("least", read_amount),
        most_dong=read("most", read_amount),
        troubled=values["troubled"] == "1",
    )
    if first is not None and last is not None and last < first:
        problems.append(_problem("to"))
    return FilterForm(values, None if problems else wanted, tuple(problems))


def _visible(text: str) -> str:
    """``text`` without control characters, which no database column holds and nobody typed on purpose."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:MOST_TEXT]


def _day(text: str) -> date:
    """A day as a browser's date field sends it, or as people write it: 2026-09-14 or 14/09/2026."""
    written = DAY.fullmatch(text)
    day = (
        date(int(written["year"]), int(written["month"]), int(written["day"]))
        if written
        else date.fromisoformat(text)
    )
    if not 2000 <= day.year <= 2200:
        raise ValueError("a day of another age")
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def read_amount(text: str) -> int:
    """An amount in đồng as people write it: 1250000, 1.250.000 or 1,250,000. Raises ValueError when it is none."""
    if AMOUNT.fullmatch(text) is None:
        raise ValueError("not an amount")
    amount_dong = int(re.sub(r"[., ]", "", text))
    if amount_dong > MOST_DONG:
        raise ValueError("an amount out of bounds")
    return amount_dong


def _problem(field: str) -> Problem:
    return Problem(field, *PROBLEMS[field])


WRONG_DAY = "Ngày không đúng; hãy viết như 14/09/2026.", "Not a day; write it like 14/09/2026."
WRONG_AMOUNT = "Số tiền không đúng; hãy viết như 1.250.000.", "Not an amount; write it like 1,250,000."
PROBLEMS: Mapping[str, tuple[str, str]] = {
    "state": ("Không có trạng thái này.", "There is no such state."),
    "date": ("Không có loại ngày này.", "There is no such kind of date."),
    "from": WRONG_DAY,
    "to": (
        "Ngày cuối không đúng hoặc trước ngày đầu; hãy viết như 14/09/2026.",
        "The last day is wrong or before the first; write it like 14/09/2026.",
    ),
    "least": WRONG_AMOUNT,
    "most": WRONG_AMOUNT,
}
