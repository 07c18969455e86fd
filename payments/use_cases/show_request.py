"""Turn stored requests into the views that everybody is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.lifecycle import ReceiptState, RequestState
from payments.store import requests as store
from payments.store.agencies import find_agencies
from payments.use_cases.views import AgencyView, LineView, PaymentRequestView, PaymentView, ReceiptView


def picture(connection: Connection, rows: Sequence[Row[Any]], public_url: str) -> list[PaymentRequestView]:
    """The views of ``rows`` of ``payment_requests``, in their order, by a handful of queries whatever their number."""
    ids = [row.id for row in rows]
    lines = store.lines_of(connection, ids)
    codes = {row.agency_code for row in rows} | {line.agency_code for of in lines.values() for line in of}
    agencies = {code: _agency(row) for code, row in find_agencies(connection, codes).items()}
    payments = store.payments_of(connection, ids)
    receipts = store.receipts_of(connection, ids)
    return [
        PaymentRequestView(
            id=row.id,
            portal_code=row.portal_code,
            dossier_code=row.dossier_code,
            procedure_code=row.procedure_code,
            obligation=row.obligation,
            description_vi=row.description_vi,
            description_en=row.description_en,
            agency=agencies[row.agency_code],
            collectors={line.agency_code: agencies[line.agency_code] for line in lines.get(row.id, ())},
            channel=row.channel,
            payer_name=row.payer_name,
            amount_dong=row.amount_dong,
            state=RequestState(row.state),
            created_at=row.created_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            checkout_url=f"{public_url}/pay/{row.token}",
            return_url=row.return_url,
            lines=tuple(_line(line) for line in lines.get(row.id, ())),
            schedules=row.schedules,
            payments=tuple(_payment(payment) for payment in payments.get(row.id, ())),
            receipts=tuple(_receipt(receipt) for receipt in receipts.get(row.id, ())),
        )
        for row in rows
    ]


def _agency(row: Row[Any]) -> AgencyView:
    return AgencyView(row.code, row.name_vi, row.name_en, row.tax_code, row.address)


def _line(row: Row[Any]) -> LineView:
    return LineView(**{name: getattr(row, name) for name in LineView.__dataclass_fields__})


def _payment(row: Row[Any]) -> PaymentView:
    return PaymentView(**{name: getattr(row, name) for name in PaymentView.__dataclass_fields__})


def _receipt(row: Row[Any]) -> ReceiptView:
    values = {name: getattr(row, name) for name in ReceiptView.__dataclass_fields__}
    return ReceiptView(**{**values, "state": ReceiptState(row.state), "has_pdf": bool(row.has_pdf)})
