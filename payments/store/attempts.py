"""Attempts: one try of a payer at one provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, insert, or_, select, update

from payments.core.decide import MAY_BE_PAID
from payments.core.lifecycle import AttemptState
from payments.store.tables import attempts, discrepancies, payment_requests

LIVE = (AttemptState.CREATED, AttemptState.PENDING)

_QUESTIONED = and_(
    attempts.c.state != AttemptState.PAID,
    exists().where(
        discrepancies.c.attempt_reference == attempts.c.reference,
        discrepancies.c.state == "open",
        discrepancies.c.kind.in_(MAY_BE_PAID),
    ),
)
_COLUMNS = (*attempts.c, _QUESTIONED.label("questioned"))
"""An attempt, and whether a message says that it may be paid which no clear answer has settled yet."""


def add_attempt(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(attempts), dict(row))


def attempts_of(connection: Connection, request_id: str) -> Sequence[Row[Any]]:
    """Every try to pay a request, newest first."""
    query = (
        select(*_COLUMNS)
        .where(attempts.c.request_id == request_id)
        .order_by(attempts.c.created_at.desc(), attempts.c.reference.desc())
    )
    return connection.execute(query).all()


def find_attempt(connection: Connection, reference: str) -> Row[Any] | None:
    """One attempt, with what of its request a provider and a payer are told."""
    return connection.execute(_with_request(reference)).one_or_none()


def get_attempt(connection: Connection, reference: str) -> Row[Any]:
    """An attempt that is known to exist."""
    return connection.execute(_with_request(reference)).one()


def _with_request(reference: str) -> Select[Any]:
    return (
        select(
            *_COLUMNS,
            payment_requests.c.token,
            payment_requests.c.dossier_code,
            payment_requests.c.description_vi,
        )
        .join(payment_requests, payment_requests.c.id == attempts.c.request_id)
        .where(attempts.c.reference == reference)
    )


def mark_sent(connection: Connection, reference: str, redirect_url: str) -> None:
    """The payer is being sent to the provider. What a faster callback has written already stays."""
    connection.execute(
        update(attempts).where(attempts.c.reference == reference).values(redirect_url=redirect_url)
    )
    connection.execute(
        update(attempts)
        .where(attempts.c.reference == reference, attempts.c.state == AttemptState.CREATED)
        .values(state=AttemptState.PENDING)
    )


def count_live(connection: Connection, request_id: str) -> int:
    """How many tries of a request are still without an answer, or may be paid after all."""
    query = select(attempts.c.reference).where(
        attempts.c.request_id == request_id, or_(attempts.c.state.in_(LIVE), _QUESTIONED)
    )
    return len(connection.execute(query).all())
