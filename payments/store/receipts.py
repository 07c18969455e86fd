"""Receipt books and receipts: numbers without a gap, taken in the transaction that writes the receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from payments.store.tables import receipt_books, receipts
from payments.store.writing import Row, insert_new, insert_rows


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
    query = (
        select(receipt_books)
        .where(
            receipt_books.c.agency_code.in_(codes),
            receipt_books.c.form_code == form_code,
            receipt_books.c.serial == serial,
        )
        .order_by(receipt_books.c.id)
        .with_for_update(key_share=True)
    )
    return {
        row.agency_code: OpenBook(row.id, row.next_number, row.last_digest)
        for row in connection.execute(query)
    }


def add_receipts(connection: Connection, rows: Sequence[Row], books: Collection[OpenBook]) -> None:
    """Write receipts and where their books now stand."""
    if not rows:
        return
    insert_rows(connection, receipts, rows)
    connection.execute(
        update(receipt_books)
        .where(receipt_books.c.id == bindparam("book"))
        .values(next_number=bindparam("next"), last_digest=bindparam("digest")),
        [{"book": book.id, "next": book.next_number, "digest": book.last_digest} for book in books],
    )
