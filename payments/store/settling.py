"""The set-based statements that carry out a batch of decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from payments.core.ledger import Transfer, TransferCode, family, link
from payments.store.tables import (
    attempts,
    discrepancies,
    ledger_chains,
    payment_request_lines,
    payment_requests,
    payments,
    transfers,
)
from payments.store.writing import Row, insert_new, insert_rows

HEALED_BY_AN_ANSWER = ("review", "unknown_code", "success_after_failure")
"""Troubles that end by themselves once the provider says clearly what became of the attempt."""


class RaceLost(Exception):
    """A guarded row was not as it was read; the transaction is undone."""


def lines_to_settle(connection: Connection, request_ids: Collection[str]) -> Mapping[str, list[Any]]:
    """The lines of requests, by request, without their traces: only what the books and the receipts need."""
    column = payment_request_lines.c
    names = (
        "request_id agency_code item_code kind name_vi name_en amount_dong retained_dong remitted_dong sub_item "
        "legal_basis_vi explanation_vi"
    )
    query = (
        select(*(column[name] for name in names.split()))
        .where(column.request_id.in_(set(request_ids)))
        .order_by(column.request_id, column.position)
    )
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        groups[row.request_id].append(row)
    return groups


def requests_to_settle(connection: Connection, request_ids: Collection[str]) -> Mapping[str, Any]:
    """What the receipts of these requests say about them, by request."""
    column = payment_requests.c
    names = "id dossier_code description_vi payer_name payer_tax_code payer_address"
    query = select(*(column[name] for name in names.split())).where(column.id.in_(set(request_ids)))
    return {row.id: row for row in connection.execute(query)}


def add_payments(connection: Connection, rows: Sequence[Row]) -> None:
    insert_rows(connection, payments, rows)


def place_payments(connection: Connection, rows: Sequence[Row]) -> None:
    """Tie money that was held for an unknown attempt to its request; what it then is stands in ``rows``.

    Raises RaceLost when one is no longer held or was promised back meanwhile.
    """
    if not rows:
        return
    changed = connection.execute(
        update(payments)
        .where(
            payments.c.id == bindparam("payment"),
            payments.c.disposition == "suspense",
            payments.c.refunded_dong == 0,
        )
        .values(
            disposition=bindparam("place"),
            reason=bindparam("why"),
            request_id=bindparam("request"),
            attempt_reference=bindparam("attempt"),
            refunded_dong=bindparam("promised"),
        ),
        list(rows),
    )
    if changed.rowcount != len(rows):
        raise RaceLost("held money changed while it was being placed")


def move_attempts(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        connection.execute(
            update(attempts)
            .where(attempts.c.reference == bindparam("attempt"))
            .values(
                state=bindparam("new_state"),
                ended_at=bindparam("ended"),
                provider_code=bindparam("answer"),
                # A later message without a number must not wipe out the one we know.
                provider_reference=case(
                    (bindparam("number") != "", bindparam("number")), else_=attempts.c.provider_reference
                ),
            ),
            list(rows),
        )


def move_requests(connection: Connection, rows: Sequence[Row]) -> None:
    """Move requests from the state they were locked in. Raises RaceLost when one had moved."""
    if not rows:
        return
    changed = connection.execute(
        update(payment_requests)
        .where(
            payment_requests.c.id == bindparam("request"), payment_requests.c.state == bindparam("old_state")
        )
        .values(state=bindparam("new_state"), ended_at=bindparam("ended")),
        list(rows),
    )
    if changed.rowcount != len(rows):
        raise RaceLost("a payment request changed while it was being settled")


def add_discrepancies(connection: Connection, rows: Sequence[Row]) -> None:
    """Open discrepancies; a fault that is open or was closed already opens no second one."""
    insert_new(connection, discrepancies, rows)


def close_healed(connection: Connection, references: Collection[str], now: datetime) -> None:
    """Close what the provider has now answered for these attempts."""
    if references:
        connection.execute(
            update(discrepancies)
            .where(
                discrepancies.c.attempt_reference.in_(set(references)),
                discrepancies.c.kind.in_(HEALED_BY_AN_ANSWER),
                discrepancies.c.state == "open",
            )
            .values(state="closed", closed_at=now, resolution="answered_by_provider")
        )


def close_placed(connection: Connection, payment_ids: Collection[str], now: datetime) -> None:
    """Close the discrepancies of money whose attempt was unknown and is known now."""
    if payment_ids:
        connection.execute(
            update(discrepancies)
            .where(discrepancies.c.payment_id.in_(set(payment_ids)), discrepancies.c.state == "open")
            .values(state="closed", closed_at=now, resolution="attempt_became_known")
        )


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
    connection.execute(
        update(ledger_chains)
        .where(ledger_chains.c.account_code == bindparam("chain"))
        .values(next_position=bindparam("next"), last_digest=bindparam("digest")),
        [
            {"chain": chain, "next": position, "digest": digest}
            for chain, (position, digest) in sorted(heads.items())
        ],
    )


def _lock_chains(connection: Connection, chains: Collection[str]) -> dict[str, tuple[int, str]]:
    query = (
        select(ledger_chains)
        .where(ledger_chains.c.account_code.in_(set(chains)))
        .order_by(ledger_chains.c.account_code)
        .with_for_update(key_share=True)
    )
    return {row.account_code: (row.next_position, row.last_digest) for row in connection.execute(query)}
