"""What a text typed by an officer may mean, and which payment requests it leads to.

It is looked up wherever it can stand (request, dossier, attempt, provider's number, receipt, lookup code),
each by its own index; a text with letters also among the payers' names, whatever its accents and case.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    func,
    literal_column,
    or_,
    select,
    union,
)

from payments.store.tables import attempts, payment_requests, payments, receipt_books, receipts

RECEIPT_NUMBER = re.compile(r"(?P<form>[\w/]+)-(?P<serial>\w+)-(?P<number>\d{1,8})")
LIKELY_A_CODE = re.compile(r"(pr_|TP|RF)[0-9A-Z]{20,}|[\d.\- ]+", re.IGNORECASE)


def ids_of_text(connection: Connection, text: str) -> Subquery:
    """The ids of every request that ``text`` may mean."""
    spellings = [text, text.upper()]
    compact = re.sub(r"[\s-]", "", text).upper()
    request = payment_requests.c
    ways = [
        select(request.id).where(request.id.in_([text, "pr_" + text[3:].upper()])),
        select(request.id).where(
            or_(*(request.dossier_code.startswith(s, autoescape=True) for s in spellings))
        ),
        select(attempts.c.request_id).where(attempts.c.reference == compact),
        select(attempts.c.request_id).where(attempts.c.provider_reference == text),
        select(payments.c.request_id).where(payments.c.provider_reference == text),
        select(receipts.c.request_id).where(receipts.c.lookup_code == compact),
    ]
    number = _receipt_number(text)
    if number is not None:
        ways.append(number)
    if not LIKELY_A_CODE.fullmatch(text):
        ways.append(select(request.id).where(_payer_is_called(connection, text)))
    return union(*ways).subquery("meant")


def _receipt_number(text: str) -> Select[tuple[str]] | None:
    """Receipts by ``form-serial-number`` as they are quoted, or by the number alone."""
    quoted = RECEIPT_NUMBER.fullmatch(text.upper())
    if quoted is not None:
        wanted = and_(
            receipt_books.c.form_code == quoted["form"],
            receipt_books.c.serial == quoted["serial"],
            receipts.c.number == int(quoted["number"]),
        )
    elif text.isascii() and text.isdigit() and len(text) <= 8:
        wanted = and_(receipts.c.number == int(text))
    else:
        return None
    return (
        select(receipts.c.request_id)
        .join(receipt_books, receipt_books.c.id == receipts.c.book_id)
        .where(wanted)
    )


def _payer_is_called(connection: Connection, text: str) -> ColumnElement[bool]:
    """Every word of ``text`` stands in the payer's name, in any order."""
    name = _folded_name(connection)
    return and_(*(name.contains(word, autoescape=True) for word in fold(text).split()))


def fold(text: str) -> str:
    """``text`` in small letters without accents: "Nguyễn Đình" becomes "nguyen dinh"."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    )
    return bare.lower().replace("đ", "d")


def _folded_name(connection: Connection) -> ColumnElement[str]:
    name = payment_requests.c.payer_name
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        raw.create_function("fold", 1, fold, deterministic=True)
        return func.fold(name)
    composed = func.normalize(name, literal_column("NFC"))
    return func.lower(func.translate(composed, *ACCENTED_AND_BARE))


def _accented_letters() -> tuple[str, str]:
    """Every accented Latin letter, and in the same order the letter under its accents."""
    pairs = [
        (letter, bare)
        for letter in map(chr, range(0xC0, 0x1F00))
        if len(bare := fold(letter)) == 1 and bare.isascii() and bare.isalpha()
    ]
    return "".join(letter for letter, _ in pairs), "".join(bare for _, bare in pairs)


ACCENTED_AND_BARE = _accented_letters()
