"""Many values or rows as one parameter: one statement for a batch, whatever its size.

The text of such a statement never changes, so it is built once, and PostgreSQL prepares and plans it once. Rows
travel to PostgreSQL as one JSON document, which becomes a table there: one round trip for all of them. SQLite has
no round trips to save; there the driver carries the statement out row by row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    CursorResult,
    Executable,
    Text,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Row = Mapping[str, Any]


class Texts(TypeDecorator[Collection[str]]):
    """Any number of texts: an array on PostgreSQL, a JSON array on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text()))

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        texts = list(value or ())
        return json.dumps(texts) if dialect.name == "sqlite" else texts


class Among(FunctionElement[Any]):
    """Whether ``tested`` is one of the texts in the parameter ``name``; never true when there are none."""

    # Of no type: behind a Boolean SQLAlchemy writes "= 1" on SQLite, and no index serves such a condition.
    name = "among"
    inherit_cache = True

    def __init__(self, tested: Column[str], name: str) -> None:
        super().__init__(tested, bindparam(name, type_=Texts()))


@compiles(Among, "sqlite")
def _among_on_sqlite(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    tested, texts = element.clauses
    return compiler.process(tested.in_(select(func.json_each(texts).table_valued("value"))), **options)


@compiles(Among, "postgresql")
def _among_on_postgresql(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    tested, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"{tested} = ANY ({texts})"


class _Document(TypeDecorator[Sequence[Row]]):
    """Rows as the text of a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Row] | None, dialect: Dialect) -> str:
        return json.dumps(value, default=_as_json, separators=(",", ":"))


def _as_json(value: object) -> str:
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def given(dialect: str, columns: Mapping[str, Column[Any]]) -> Any:
    """The rows that :func:`for_each` will be given; each name has the type of the column beside it."""
    if dialect == "sqlite":
        return SimpleNamespace(**{name: bindparam(name, type_=like.type) for name, like in columns.items()})
    document = sql_cast(bindparam("rows", type_=_Document()), JSON)
    typed = (column(name, like.type) for name, like in columns.items())
    return func.json_to_recordset(document).table_valued(*typed).render_derived("given", with_types=True).c


def for_each(connection: Connection, statement: Callable[[str], Executable], rows: Sequence[Row]) -> int:
    """Carry out, for each of ``rows``, the statement over :func:`given` rows that ``statement(dialect)`` makes.

    Returns how many rows of the database were written.
    """
    if not rows:
        return 0
    dialect = connection.dialect.name
    parameters = list(rows) if dialect == "sqlite" else {"rows": rows}
    return cast("CursorResult[Any]", connection.execute(statement(dialect), parameters)).rowcount
