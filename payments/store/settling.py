"""The set-based statements that carry out a batch of decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, case, select, update

from payments.core.decide import DOUBTS
from payments.core.ledger import Transfer, TransferCode, family, link
from payments.store.sets import Among, Row, for_each, given
from payments.store.tables import (
    attempts,
    discrepancies,
    ledger_chains,
    payment_request_lines,
    payment_requests,
    payments,
    transfers,
)
from payments.store.writing import insert_new, insert_rows

ANSWERED = "answered_by_provider"

_LINE = payment_request_lines.c
LINES = (
    select(
        _LINE.request_id,
        _LINE.agency_code,
        _LINE.item_code,
        _LINE.kind,
        _LINE.name_vi,
        _LINE.name_en,
        _LINE.amount_dong,
        _LINE.retained_dong,
        _LINE.remitted_dong,
        _LINE.sub_item,
        _LINE.legal_basis_vi,
        _LINE.explanation_vi,
    )
    .where(Among(_LINE.request_id, "requests"))
    .order_by(_LINE.request_id, _LINE.position)
)
_REQUEST = payment_requests.c
RECEIPTED = select(
    _REQUEST.id,
    _REQUEST.dossier_code,
    _REQUEST.description_vi,
    _REQUEST.payer_name,
    _REQUEST.payer_tax_code,
    _REQUEST.payer_address,
).where(Among(_REQUEST.id, "requests"))
CHAINS = (
    select(ledger_chains)
    .where(Among(ledger_chains.c.account_code, "chains"))
    .order_by(ledger_chains.c.account_code)
    .with_for_update(key_share=True)
)
_CLOSED = update(discrepancies).values(
    state="closed",
    closed_at=bindparam("now", type_=discrepancies.c.closed_at.type),
    resolution=bindparam("because"),
)
CLOSE_HEALED = _CLOSED.where(
    Among(discrepancies.c.attempt_reference, "attempts"),
    Among(discrepancies.c.kind, "kinds"),
    discrepancies.c.state == "open",
)
CLOSE_PLACED = _CLOSED.where(Among(discrepancies.c.payment_id, "payments"), discrepancies.c.state == "open")


class RaceLost(Exception):
    """A guarded row was not as it was read; the transaction is undone."""


def lines_to_settle(connection: Connection, request_ids: Collection[str]) -> Mapping[str, list[Any]]:
    """The lines of requests, by request, without their traces: only what the books and the receipts need."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(LINES, {"requests": request_ids}):
        groups[row.request_id].append(row)
    return groups


def requests_to_settle(connection: Connection, request_ids: Collection[str]) -> Mapping[str, Any]:
    """What the receipts of these requests say about them, by request."""
    return {row.id: row for row in connection.execute(RECEIPTED, {"requests": request_ids})}


def add_payments(connection: Connection, rows: Sequence[Row]) -> None:
    insert_rows(connection, payments, rows)


def place_payments(connection: Connection, rows: Sequence[Row]) -> None:
    """Tie money that was held for an unknown attempt to its request; what it then is stands in ``rows``.

    Raises RaceLost when one is no longer held or was promised back meanwhile.
    """
    if for_each(connection, _place_payments, rows) != len(rows):
        raise RaceLost("held money changed while it was being placed")


@cache
def _place_payments(dialect: str) -> Executable:
    column = payments.c
    new = given(
        dialect,
        {
            "payment": column.id,
            "place": column.disposition,
            "why": column.reason,
            "request": column.request_id,
            "attempt": column.attempt_reference,
            "promised": column.refunded_dong,
        },
    )
    return (
        update(payments)
        .where(column.id == new.payment, column.disposition == "suspense", column.refunded_dong == 0)
        .values(
            disposition=new.place,
            reason=new.why,
            request_id=new.request,
            attempt_reference=new.attempt,
            refunded_dong=new.promised,
        )
    )


def move_attempts(connection: Connection, rows: Sequence[Row]) -> None:
    for_each(connection, _move_attempts, rows)


@cache
def _move_attempts(dialect: str) -> Executable:
    column = attempts.c
    new = given(
        dialect,
        {
            "attempt": column.reference,
            "new_state": column.state,
            "ended": column.ended_at,
            "answer": column.provider_code,
            "number": column.provider_reference,
        },
    )
    return (
        update(attempts)
        .where(column.reference == new.attempt)
        .values(
            state=new.new_state,
            ended_at=new.ended,
            provider_code=new.answer,
            # A later message without a number must not wipe out the one we know.
            provider_reference=case((new.number != "", new.number), else_=column.provider_reference),
        )
    )


def move_requests(connection: Connection, rows: Sequence[Row]) -> None:
    """Move requests from the state they were locked in. Raises RaceLost when one had moved."""
    if for_each(connection, _move_requests, rows) != len(rows):
        raise RaceLost("a payment request changed while it was being settled")


@cache
def _move_requests(dialect: str) -> Executable:
    column = payment_requests.c
    new = given(
        dialect,
        {
            "request": column.id,
            "old_state": column.state,
            "new_state": column.state,
            "ended": column.ended_at,
        },
    )
    return (
        update(payment_requests)
        .where(column.id == new.request, column.state == new.old_state)
        .values(state=new.new_state, ended_at=new.ended)
    )


def add_discrepancies(connection: Connection, rows: Sequence[Row]) -> None:
    """Open discrepancies; a fault that is open or was closed already opens no second one.

    One that was closed because the provider answered is opened again when another message brings it up anew.
    """
    latest = {row["key"]: row for row in rows}
    insert_new(connection, discrepancies, list(latest.values()))
    again = [row for row in latest.values() if row["kind"] in DOUBTS]
    for_each(
        connection,
        _reopen,
        [{"fault": row["key"], "notice": row["notice_id"], "again_at": row["opened_at"]} for row in again],
    )


@cache
def _reopen(dialect: str) -> Executable:
    column = discrepancies.c
    new = given(dialect, {"fault": column.key, "notice": column.notice_id, "again_at": column.opened_at})
    return (
        update(discrepancies)
        .where(
            column.key == new.fault,
            column.state == "closed",
            column.resolution == ANSWERED,
            column.notice_id != new.notice,
        )
        .values(state="open", closed_at=None, resolution="", notice_id=new.notice, opened_at=new.again_at)
    )


def close_healed(
    connection: Connection, references: Collection[str], kinds: Collection[str], now: datetime
) -> None:
    """Close the discrepancies of ``kinds`` that the provider has now answered for these attempts."""
    if references:
        values = {"attempts": references, "kinds": kinds, "now": now, "because": ANSWERED}
        connection.execute(CLOSE_HEALED, values)


def close_placed(connection: Connection, payment_ids: Collection[str], now: datetime) -> None:
    """Close the discrepancies of money whose attempt was unknown and is known now."""
    if payment_ids:
        values = {"payments": payment_ids, "now": now, "because": "attempt_became_known"}
        connection.execute(CLOSE_PLACED, values)


def credited_by(connection: Connection, payment_id: str) -> list[tuple[str, int]]:
    """Where a payment is credited and how much of it still lies there: revenue accounts, or suspense."""
    left: dict[str, int] = defaultdict(int)
    query = select(transfers.c.debit_account, transfers.c.credit_account, transfers.c.amount_dong)
    for row in connection.execute(query.where(transfers.c.payment_id == payment_id)):
        left[row.credit_account] += row.amount_dong
        left[row.debit_account] -= row.amount_dong
    sources = ("revenue", "suspense")
    return sorted((code, left[code]) for code in left if left[code] > 0 and family(code) in sources)


def promised_by(connection: Connection, refund_reference: str) -> list[tuple[str, int]]:
    """From which accounts a refund was promised, and how much from each."""
    query = (
        select(transfers.c.debit_account, transfers.c.amount_dong)
        .where(
            transfers.c.refund_reference == refund_reference,
            transfers.c.code == TransferCode.REFUND_PROMISED,
        )
        .order_by(transfers.c.position)
    )
    return [(row.debit_account, row.amount_dong) for row in connection.execute(query)]


def add_transfers(
    connection: Connection,
    moved: Sequence[tuple[str, str, Transfer, str | None]],
    now: datetime,
) -> None:
    """Append transfers ``(chain, payment id, transfer, refund reference)`` to their chains.

    The chains stay locked until the transaction ends, in the order of their names.
    """
    if not moved:
        return
    heads = _lock_chains(connection, {chain for chain, _, _, _ in moved})
    rows: list[Mapping[str, Any]] = []
    for chain, payment_id, transfer, refund_reference in moved:
        position, digest = heads[chain]
        digest = link(digest, position, transfer, payment_id, refund_reference or "", now)
        heads[chain] = (position + 1, digest)
        rows.append(
            {
                "chain": chain,
                "position": position,
                "code": transfer.code,
                "debit_account": transfer.debit_account,
                "credit_account": transfer.credit_account,
                "amount_dong": transfer.amount_dong,
                "payment_id": payment_id,
                "refund_reference": refund_reference,
                "booked_at": now,
                "digest": digest,
            }
        )
    insert_rows(connection, transfers, rows)
    for_each(
        connection,
        _move_chains,
        [
            {"chain": chain, "next": position, "last": digest}
            for chain, (position, digest) in sorted(heads.items())
        ],
    )


@cache
def _move_chains(dialect: str) -> Executable:
    column = ledger_chains.c
    new = given(
        dialect, {"chain": column.account_code, "next": column.next_position, "last": column.last_digest}
    )
    return (
        update(ledger_chains)
        .where(column.account_code == new.chain)
        .values(next_position=new.next, last_digest=new.last)
    )


def _lock_chains(connection: Connection, chains: Collection[str]) -> dict[str, tuple[int, str]]:
    rows = connection.execute(CHAINS, {"chains": chains})
    return {row.account_code: (row.next_position, row.last_digest) for row in rows}
