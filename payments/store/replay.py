"""The facts of requests of the past, to compute them again by other texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from payments.store.tables import agencies, payment_requests

REQUESTS = payment_requests.c


def requests_since(connection: Connection, since: datetime, most: int) -> list[Row[Any]]:
    """Requests for a fee since a moment, the newest first, ``most`` of them: what each was computed from, and where."""
    query = (
        select(
            REQUESTS.id,
            REQUESTS.dossier_code,
            REQUESTS.procedure_code,
            REQUESTS.facts,
            REQUESTS.amount_dong,
            agencies.c.territory,
            agencies.c.collector_status,
        )
        .join(agencies, agencies.c.code == REQUESTS.agency_code)
        .where(REQUESTS.created_at >= since, REQUESTS.procedure_code.is_not(None))
        .order_by(REQUESTS.created_at.desc(), REQUESTS.id)
        .limit(most)
    )
    return list(connection.execute(query))
