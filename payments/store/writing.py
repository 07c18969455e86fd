"""Writing many rows at once, the same way on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

from sqlalchemy import Connection, Executable, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

from payments.store.sets import Row, for_each, given

Names = tuple[str, ...]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert ``rows``, which all have the same columns; nothing happens when there are none."""
    if rows:
        for_each(connection, partial(_insert_all, table, tuple(rows[0])), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert those of ``rows`` that break no uniqueness; the others are left out silently."""
    if rows:
        for_each(connection, partial(_insert_new, table, tuple(rows[0])), rows)


def insert_given(dialect: str, table: Table, names: Names) -> PostgresqlInsert | SqliteInsert:
    """An INSERT of given rows with these columns, for ``for_each``; it can say ``on_conflict_…``."""
    new = given(dialect, {name: table.c[name] for name in names})
    if dialect == "sqlite":
        return sqlite.insert(table).values({name: getattr(new, name) for name in names})
    return postgresql.insert(table).from_select(names, select(*(new[name] for name in names)))


@cache
def _insert_all(table: Table, names: Names, dialect: str) -> Executable:
    return insert_given(dialect, table, names)


@cache
def _insert_new(table: Table, names: Names, dialect: str) -> Executable:
    return insert_given(dialect, table, names).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table) -> PostgresqlInsert | SqliteInsert:
    """An INSERT that can say ``on_conflict_…`` in the dialect of ``connection``."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
