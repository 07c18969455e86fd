"""Why something asked of Thuphi is refused.

A refusal is an answer, not a fault: it carries a stable code for programs and a sentence in Vietnamese and
English for people, and says how to mend what is wrong. ``web/edge.py`` turns it into an HTTP answer.

    Refusal
    ├── Invalid         400/422  the request itself is wrong
    ├── NotFound        404      there is no such thing, or it is not yours
    ├── Conflict        409      it contradicts what already is
    └── Unavailable     503      it cannot be done at the moment
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field."""

    field: str
    message_vi: str
    message_en: str


class Refusal(Exception):
    """Base of everything Thuphi refuses; ``code`` never changes its meaning."""

    def __init__(
        self, code: str, message_vi: str, message_en: str, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(f"{code}: {message_en}")
        self.code = code
        self.message_vi = message_vi
        self.message_en = message_en
        self.problems = problems


class Invalid(Refusal):
    """The request is wrong in itself; ``problems`` names every field at once."""


class NotFound(Refusal):
    """There is no such thing for the one who asks."""


class Conflict(Refusal):
    """The request contradicts the present state."""


class Unavailable(Refusal):
    """It cannot be done now; asking again later may succeed."""
