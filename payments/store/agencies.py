"""Agencies, procedures and provider accounts: the standing data that requests refer to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from payments.core.ledger import family
from payments.store.sets import Among
from payments.store.tables import agencies, ledger_accounts, procedures
from payments.store.writing import insert_new

AGENCIES = select(agencies).where(Among(agencies.c.code, "agencies"))


def find_agencies(connection: Connection, codes: Collection[str]) -> Mapping[str, Row[Any]]:
    """The agencies among ``codes`` that exist, by code."""
    rows = connection.execute(AGENCIES, {"agencies": codes})
    return {row.code: row for row in rows}


def list_agencies(connection: Connection) -> Sequence[Row[Any]]:
    """Every agency, by name."""
    return connection.execute(select(agencies).order_by(agencies.c.name_vi, agencies.c.code)).all()


def procedures_of(connection: Connection, agency_code: str) -> frozenset[str]:
    """The codes of the procedures that ``agency_code`` decides here."""
    found = select(procedures.c.code).where(procedures.c.agency_code == agency_code)
    return frozenset(connection.execute(found).scalars())


def find_territories(connection: Connection) -> frozenset[str]:
    """The territories that agencies are of."""
    return frozenset(connection.execute(select(agencies.c.territory).distinct()).scalars())


def find_procedure(connection: Connection, code: str) -> Row[Any] | None:
    """The settings of a procedure on this installation: who decides it, from when, what about late money."""
    return connection.execute(select(procedures).where(procedures.c.code == code)).one_or_none()


def open_ledger_accounts(connection: Connection, codes: Sequence[str]) -> None:
    """Open those of the ledger accounts ``codes`` that do not exist yet."""
    rows = [{"code": code, "family": family(code)} for code in sorted(set(codes))]
    insert_new(connection, ledger_accounts, rows)
