"""A fee that cannot be computed, told in the words of the body that asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from payments.core.fees.refusals import FeeRefusal
from payments.core.refusals import Invalid, Problem
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.web.portal.asked import NewPaymentRequest
from payments.web.portal.call import Call

MOST_HINTS = 3


@contextmanager
def fields_of_an_obligation() -> Iterator[None]:
    """Name the fields of an Invalid as the body does, where those of an obligation stand under ``obligation``."""
    try:
        yield
    except FeeRefusal:
        raise
    except Invalid as refusal:
        problems = tuple(
            Problem(f"obligation.{each.field}", each.message_vi, each.message_en) for each in refusal.problems
        )
        raise Invalid(refusal.code, refusal.message_vi, refusal.message_en, problems) from None


@contextmanager
def fields_of_the_body(call: Call, procedure_code: str) -> Iterator[None]:
    """Name the fields of a FeeRefusal as the body does, and hint at codes like one that is unknown."""
    try:
        yield
    except FeeRefusal as refusal:
        problems = tuple(_located(each) for each in refusal.problems)
        if refusal.code == "unknown_procedure":
            codes = (each.code for each in current_catalogue(call.gateway).procedures())
            problems = (_hint(procedure_code, codes),)
        raise FeeRefusal(
            refusal.code,
            refusal.message_vi,
            refusal.message_en,
            problems,
            schedule=refusal.schedule,
            article=refusal.article,
        ) from None


def _located(problem: Problem) -> Problem:
    """The engine knows inputs by their names alone; in the body they stand under ``inputs``."""
    if problem.field in NewPaymentRequest.model_fields:
        return problem
    return Problem(f"inputs.{problem.field}", problem.message_vi, problem.message_en)


def _hint(code: str, codes: Iterable[str]) -> Problem:
    alike = ", ".join(get_close_matches(code, list(codes), MOST_HINTS))
    see = "GET /v1/procedures"
    if not alike:
        return Problem("procedure_code", f"Xem danh mục tại {see}.", f"See the list at {see}.")
    return Problem(
        "procedure_code",
        f"Có phải một trong: {alike}? Xem danh mục tại {see}.",
        f"Is it one of {alike}? See the list at {see}.",
    )
