"""Writing many rows at once, the same way on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

Row = Mapping[str, Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert ``rows``; nothing happens when there are none."""
    if rows:
        connection.execute(insert(table), list(rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert those of ``rows`` that break no uniqueness; the others are left out silently."""
    if rows:
        connection.execute(upsert(connection, table).on_conflict_do_nothing(), list(rows))


def upsert(connection: Connection, table: Table) -> PostgresqlInsert | SqliteInsert:
    """An INSERT that can say ``on_conflict_…`` in the dialect of ``connection``."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
