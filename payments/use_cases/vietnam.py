"""The day in Vietnam, where the law counts days."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def today(now: datetime) -> date:
    """The day that it is in Vietnam."""
    return now.astimezone(VIETNAM).date()
