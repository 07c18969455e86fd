"""Events for portals and their deliveries: the outbox, written with what it announces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from payments.core.lifecycle import RequestState
from payments.store.tables import events, payment_requests, portals, webhook_endpoints
from payments.store.writing import insert_rows


@dataclass(frozen=True, slots=True)
class Dossier:
    portal_code: str
    code: str


def take_positions(connection: Connection, counts: Mapping[str, int]) -> Mapping[str, int]:
    """Reserve event positions for portals and return the first of each.

    The portals stay locked until the transaction ends: events of one portal become visible in the order of their
    positions, so a reader that remembers the last one misses none.
    """
    rows = connection.execute(
        select(portals.c.code, portals.c.next_event_position)
        .where(portals.c.code.in_(counts))
        .order_by(portals.c.code)
        .with_for_update(key_share=True)
    ).all()
    connection.execute(
        update(portals)
        .where(portals.c.code == bindparam("portal"))
        .values(next_event_position=bindparam("next")),
        [{"portal": row.code, "next": row.next_event_position + counts[row.code]} for row in rows],
    )
    return {row.code: row.next_event_position for row in rows}


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(connection, events, rows)


def active_endpoints(connection: Connection, portal_codes: Collection[str]) -> Mapping[str, list[str]]:
    """The ids of the webhook endpoints that listen, by portal."""
    query = select(webhook_endpoints.c.portal_code, webhook_endpoints.c.id).where(
        webhook_endpoints.c.portal_code.in_(set(portal_codes)), webhook_endpoints.c.active
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.portal_code].append(row.id)
    return found


def dossier_states(
    connection: Connection, dossiers: Collection[Dossier]
) -> Mapping[Dossier, list[RequestState]]:
    """The states of every request of each dossier."""
    column = payment_requests.c
    pairs = [(dossier.portal_code, dossier.code) for dossier in set(dossiers)]
    query = select(column.portal_code, column.dossier_code, column.state).where(
        tuple_(column.portal_code, column.dossier_code).in_(pairs)
    )
    states: dict[Dossier, list[RequestState]] = defaultdict(list)
    for row in connection.execute(query):
        states[Dossier(row.portal_code, row.dossier_code)].append(RequestState(row.state))
    return states


def requests_by_id(connection: Connection, ids: Collection[str]) -> Mapping[str, Any]:
    column = payment_requests.c
    query = select(
        column.id,
        column.portal_code,
        column.dossier_code,
        column.procedure_code,
        column.state,
        column.amount_dong,
        column.ended_at,
    ).where(column.id.in_(set(ids)))
    return {row.id: row for row in connection.execute(query)}


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
