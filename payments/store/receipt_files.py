"""The papers of a receipt: bytes that are written once and never change."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from payments.store.tables import receipt_files, receipts
from payments.store.writing import insert_new


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """The content that was fixed when the money was booked, and the files there are, by format."""

    content: dict[str, Any]
    files: Mapping[str, bytes]


def find_stored_receipt(connection: Connection, receipt_id: str) -> StoredReceipt | None:
    content = connection.execute(
        select(receipts.c.content).where(receipts.c.id == receipt_id)
    ).scalar_one_or_none()
    if content is None:
        return None
    rows = connection.execute(
        select(receipt_files.c.format, receipt_files.c.bytes).where(receipt_files.c.receipt_id == receipt_id)
    )
    return StoredReceipt(dict(content), {row.format: bytes(row.bytes) for row in rows})


def keep_file(
    connection: Connection, receipt_id: str, file_format: str, content: bytes, now: datetime
) -> None:
    """Keep ``content`` as the receipt's file in this format; where there is one already, it stays."""
    row = {
        "receipt_id": receipt_id,
        "format": file_format,
        "bytes": content,
        "digest": hashlib.sha256(content).hexdigest(),
        "made_at": now,
    }
    insert_new(connection, receipt_files, [row])
