"""Why a fee cannot be computed.

The engine refuses rather than guesses: a rate that nobody has entered is not zero, and a value that no band
covers has no fee. Each refusal carries one of :data:`CODES`, names the schedule and the article where there
is one, and says what to supply.

    no_rate_in_force    no schedule sets this item on that date and territory
    value_not_covered   the text says nothing about this value
    out_of_scope        nothing in this procedure applies to these facts
    conflicting_texts   two texts, or two reductions, speak and nothing says which counts
    above_ceiling       a decision by an officer goes beyond what the text allows
    input_missing       something needed was not supplied
    input_invalid       something supplied is wrong; ``problems`` lists all of it at once
    unknown_procedure   there is no such procedure in the catalogue
"""

from __future__ import annotations

from typing import get_args

from payments.core.fees.words import RefusalCode
from payments.core.refusals import Invalid, Problem

CODES = frozenset(get_args(RefusalCode))


class FeeRefusal(Invalid):
    """A fee that is not computed; ``schedule`` and ``article`` are empty where no text is concerned."""

    def __init__(
        self,
        code: str,
        message_vi: str,
        message_en: str,
        problems: tuple[Problem, ...] = (),
        *,
        schedule: str = "",
        article: str = "",
    ) -> None:
        if code not in CODES:
            raise ValueError(f"{code} is not a code of a fee refusal")
        super().__init__(code, message_vi, message_en, problems)
        self.schedule = schedule
        self.article = article


def missing(field: str) -> FeeRefusal:
    """The refusal for an input that a rule needs and nobody supplied."""
    problem = Problem(field, f"Cần cung cấp “{field}”.", f"Supply “{field}”.")
    return FeeRefusal("input_missing", problem.message_vi, problem.message_en, (problem,))
