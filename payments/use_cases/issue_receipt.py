"""Make the papers of a receipt whose number, date and content were fixed when the money was booked.

The XML is sealed and kept first; the PDF carries that very XML and is sealed too. When the PDF cannot be made now,
the payment stays paid, the dossier stays unlocked, and the paper follows later with the date it always had.
"""

from __future__ import annotations

from collections.abc import Callable

from payments.store import receipt_files as store
from payments.store.database import reading, transaction
from payments.use_cases.gateway import Gateway
from receipts import pdf, xml
from receipts.document import Receipt

Render = Callable[[Receipt, bytes], bytes]
"""A receipt and its sealed XML → an unsealed PDF."""


def make_receipt_files(gateway: Gateway, receipt_id: str, render: Render = pdf.render) -> None:
    """Make and keep what is missing of a receipt's XML and PDF; those that are there stay as they are.

    Raises ReceiptError, after which nothing is half done and it may be tried again.
    """
    with reading(gateway.engine) as connection:
        stored = store.find_stored_receipt(connection, receipt_id)
    if stored is None or "pdf" in stored.files:
        return
    receipt = Receipt.from_dict(stored.content)
    sealed_xml = stored.files.get("xml") or _keep_xml(gateway, receipt_id, receipt)
    sealed_pdf = gateway.sealer.seal_pdf(render(receipt, sealed_xml), gateway.now())
    with transaction(gateway.engine) as connection:
        store.keep_file(connection, receipt_id, "pdf", sealed_pdf, gateway.now())


def _keep_xml(gateway: Gateway, receipt_id: str, receipt: Receipt) -> bytes:
    """Seal and keep the XML, and return the one that is kept: another worker may have been first."""
    sealed = gateway.sealer.seal_xml(xml.write(receipt), gateway.now())
    with transaction(gateway.engine) as connection:
        store.keep_file(connection, receipt_id, "xml", sealed, gateway.now())
        kept = store.find_stored_receipt(connection, receipt_id)
    return kept.files["xml"] if kept else sealed
