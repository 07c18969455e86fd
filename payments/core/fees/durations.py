"""Time between two days, counted as texts count it.

A month or a year is complete on the same day of the month, or on the month's last day where it has no such day
(Civil Code 2015, article 148): somebody born on 29 February is a year older on 28 February of a common year.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

Count = Literal["completed", "begun"]
DurationUnit = Literal["days", "months", "years"]


def time_between(
    start: date, end: date, unit: DurationUnit, count: Count = "completed", *, both_days: bool = False
) -> int:
    """Whole units from ``start`` to ``end``; ``both_days`` counts the last day too. Raises ValueError backwards."""
    if end < start:
        raise ValueError("the later day comes first")
    if both_days:
        end += timedelta(days=1)
    if unit == "days":
        return (end - start).days
    step = 12 if unit == "years" else 1
    months = (end.year - start.year) * 12 + end.month - start.month
    whole = months // step
    if _after(start, whole * step) > end:
        whole -= 1
    return whole + (count == "begun" and _after(start, whole * step) < end)


def _after(start: date, months: int) -> date:
    """The day on which so many months are complete."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
