"""Events for portals and their deliveries: the outbox, written with what it announces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, and_, select, update

from payments.core.dossier import AskedOf
from payments.store.requests import TOLD_OF_A_DOSSIER, asked_of
from payments.store.sets import Among, for_each, given
from payments.store.tables import events, payment_requests, portals, webhook_endpoints
from payments.store.writing import insert_rows

_SIBLING = payment_requests.alias("sibling")
ANNOUNCED = (
    select(
        payment_requests.c.id,
        payment_requests.c.portal_code,
        payment_requests.c.dossier_code,
        payment_requests.c.procedure_code,
        payment_requests.c.state,
        payment_requests.c.amount_dong,
        payment_requests.c.ended_at,
        *(_SIBLING.c[name].label(f"sibling_{name}") for name in TOLD_OF_A_DOSSIER),
    )
    .join(
        _SIBLING,
        and_(
            _SIBLING.c.portal_code == payment_requests.c.portal_code,
            _SIBLING.c.dossier_code == payment_requests.c.dossier_code,
        ),
    )
    .where(Among(payment_requests.c.id, "requests"))
    .order_by(_SIBLING.c.id)
)
PORTALS_OF = (
    select(portals.c.code, portals.c.next_event_position)
    .where(
        portals.c.code.in_(
            select(payment_requests.c.portal_code).where(Among(payment_requests.c.id, "requests"))
        )
    )
    .order_by(portals.c.code)
    .with_for_update(key_share=True)
)
ENDPOINTS = select(webhook_endpoints.c.portal_code, webhook_endpoints.c.id).where(
    Among(webhook_endpoints.c.portal_code, "portals"), webhook_endpoints.c.active
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A request, and every request of its dossier, oldest first."""

    request: Any
    dossier: list[AskedOf] = field(default_factory=list)


def lock_positions(connection: Connection, request_ids: Collection[str]) -> dict[str, int]:
    """The next event position of each portal that these requests belong to.

    The portals stay locked until the transaction ends: events of one portal become visible in the order of their
    positions, so a reader that remembers the last one misses none.
    """
    rows = connection.execute(PORTALS_OF, {"requests": request_ids})
    return {row.code: row.next_event_position for row in rows}


def note_positions(connection: Connection, positions: Mapping[str, int]) -> None:
    """Write down where locked portals now stand."""
    rows = [{"portal": code, "next": position} for code, position in positions.items()]
    for_each(connection, _move_portals, rows)


@cache
def _move_portals(dialect: str) -> Executable:
    new = given(dialect, {"portal": portals.c.code, "next": portals.c.next_event_position})
    return update(portals).where(portals.c.code == new.portal).values(next_event_position=new.next)


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(connection, events, rows)


def active_endpoints(connection: Connection, portal_codes: Collection[str]) -> Mapping[str, list[str]]:
    """The ids of the webhook endpoints that listen, by portal."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(ENDPOINTS, {"portals": portal_codes}):
        found[row.portal_code].append(row.id)
    return found


def announced(connection: Connection, request_ids: Collection[str]) -> Mapping[str, Announced]:
    """What events tell about these requests, by request."""
    found: dict[str, Announced] = {}
    for row in connection.execute(ANNOUNCED, {"requests": request_ids}):
        known = found.setdefault(row.id, Announced(row))
        known.dossier.append(asked_of(row, "sibling_"))
    return found


def list_events(
    connection: Connection, portal_code: str, after_position: int, limit: int
) -> Sequence[Row[Any]]:
    """The next events of a portal after a position, in order."""
    query = (
        select(events)
        .where(events.c.portal_code == portal_code, events.c.position > after_position)
        .order_by(events.c.position)
        .limit(limit)
    )
    return connection.execute(query).all()
