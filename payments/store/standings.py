"""Read and lock what a batch of notices speaks of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import Connection, and_, or_, select

from payments.core.board import Board, Named
from payments.core.decide import AttemptFacts, Hold, MoneyFacts, RequestFacts
from payments.core.lifecycle import AttemptState, RequestState
from payments.store.requests import TOLD_OF_A_DOSSIER, asked_of
from payments.store.sets import Among
from payments.store.tables import attempts, payment_requests, payments

REQUESTS = (
    select(payment_requests.c.id, payment_requests.c.state, payment_requests.c.late_payment)
    .where(
        payment_requests.c.id.in_(
            select(attempts.c.request_id).where(Among(attempts.c.reference, "references"))
        )
    )
    .order_by(payment_requests.c.id)
    .with_for_update(key_share=True)
)
_LATER = payment_requests.alias("later")
ASKED_LATER = (
    select(
        payment_requests.c.id,
        *(payment_requests.c[name] for name in TOLD_OF_A_DOSSIER),
        *(_LATER.c[name].label(f"later_{name}") for name in TOLD_OF_A_DOSSIER),
    )
    .join(
        _LATER,
        and_(
            _LATER.c.portal_code == payment_requests.c.portal_code,
            _LATER.c.dossier_code == payment_requests.c.dossier_code,
            _LATER.c.created_at >= payment_requests.c.ended_at,
        ),
    )
    .where(Among(payment_requests.c.id, "requests"))
)
ATTEMPTS = (
    select(
        attempts.c.account_code,
        attempts.c.reference,
        attempts.c.request_id,
        attempts.c.state,
        attempts.c.amount_dong,
        attempts.c.expires_at,
    )
    # An attempt that appeared after the requests were locked is as unknown as one that appears after this.
    .where(Among(attempts.c.reference, "references"), Among(attempts.c.request_id, "requests"))
    .order_by(attempts.c.request_id, attempts.c.reference)
    .with_for_update(key_share=True)
)
MONEY = (
    select(
        payments.c.id,
        payments.c.account_code,
        payments.c.money_key,
        payments.c.attempt_reference,
        payments.c.told_reference,
        payments.c.amount_dong,
        payments.c.disposition,
        payments.c.reason,
        payments.c.refunded_dong,
    )
    .where(
        or_(
            # A number may by chance be another account's too; that sum is read in vain and stands under its own name.
            and_(Among(payments.c.account_code, "accounts"), Among(payments.c.money_key, "keys")),
            Among(payments.c.told_reference, "references"),
        )
    )
    .order_by(payments.c.id)
    .with_for_update(key_share=True)
)


def lock_board(
    connection: Connection, references: Sequence[Named], money_keys: Sequence[Named], grace: timedelta
) -> Board:
    """The facts about these attempts and sums.

    They stay locked until the transaction ends: all requests first, then all attempts, then the sums, each kind in
    the order of its names, so that batches of several processes queue and never wait for each other in a circle.
    """
    board = Board()
    _lock_requests(connection, board, references)
    _lock_attempts(connection, board, references, grace)
    _read_money(connection, board, references, money_keys)
    return board


def _lock_requests(connection: Connection, board: Board, references: Sequence[Named]) -> None:
    found = connection.execute(REQUESTS, {"references": {reference for _, reference in references}}).all()
    replaced = _replaced(connection, {row.id for row in found if row.state == RequestState.EXPIRED})
    for row in found:
        board.requests[row.id] = RequestFacts(
            row.id, RequestState(row.state), row.late_payment == "hold", row.id in replaced
        )


def _replaced(connection: Connection, expired: Collection[str]) -> set[str]:
    """Which of these expired requests, locked already, have been asked for anew."""
    if not expired:
        return set()
    found = connection.execute(ASKED_LATER, {"requests": expired})
    return {row.id for row in found if asked_of(row, "later_").replaces(asked_of(row))}


def _lock_attempts(
    connection: Connection, board: Board, references: Sequence[Named], grace: timedelta
) -> None:
    named = {"references": {reference for _, reference in references}, "requests": board.requests}
    for row in connection.execute(ATTEMPTS, named):
        name = (row.account_code, row.reference)
        board.attempts[name] = AttemptFacts(
            row.reference,
            row.request_id,
            AttemptState(row.state),
            row.amount_dong,
            row.expires_at + grace,
        )


def _read_money(
    connection: Connection, board: Board, references: Sequence[Named], money_keys: Sequence[Named]
) -> None:
    named = {
        "accounts": {account for account, _ in money_keys},
        "keys": {key for _, key in money_keys},
        "references": {reference for _, reference in references},
    }
    for row in connection.execute(MONEY, named):
        hold = Hold(row.reason) if row.disposition == "suspense" else None
        reference = row.attempt_reference or row.told_reference
        board.money[row.account_code, row.money_key] = MoneyFacts(
            row.id, reference, row.amount_dong, hold, row.refunded_dong
        )
        board.keys.setdefault((row.account_code, reference), row.money_key)
        if hold is not None:
            board.holding.add((row.account_code, reference))
