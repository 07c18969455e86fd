"""What a text typed by an officer may mean, and which payment requests it leads to.

It is looked up wherever it can stand (request, dossier, attempt, provider's number, receipt, lookup code), and what
is found nowhere, among the words of the payers' names; each by an index of its own.
"""

from __future__ import annotations

import re

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    false,
    or_,
    select,
    union,
)

from payments.core.names import words_of
from payments.store.tables import (
    attempts,
    payer_words,
    payment_requests,
    payments,
    receipt_books,
    receipts,
)

RECEIPT_NUMBER = re.compile(r"(?P<form>[\w/]+)-(?P<serial>\w+)-(?P<number>\d{1,8})")
LIKELY_A_CODE = re.compile(r"(pr_|TP|RF)[0-9A-Z]{20,}|[\d.\- ]+", re.IGNORECASE)
LAST_LETTER = "\U0010ffff"


def ids_of_text(connection: Connection, text: str) -> Select[tuple[str]]:
    """The ids of every request that ``text`` means, by the first of these ways that finds anything: it is a code,
    it is the beginning of a dossier's code, it is what a payer is called."""
    beginning = _beginning(connection, text)
    for way in (_codes(text), beginning):
        if connection.execute(way.limit(1)).first() is not None:
            return way
    return beginning if LIKELY_A_CODE.fullmatch(text) else _names(connection, text)


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


def _beginning(connection: Connection, text: str) -> Select[tuple[str]]:
    code = payment_requests.c.dossier_code
    spellings = (_begins(connection, code, spelling) for spelling in (text, text.upper()))
    return select(payment_requests.c.id).where(or_(*spellings))


def _names(connection: Connection, text: str) -> Select[tuple[str]]:
    """Requests whose payer's name has, for every word of ``text``, a word that begins with it, in any order."""
    request_id = payment_requests.c.id
    called: list[ColumnElement[bool]] = [
        request_id.in_(select(payer_words.c.request_id).where(_begins(connection, payer_words.c.word, word)))
        for word in sorted(words_of(text))
    ]
    return select(request_id).where(*called or [false()])


def _begins(connection: Connection, column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    """``column`` begins with ``beginning``, letter by letter: as a range, which an index by bytes answers.

    SQLite compares bytes. PostgreSQL compares as its language sorts, except by the operators of ``text_pattern_ops``.
    """
    least, less = ("~>=~", "~<~") if connection.dialect.name == "postgresql" else (">=", "<")
    return and_(
        column.bool_op(least)(beginning),
        column.bool_op(less)(beginning + LAST_LETTER),
    )


def _receipt_number(text: str) -> Select[tuple[str]] | None:
    """Receipts by ``form-serial-number`` as they are quoted, or by the number alone."""
    quoted = RECEIPT_NUMBER.fullmatch(text.upper())
    books = select(receipt_books.c.id)
    if quoted is not None:
        books = books.where(
            receipt_books.c.form_code == quoted["form"], receipt_books.c.serial == quoted["serial"]
        )
        number = int(quoted["number"])
    elif text.isascii() and text.isdigit() and len(text) <= 8:
        number = int(text)
    else:
        return None
    # Book by book, of which there are few, also for a number alone: the index begins with the book.
    return select(receipts.c.request_id).where(receipts.c.book_id.in_(books), receipts.c.number == number)
