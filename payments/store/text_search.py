"""What a text typed by an officer may mean, and which payment requests it leads to.

It is looked up wherever it can stand (request, dossier, attempt, provider's number, receipt, lookup code), each by
its own index; what is found nowhere is looked for in the payers' names, whatever its accents and case.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    union,
)

from payments.store.tables import attempts, payment_requests, payments, receipt_books, receipts

RECEIPT_NUMBER = re.compile(r"(?P<form>[\w/]+)-(?P<serial>\w+)-(?P<number>\d{1,8})")
MARKS = {**dict.fromkeys(range(0x300, 0x370)), ord("Đ"): "d", ord("đ"): "d"}
LIKELY_A_CODE = re.compile(r"(pr_|TP|RF)[0-9A-Z]{20,}|[\d.\- ]+", re.IGNORECASE)


def ids_of_text(connection: Connection, text: str) -> Select[tuple[str]]:
    """The ids of every request that ``text`` means, by the first of these ways that finds anything: it is a code,
    it is the beginning of a dossier's code, it is in a payer's name. The last one reads every name."""
    for way in (_codes(text), _beginning(text)):
        if connection.execute(way.limit(1)).first() is not None:
            return way
    return _beginning(text) if LIKELY_A_CODE.fullmatch(text) else _names(connection, text)


def _codes(text: str) -> Select[tuple[str]]:
    """Requests that ``text`` names exactly, each column by its own index."""
    spellings = [text, text.upper()]
    compact = re.sub(r"[\s-]", "", text).upper()
    request = payment_requests.c
    ways = [
        select(request.id).where(request.id.in_([text, "pr_" + text[3:].upper()])),
        select(request.id).where(request.dossier_code.in_(spellings)),
        select(attempts.c.request_id).where(attempts.c.reference == compact),
        select(attempts.c.request_id).where(attempts.c.provider_reference == text),
        select(payments.c.request_id).where(payments.c.provider_reference == text),
        select(receipts.c.request_id).where(receipts.c.lookup_code == compact),
    ]
    number = _receipt_number(text)
    return _of_requests(union(*ways, number) if number is not None else union(*ways))


def _of_requests(ways: CompoundSelect[tuple[str]]) -> Select[tuple[str]]:
    """The ids that ``ways`` lead to; money that belongs to no request leads to none."""
    meant = ways.subquery("meant")
    return select(meant.c.id).where(meant.c.id.is_not(None))


def _beginning(text: str) -> Select[tuple[str]]:
    code = payment_requests.c.dossier_code
    begins = (code.startswith(spelling, autoescape=True) for spelling in (text, text.upper()))
    return select(payment_requests.c.id).where(or_(*begins))


def _names(connection: Connection, text: str) -> Select[tuple[str]]:
    return select(payment_requests.c.id).where(_payer_is_called(connection, text))


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
    return unicodedata.normalize("NFD", text).translate(MARKS).lower()


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
