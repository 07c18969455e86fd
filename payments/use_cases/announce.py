"""Tell portals what became of their requests: events, deliveries and the jobs that send them.

Called inside the transaction that changes a request, after the change, so that what is announced is what is
committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.dossier import Permission, permission
from payments.core.references import Draw, sortable
from payments.store import events as store
from payments.store.jobs import Job, JobKind, enqueue
from payments.store.requests import receipts_of
from payments.store.tables import webhook_deliveries
from payments.store.writing import insert_rows


@dataclass(frozen=True, slots=True)
class Announcement:
    type: str
    request_id: str
    detail: Mapping[str, Any] = field(default_factory=dict)  # further members of the event's data


def announce(
    connection: Connection, announcements: Sequence[Announcement], now: datetime, draw: Draw
) -> None:
    """Write one event per announcement, and a delivery for every endpoint that listens."""
    if not announcements:
        return
    named = {item.request_id for item in announcements}
    # The portals are locked before the dossiers are read: of two last payments at once, the second sees the first.
    positions = store.lock_positions(connection, named)
    found = store.announced(connection, named)
    receipts = receipts_of(connection, named)
    rows = []
    for item in announcements:
        request = found[item.request_id].request
        may = permission(found[item.request_id].dossier)
        rows.append(
            {
                "id": "ev_" + sortable(now, draw),
                "portal_code": request.portal_code,
                "position": positions[request.portal_code],
                "type": item.type,
                "request_id": request.id,
                "dossier_code": request.dossier_code,
                "data": dict(item.detail) | event_data(request, receipts.get(request.id, ()), may),
                "created_at": now,
            }
        )
        positions[request.portal_code] += 1
    store.note_positions(connection, positions)
    store.add_events(connection, rows)
    _deliver(connection, rows, now, draw)


def event_data(request: Row[Any], receipts: Sequence[Row[Any]], may: Permission) -> dict[str, Any]:
    """What an event tells: the request, its receipts, and whether processing may begin."""
    return {
        "payment_request": {
            "id": request.id,
            "dossier_code": request.dossier_code,
            "procedure_code": request.procedure_code,
            "state": request.state,
            "amount_dong": request.amount_dong,
            "ended_at": request.ended_at.isoformat() if request.ended_at else None,
            "receipts": [
                {
                    "form_code": receipt.form_code,
                    "serial": receipt.serial,
                    "number": receipt.number,
                    "lookup_code": receipt.lookup_code,
                    "agency_code": receipt.agency_code,
                    "total_dong": receipt.total_dong,
                }
                for receipt in receipts
            ],
        },
        "dossier": {"code": request.dossier_code, "may_begin": may.may_begin, "reason": may.reason},
    }


def _deliver(connection: Connection, events: Sequence[Mapping[str, Any]], now: datetime, draw: Draw) -> None:
    endpoints = store.active_endpoints(connection, {event["portal_code"] for event in events})
    deliveries = [
        {
            "id": "wd_" + sortable(now, draw),
            "event_id": event["id"],
            "endpoint_id": endpoint_id,
            "state": "pending",
            "created_at": now,
        }
        for event in events
        for endpoint_id in endpoints.get(event["portal_code"], ())
    ]
    insert_rows(connection, webhook_deliveries, deliveries)
    enqueue(connection, [Job(JobKind.DELIVER_WEBHOOK, row["id"], now) for row in deliveries], now)
