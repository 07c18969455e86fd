"""Receipt books and receipts: numbers without a gap, taken in the transaction that writes the receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, select, update

from payments.store.sets import Among, Row, for_each, given
from payments.store.tables import receipt_books, receipts
from payments.store.writing import insert_new, insert_rows

BOOKS = (
    select(receipt_books)
    .where(
        Among(receipt_books.c.agency_code, "agencies"),
        receipt_books.c.form_code == bindparam("form"),
        receipt_books.c.serial == bindparam("series"),
    )
    .order_by(receipt_books.c.id)
    .with_for_update(key_share=True)
)


@dataclass(slots=True)
class OpenBook:
    """A receipt book whose row is locked: the next number and the last link of its chain."""

    id: int
    next_number: int
    last_digest: str


def lock_books(
    connection: Connection, agency_codes: Collection[str], form_code: str, serial: str, year: int, first: str
) -> Mapping[str, OpenBook]:
    """The books of these collectors for a year, opened when they do not exist yet, locked in order.

    ``first`` is the digest that the chain of a new book starts from.
    """
    codes = sorted(set(agency_codes))
    books = _lock(connection, codes, form_code, serial)
    absent = [code for code in codes if code not in books]
    if absent:
        rows = [
            {
                "agency_code": code,
                "form_code": form_code,
                "serial": serial,
                "year": year,
                "next_number": 1,
                "last_digest": first,
            }
            for code in absent
        ]
        insert_new(connection, receipt_books, rows)
        books = _lock(connection, codes, form_code, serial)
    return books


def _lock(connection: Connection, codes: Sequence[str], form_code: str, serial: str) -> dict[str, OpenBook]:
    named = {"agencies": codes, "form": form_code, "series": serial}
    return {
        row.agency_code: OpenBook(row.id, row.next_number, row.last_digest)
        for row in connection.execute(BOOKS, named)
    }


def add_receipts(connection: Connection, rows: Sequence[Row], books: Collection[OpenBook]) -> None:
    """Write receipts and where their books now stand."""
    if not rows:
        return
    insert_rows(connection, receipts, rows)
    for_each(
        connection,
        _move_books,
        [{"book": book.id, "next": book.next_number, "digest": book.last_digest} for book in books],
    )


@cache
def _move_books(dialect: str) -> Executable:
    column = receipt_books.c
    new = given(dialect, {"book": column.id, "next": column.next_number, "digest": column.last_digest})
    return (
        update(receipt_books)
        .where(column.id == new.book)
        .values(next_number=new.next, last_digest=new.digest)
    )
