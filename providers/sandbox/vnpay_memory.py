"""What the look-alike VNPAY remembers, so that a restart of a demonstration forgets no payment."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path

from providers.sandbox.vnpay_bank import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS transactions (
    terminal TEXT NOT NULL, reference TEXT NOT NULL, create_date TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE, content TEXT NOT NULL,
    PRIMARY KEY (terminal, reference, create_date)
);
CREATE TABLE IF NOT EXISTS requests (
    terminal TEXT NOT NULL, day TEXT NOT NULL, request_id TEXT NOT NULL,
    PRIMARY KEY (terminal, day, request_id)
);
CREATE TABLE IF NOT EXISTS numbers (number INTEGER PRIMARY KEY AUTOINCREMENT);
"""
FIRST_NUMBER = 14_000_000


class Memory:
    """Transactions, request numbers and the counter, in a SQLite file or, without one, in memory."""

    def __init__(self, file: Path | None) -> None:
        self._connection = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def keep(self, transaction: Transaction) -> None:
        """Write the transaction in place of what was known of it."""
        key = (transaction.terminal, transaction.reference, transaction.create_date, transaction.token)
        self._connection.execute(
            "INSERT OR REPLACE INTO transactions VALUES (?, ?, ?, ?, ?)",
            (*key, json.dumps(asdict(transaction))),
        )

    def find(self, terminal: str, reference: str, create_date: str) -> Transaction | None:
        """The transaction of that terminal, reference and time of creation."""
        return self._one(
            "SELECT content FROM transactions WHERE terminal = ? AND reference = ? AND create_date = ?",
            terminal,
            reference,
            create_date,
        )

    def by_token(self, token: str) -> Transaction | None:
        """The transaction whose bank page was given ``token``."""
        return self._one("SELECT content FROM transactions WHERE token = ?", token)

    def is_new_request(self, terminal: str, day: str, request_id: str) -> bool:
        """Remember the request's number; False when it was used that day before."""
        added = self._connection.execute(
            "INSERT OR IGNORE INTO requests VALUES (?, ?, ?)", (terminal, day, request_id)
        )
        return added.rowcount == 1

    def next_number(self) -> str:
        """A transaction number that was never given before."""
        added = self._connection.execute("INSERT INTO numbers DEFAULT VALUES")
        return str(FIRST_NUMBER + int(added.lastrowid or 0))

    def _one(self, statement: str, *values: str) -> Transaction | None:
        row = self._connection.execute(statement, values).fetchone()
        return None if row is None else Transaction(**json.loads(row[0]))
