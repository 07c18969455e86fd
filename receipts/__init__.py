"""Receipts for fees and charges: the document, its words, its XML, its PDF and its seal.

Everything here is a pure function of its arguments: no clock, no database, no network, and no
knowledge of payments or providers. The way of a receipt:

    document.Receipt  ──xml.write──▶  XML  ──Sealer.seal_xml──▶  sealed XML
                                                                   │ attached
                      ──pdf.render──▶  PDF/A-3b  ◀─────────────────┘
                                        └──Sealer.seal_pdf──▶  sealed PDF

:mod:`receipts.verify` reads the sealed forms back and says what is wrong with them.
"""

from receipts.document import (
    CHAIN_START,
    Kind,
    Line,
    Party,
    Receipt,
    ReplacedReceipt,
    chain_digest,
    serial_for,
)
from receipts.errors import InvalidReceipt, ReceiptError

__all__ = [
    "CHAIN_START",
    "InvalidReceipt",
    "Kind",
    "Line",
    "Party",
    "Receipt",
    "ReceiptError",
    "ReplacedReceipt",
    "chain_digest",
    "serial_for",
]
