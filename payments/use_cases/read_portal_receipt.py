"""A portal reads a receipt of one of its own requests, or fetches its papers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row

from payments.core.lifecycle import ReceiptState
from payments.core.refusals import Conflict, NotFound
from payments.store import portal_receipts as store
from payments.store.database import reading
from payments.use_cases.gateway import Gateway
from payments.use_cases.views import ReceiptView

# Form, serial and number as they are quoted together: EBL01-26TAA-00000001.
DISPLAY = re.compile(r"([A-Z0-9]{1,20})-([A-Z0-9]{1,10})-([0-9]{8})", re.ASCII)

FileFormat = Literal["pdf", "xml"]


@dataclass(frozen=True, slots=True)
class PortalReceipt:
    """A receipt and the request it belongs to."""

    receipt: ReceiptView
    payment_request_id: str
    dossier_code: str


def read_receipt(
    gateway: Gateway, portal_code: str, display: str, agency_code: str | None = None
) -> PortalReceipt:
    """The receipt quoted as ``display``.

    Raises NotFound where the portal has none, and Conflict where two collectors' receipts bear that number
    and ``agency_code`` does not say which.
    """
    with reading(gateway.engine) as connection:
        row = _one(connection, portal_code, display, agency_code)
        formats = store.find_formats(connection, row.id)
    return PortalReceipt(_view(row, has_pdf="pdf" in formats), row.request_id, row.dossier_code)


def read_receipt_file(
    gateway: Gateway, portal_code: str, display: str, file_format: FileFormat, agency_code: str | None = None
) -> bytes:
    """The sealed bytes, the same for ever. Raises as above, and NotFound before they are made."""
    with reading(gateway.engine) as connection:
        row = _one(connection, portal_code, display, agency_code)
        found = store.find_file(connection, row.id, file_format)
    if found is None:
        raise NotFound(
            "receipt_file_not_ready",
            "Biên lai đã được ghi nhận; tệp đang được lập, vui lòng thử lại sau ít phút.",
            "The receipt is issued; its file is still being made. Try again in a minute.",
        )
    return found


def _one(connection: Connection, portal_code: str, display: str, agency_code: str | None) -> Row[Any]:
    parts = DISPLAY.fullmatch(display)
    rows = (
        store.find_receipts(connection, portal_code, parts[1], parts[2], int(parts[3]), agency_code)
        if parts
        else ()
    )
    if not rows:
        raise NotFound("unknown_receipt", "Không có biên lai này.", "There is no such receipt.")
    if len(rows) > 1:
        raise Conflict(
            "ambiguous_receipt_number",
            "Nhiều cơ quan thu có biên lai cùng số này; hãy thêm agency_code.",
            "Several collectors have a receipt of this number; add agency_code.",
        )
    return rows[0]


def _view(row: Row[Any], *, has_pdf: bool) -> ReceiptView:
    return ReceiptView(
        id=row.id,
        agency_code=row.agency_code,
        form_code=row.form_code,
        serial=row.serial,
        number=row.number,
        state=ReceiptState(row.state),
        lookup_code=row.lookup_code,
        total_dong=row.total_dong,
        issued_at=row.issued_at,
        has_pdf=has_pdf,
    )
