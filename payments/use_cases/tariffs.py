"""The public tariff: search for procedures, what one charges, and what an office charges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from payments.core.fees.catalogue import Catalogue, Procedure
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.search import ProcedureIndex
from payments.core.fees.tariff import Teller
from payments.core.refusals import NotFound
from payments.store.agencies import find_agencies, list_agencies, procedures_of
from payments.store.database import reading
from payments.use_cases.catalogue_in_force import current_catalogue
from payments.use_cases.gateway import Gateway
from payments.use_cases.vietnam import today


@dataclass(frozen=True, slots=True)
class Office:
    """A collecting body and the procedures that it decides, in the order of their fields."""

    agency: Row[Any]
    procedures: tuple[Procedure, ...]


def tariff_teller(gateway: Gateway, language: str) -> Teller:
    """Who tells the tariffs of today, made once for each catalogue, language and day."""
    return _teller(current_catalogue(gateway), language, today(gateway.now()))


def procedure_index(gateway: Gateway) -> ProcedureIndex:
    """The index of today's catalogue, made once for each catalogue."""
    return _index(current_catalogue(gateway))


def find_procedures(
    gateway: Gateway, query: str = "", field: str = "", level: str = ""
) -> tuple[Procedure, ...]:
    """The procedures that fit, best first; by code where nothing is asked for in words."""
    found = procedure_index(gateway).search(query, field=field, level=level)
    return found if query.strip() else tuple(sorted(found, key=lambda each: each.code))


def tariff_procedure(gateway: Gateway, code: str) -> Procedure:
    """The procedure ``code``. Raises NotFound."""
    try:
        return current_catalogue(gateway).procedure(code)
    except FeeRefusal as refusal:
        raise NotFound(refusal.code, refusal.message_vi, refusal.message_en) from None


def tariff_offices(gateway: Gateway) -> tuple[Row[Any], ...]:
    """Every collecting body, by name."""
    with reading(gateway.engine) as connection:
        return tuple(list_agencies(connection))


def tariff_office(gateway: Gateway, agency_code: str) -> Office:
    """The office ``agency_code`` with its procedures. Raises NotFound."""
    with reading(gateway.engine) as connection:
        agency = find_agencies(connection, {agency_code}).get(agency_code)
        codes = procedures_of(connection, agency_code)
    if agency is None:
        raise NotFound("unknown_agency", "Không có cơ quan này.", "There is no such office.")
    found = [each for each in procedure_index(gateway).search() if each.code in codes]
    return Office(agency, tuple(found))


@lru_cache(maxsize=2)
def _index(catalogue: Catalogue) -> ProcedureIndex:
    return ProcedureIndex(catalogue.procedures())


@lru_cache(maxsize=4)
def _teller(catalogue: Catalogue, language: str, day: date) -> Teller:
    return Teller(catalogue, language, day)
