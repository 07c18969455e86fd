"""Standing data written when an installation is prepared: accounts, agencies, procedures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from payments.core.ledger import FIRST_DIGEST
from payments.store.agencies import open_ledger_accounts
from payments.store.tables import agencies, ledger_chains, procedures, provider_accounts
from payments.store.writing import insert_new


def add_agencies(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add those agencies whose code is new."""
    insert_new(connection, agencies, rows)


def add_agency(connection: Connection, row: Mapping[str, Any]) -> None:
    """Add an agency. Raises IntegrityError when another has its tax code."""
    connection.execute(insert(agencies), dict(row))


def change_agency(connection: Connection, code: str, values: Mapping[str, Any]) -> None:
    """Write down other ``values`` of an agency. Raises IntegrityError when another has the tax code."""
    connection.execute(update(agencies).where(agencies.c.code == code).values(dict(values)))


def every_agency(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(agencies).order_by(agencies.c.code)).all()


def change_procedure(connection: Connection, code: str, values: Mapping[str, Any]) -> None:
    """Write down other ``values`` of an open procedure."""
    connection.execute(update(procedures).where(procedures.c.code == code).values(dict(values)))


def add_procedures(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open those procedures for payment that are not open yet."""
    insert_new(connection, procedures, rows)


def merchants(connection: Connection) -> Mapping[str, Row[Any]]:
    """Every provider account that this installation has ever had, by code."""
    return {row.code: row for row in connection.execute(select(provider_accounts))}


def add_provider_accounts(
    connection: Connection, rows: Sequence[Mapping[str, Any]], ledger_codes: Sequence[str]
) -> None:
    """Add new provider accounts, each with its chain of transfers, and open their ledger accounts."""
    insert_new(connection, provider_accounts, rows)
    chains = [{"account_code": row["code"], "next_position": 1, "last_digest": FIRST_DIGEST} for row in rows]
    insert_new(connection, ledger_chains, chains)
    open_ledger_accounts(connection, ledger_codes)
