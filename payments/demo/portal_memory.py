"""What the example portal remembers: its dossiers, and which events it has received."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS dossiers (
    code TEXT PRIMARY KEY, procedure_code TEXT NOT NULL, procedure_name TEXT NOT NULL, payer_name TEXT NOT NULL,
    request TEXT NOT NULL DEFAULT '{}', may_begin INTEGER NOT NULL DEFAULT 0, made_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY, dossier_code TEXT NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL, came_at TEXT NOT NULL
);
"""
EVENT = "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)"
UNLOCK = "UPDATE dossiers SET may_begin = ? WHERE code = ?"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A citizen's case in the portal. ``request`` is what the gateway answered last."""

    code: str
    procedure_code: str
    procedure_name: str
    payer_name: str
    made_at: str
    may_begin: bool = False
    request: dict[str, Any] = field(default_factory=dict)


class PortalMemory:
    """A SQLite file of the portal's own; the gateway never sees it."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._connection.executescript(SCHEMA)
        self._lock = threading.Lock()

    def close(self) -> None:
        self._connection.close()

    def add(self, dossier: Dossier) -> None:
        """Write a dossier down; one that exists stays as it is."""
        self._run(
            "INSERT OR IGNORE INTO dossiers (code, procedure_code, procedure_name, payer_name, made_at)"
            " VALUES (?, ?, ?, ?, ?)",
            dossier.code,
            dossier.procedure_code,
            dossier.procedure_name,
            dossier.payer_name,
            dossier.made_at,
        )

    def keep_request(self, code: str, request: dict[str, Any]) -> None:
        self._run("UPDATE dossiers SET request = ? WHERE code = ?", json.dumps(request), code)

    def take_event(self, event_id: str, came_at: str, event: dict[str, Any]) -> bool:
        """Apply an event once; False when it was received before.

        That it came and what it changed are written together: an event is never taken for received whose change was
        lost with the process.
        """
        dossier = event["data"]["dossier"]
        row = (event_id, dossier["code"], event["type"], json.dumps(event), came_at)
        with self._lock, self._transaction():
            if not self._connection.execute(EVENT, row).rowcount:
                return False
            self._connection.execute(UNLOCK, (int(dossier["may_begin"]), dossier["code"]))
        return True

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that is written within the block, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def find(self, code: str) -> Dossier | None:
        rows = self._read("SELECT * FROM dossiers WHERE code = ?", code)
        return rows[0] if rows else None

    def newest(self, most: int = 50) -> list[Dossier]:
        return self._read("SELECT * FROM dossiers ORDER BY made_at DESC LIMIT ?", most)

    def events_of(self, code: str) -> list[tuple[str, str, str]]:
        """Id, type and time of arrival of the dossier's events, in the order they came."""
        query = "SELECT id, type, came_at FROM events WHERE dossier_code = ? ORDER BY came_at, id"
        return list(self._run(query, code).fetchall())

    def _read(self, query: str, *values: object) -> list[Dossier]:
        columns = "code, procedure_code, procedure_name, payer_name, made_at, may_begin, request"
        rows = self._run(query.replace("*", columns), *values).fetchall()
        return [_dossier(*row) for row in rows]

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        with self._lock:
            return self._connection.execute(statement, values)


def _dossier(
    code: str, procedure: str, name: str, payer: str, made_at: str, open_: int, request: str
) -> Dossier:
    return Dossier(code, procedure, name, payer, made_at, bool(open_), json.loads(request))
