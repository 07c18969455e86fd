"""Is this receipt genuine? For anybody who holds one: by its lookup code, or by the file itself.

The answer shows what the holder already has on paper and no more: of the payer only the first letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from payments.core.lifecycle import ReceiptState
from payments.core.references import ALPHABET
from payments.core.refusals import NotFound
from payments.store import receipt_lookup
from payments.store.database import reading
from payments.use_cases.gateway import Gateway
from receipts.document import Receipt, tidy
from receipts.verify import Problem, verify_pdf, verify_xml

PDF_START = b"%PDF-"
DISPLAY = re.compile(r"(?P<form>[A-Z0-9]{1,10})-(?P<serial>[A-Z0-9]{1,10})-(?P<number>[0-9]{1,8})", re.ASCII)

# Letters that the alphabet leaves out, read as the digits they are taken for.
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
SEPARATORS = re.compile(r"[\s.\-–_]+")


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """A receipt as the books have it, and what has become of it; ``payer`` is masked.

    The paper names the collector and the laws in Vietnamese only; ``english`` has their English by these texts.
    """

    receipt: Receipt
    state: ReceiptState
    payer: str
    english: Mapping[str, str]


class FileFinding(StrEnum):
    """What is wrong with a file that claims to be a receipt; the words of :class:`receipts.verify.Problem`,
    and one that only the books can say."""

    UNREADABLE = Problem.UNREADABLE.value
    UNSIGNED = Problem.UNSIGNED.value
    WRONG_SIGNER = Problem.WRONG_SIGNER.value
    CHANGED = Problem.CHANGED.value
    OUTSIDE_VALIDITY = Problem.OUTSIDE_VALIDITY.value
    OTHER_RECEIPT = Problem.OTHER_RECEIPT.value
    NOT_IN_BOOKS = "not_in_books"


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The outcome for a file: either what is wrong, or the receipt that it is."""

    finding: FileFinding | None
    found: PublicReceipt | None = None


def find_public_receipt(gateway: Gateway, lookup_code: str) -> PublicReceipt:
    """The receipt with this code, however it was typed. Raises NotFound."""
    code = read_lookup_code(lookup_code)
    with reading(gateway.engine) as connection:
        row = receipt_lookup.find_by_lookup_code(connection, code)
        if row is None:
            raise NotFound(
                "unknown_receipt",
                "Không có biên lai nào mang mã tra cứu này.",
                "No receipt has this lookup code.",
            )
        english = receipt_lookup.find_english(connection, row.request_id, row.agency_code)
    receipt = Receipt.from_dict(dict(row.content))
    return PublicReceipt(
        receipt,
        ReceiptState(row.state),
        masked(receipt.payer.name if receipt.payer else ""),
        {tidy(vietnamese): text for vietnamese, text in english.items()},
    )


def check_file(gateway: Gateway, content: bytes) -> FileCheck:
    """Check a sealed PDF or XML: its seal first, then that the books hold the very same receipt."""
    verify = verify_pdf if content.startswith(PDF_START) else verify_xml
    checked = verify(content, gateway.trusted_certificates)
    if checked.receipt is None:
        return FileCheck(FileFinding(checked.problem or Problem.UNREADABLE))
    try:
        found = find_public_receipt(gateway, checked.receipt.lookup_code)
    except NotFound:
        return FileCheck(FileFinding.NOT_IN_BOOKS)
    if found.receipt != checked.receipt:
        return FileCheck(FileFinding.OTHER_RECEIPT)
    return FileCheck(None, found)


def read_receipt_file(
    gateway: Gateway, token: str, display: str, file_format: str, agency_code: str | None
) -> bytes:
    """The papers of a receipt for the holder of its payment link.

    Raises NotFound, also where ``display`` fits receipts of two collectors and ``agency_code`` is not given.
    """
    named = DISPLAY.fullmatch(display)
    if named is not None:
        series, number = (named["form"], named["serial"]), int(named["number"])
        with reading(gateway.engine) as connection:
            files = receipt_lookup.find_files(connection, token, series, number, file_format)
        wanted = [content for code, content in files.items() if agency_code in (None, code)]
        if len(wanted) == 1:
            return wanted[0]
    raise NotFound(
        "unknown_receipt",
        "Không có biên lai này, hoặc biên lai chưa lập xong; xin thử lại sau ít phút.",
        "There is no such receipt, or it is still being made; please try again in a few minutes.",
    )


def read_lookup_code(typed: str) -> str:
    """A lookup code as it was given out, from how somebody typed it; empty when it can be none."""
    code = SEPARATORS.sub("", typed).upper().translate(MISREAD)
    return code if len(code) <= 20 and set(code) <= set(ALPHABET) else ""


def masked(name: str) -> str:
    """The first letter of each word: enough to recognise one's own name, too little to learn another's."""
    return " ".join(f"{word[0]}•••" for word in name.split())
