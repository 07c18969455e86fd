"""Refusals because texts contradict each other, with the names of those texts."""

from __future__ import annotations

from collections.abc import Sequence

from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Schedule


def two_texts(schedules: Sequence[Schedule], article: str) -> FeeRefusal:
    """Several texts set one item for one place and day."""
    return _conflict(
        schedules[0],
        article,
        f"Hai văn bản cùng quy định khoản này: {_names(schedules, 'vi')}. Cần hỏi cán bộ.",
        f"Two texts set this item: {_names(schedules, 'en')}. Ask an officer.",
    )


def two_numbers(code: str, schedules: Sequence[Schedule]) -> FeeRefusal:
    """Several texts set one number for one place and day."""
    return _conflict(
        schedules[0],
        "",
        f"Hai văn bản cùng quy định “{code}”: {_names(schedules, 'vi')}. Cần hỏi cán bộ.",
        f"Two texts set “{code}”: {_names(schedules, 'en')}. Ask an officer.",
    )


def circle(schedule: Schedule, article: str) -> FeeRefusal:
    """Rules refer to each other without end."""
    return _conflict(
        schedule,
        article,
        "Các quy định dẫn chiếu lẫn nhau thành vòng tròn; cần sửa biểu mức thu.",
        "The rules refer to each other in a circle; the schedule must be mended.",
    )


def _conflict(schedule: Schedule, article: str, message_vi: str, message_en: str) -> FeeRefusal:
    return FeeRefusal(
        "conflicting_texts", message_vi, message_en, schedule=schedule.schedule, article=article
    )


def _names(schedules: Sequence[Schedule], language: str) -> str:
    documents = [schedule.document for schedule in schedules]
    return "; ".join(each.name_vi if language == "vi" else each.name_en for each in documents)
