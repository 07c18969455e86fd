"""Find a receipt by what its holder has: the lookup code on it, or the payment link and its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from payments.store.tables import (
    agencies,
    payment_request_lines,
    payment_requests,
    receipt_books,
    receipt_files,
    receipts,
)


def find_by_lookup_code(connection: Connection, lookup_code: str) -> Row[Any, Any, Any, Any] | None:
    """The receipt's state and content, its request and its agency, or None."""
    query = select(receipts.c.state, receipts.c.content, receipts.c.request_id, receipts.c.agency_code).where(
        receipts.c.lookup_code == lookup_code
    )
    return connection.execute(query).first()


def find_english(connection: Connection, request_id: str, agency_code: str) -> Mapping[str, str]:
    """The English of the agency's name and of the legal bases of the request's lines, by the Vietnamese; what
    has no English is left out."""
    names = select(agencies.c.name_vi, agencies.c.name_en).where(agencies.c.code == agency_code)
    lines = payment_request_lines.c
    bases = select(lines.legal_basis_vi, lines.legal_basis_en).where(lines.request_id == request_id)
    rows = [*connection.execute(names), *connection.execute(bases)]
    return {vietnamese: english for vietnamese, english in rows if english}


def find_files(
    connection: Connection,
    token: str,
    series: tuple[str, str],
    number: int,
    file_format: str,
) -> Mapping[str, bytes]:
    """The kept bytes, in ``file_format`` (pdf or xml), of those receipts of the payment link ``token`` that
    bear this number in a series of form code and serial, by collector: each has books of its own.

    Empty while the papers are still being made.
    """
    form_code, serial = series
    query = (
        select(receipts.c.agency_code, receipt_files.c.bytes)
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
    return {agency_code: bytes(content) for agency_code, content in connection.execute(query)}
