"""Reading the ledger from its first row to its last, for those who check it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from payments.store.tables import ledger_chains, transfers

ROWS_AT_A_TIME = 5_000


def all_transfers(connection: Connection) -> Iterator[Row[Any]]:
    """Every transfer, chain by chain in the order of positions; few are in memory at once."""
    query = select(transfers).order_by(transfers.c.chain, transfers.c.position)
    return iter(connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(query))


def chain_heads(connection: Connection) -> dict[str, tuple[int, str]]:
    """The next position and the last digest of each chain, as they were noted while it grew."""
    columns = ledger_chains.c
    query = select(columns.account_code, columns.next_position, columns.last_digest)
    return {row.account_code: (row.next_position, row.last_digest) for row in connection.execute(query)}
