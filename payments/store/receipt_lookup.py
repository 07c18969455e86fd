"""Find a receipt by what its holder has: the lookup code on it, or the payment link and its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from payments.store.tables import payment_requests, receipt_books, receipt_files, receipts


def find_by_lookup_code(connection: Connection, lookup_code: str) -> Row[Any, Any] | None:
    """The receipt's state and content, or None."""
    query = select(receipts.c.state, receipts.c.content).where(receipts.c.lookup_code == lookup_code)
    return connection.execute(query).first()


def find_files(
    connection: Connection,
    token: str,
    series: tuple[str, str],
    number: int,
    file_format: str,
    agency_code: str | None,
) -> Sequence[bytes]:
    """The kept bytes, in ``file_format`` (pdf or xml), of those receipts of the payment link ``token`` that
    bear this number in a series of form code and serial.

    Every collector has books of its own, so two receipts may bear one number unless ``agency_code`` is given.
    Empty while the papers are still being made.
    """
    form_code, serial = series
    query = (
        select(receipt_files.c.bytes)
        .join(receipts, receipts.c.id == receipt_files.c.receipt_id)
        .join(receipt_books, receipt_books.c.id == receipts.c.book_id)
        .join(payment_requests, payment_requests.c.id == receipts.c.request_id)
        .where(
            payment_requests.c.token == token,
            receipt_books.c.form_code == form_code,
            receipt_books.c.serial == serial,
            receipts.c.number == number,
            receipt_files.c.format == file_format,
        )
    )
    if agency_code is not None:
        query = query.where(receipts.c.agency_code == agency_code)
    return [bytes(content) for content in connection.scalars(query)]
