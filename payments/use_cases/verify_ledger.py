"""Follow every chain of transfers and say where a row was taken out, put in or changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from payments.core.ledger import FIRST_DIGEST, Transfer, TransferCode, link
from payments.store.database import reading
from payments.store.ledger_rows import all_transfers, chain_heads
from payments.use_cases.gateway import Gateway


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What was found: how many transfers, the balance of each account (debits less credits), and every fault."""

    transfers: int
    balances_dong: dict[str, int]
    faults: tuple[str, ...]


def verify_ledger(gateway: Gateway) -> LedgerCheck:
    """Read the whole ledger once, in order, and check each row against the one before it."""
    followed: dict[str, tuple[int, str]] = defaultdict(lambda: (1, FIRST_DIGEST))
    balances: dict[str, int] = defaultdict(int)
    faults: list[str] = []
    count = 0
    with reading(gateway.engine) as connection:
        for row in all_transfers(connection):
            count += 1
            faults += _faults(row, *followed[row.chain])
            followed[row.chain] = (row.position + 1, row.digest)
            balances[row.debit_account] += row.amount_dong
            balances[row.credit_account] -= row.amount_dong
        heads = chain_heads(connection)
    for chain, head in heads.items():
        if followed[chain] != head:
            faults.append(f"Chain {chain} ends at another row than was noted: its last rows are gone or new.")
    return LedgerCheck(count, dict(balances), tuple(faults))


def _faults(row: Row[Any], position: int, previous_digest: str) -> list[str]:
    if row.position != position:
        return [f"Chain {row.chain} has no row {position}: it was taken out."]
    try:
        transfer = Transfer(TransferCode(row.code), row.debit_account, row.credit_account, row.amount_dong)
    except ValueError as error:
        return [f"Chain {row.chain}, row {row.position}: {error}."]
    if (
        link(previous_digest, position, transfer, row.payment_id, row.refund_reference or "", row.booked_at)
        != row.digest
    ):
        return [f"Chain {row.chain}, row {row.position} was changed after it was written."]
    return []
