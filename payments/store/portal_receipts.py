"""Receipts as a portal may see them: those of its own payment requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from payments.store.tables import payment_requests, receipt_books, receipt_files, receipts


def find_receipts(
    connection: Connection,
    portal_code: str,
    form_code: str,
    serial: str,
    number: int,
    agency_code: str | None,
) -> Sequence[Row[Any]]:
    """The portal's receipts of this number; more than one only where several collectors' books share it."""
    query = (
        select(receipts, payment_requests.c.dossier_code, receipt_books.c.form_code, receipt_books.c.serial)
        .join(receipt_books, receipt_books.c.id == receipts.c.book_id)
        .join(payment_requests, payment_requests.c.id == receipts.c.request_id)
        .where(
            payment_requests.c.portal_code == portal_code,
            receipt_books.c.form_code == form_code,
            receipt_books.c.serial == serial,
            receipts.c.number == number,
        )
        .order_by(receipts.c.id)
    )
    if agency_code is not None:
        query = query.where(receipts.c.agency_code == agency_code)
    return connection.execute(query).all()


def find_formats(connection: Connection, receipt_id: str) -> frozenset[str]:
    """The formats in which the papers of a receipt have been made."""
    query = select(receipt_files.c.format).where(receipt_files.c.receipt_id == receipt_id)
    return frozenset(connection.execute(query).scalars())


def find_file(connection: Connection, receipt_id: str, file_format: str) -> bytes | None:
    """The kept bytes of a receipt's ``pdf`` or ``xml``, None while they have not been made."""
    query = select(receipt_files.c.bytes).where(
        receipt_files.c.receipt_id == receipt_id, receipt_files.c.format == file_format
    )
    return connection.execute(query).scalar_one_or_none()
