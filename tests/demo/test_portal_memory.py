"""The example portal's memory: an event is remembered together with what it changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from payments.demo.portal_memory import Dossier, PortalMemory

DOSSIER = Dossier("HS-1", "2.000815", "Chứng thực bản sao", "Nguyễn Văn Ổn", "2026-11-22T03:00:00+00:00")
PAID: dict[str, Any] = {
    "type": "payment_request.paid",
    "data": {"dossier": {"code": "HS-1", "may_begin": True, "reason": "all_paid"}},
}
DISTURBANCE = """
CREATE TRIGGER disturb BEFORE UPDATE ON dossiers BEGIN SELECT RAISE(ABORT, 'the disk is full'); END
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "portal.sqlite3"


@pytest.fixture
def memory(file: Path) -> Iterator[PortalMemory]:
    memory = PortalMemory(file)
    memory.add(DOSSIER)
    yield memory
    memory.close()


def may_begin(memory: PortalMemory) -> bool:
    found = memory.find("HS-1")
    assert found is not None
    return found.may_begin


def test_the_same_event_twice_is_applied_once(memory: PortalMemory) -> None:
    assert [memory.take_event("ev_1", "2026", PAID) for _ in range(2)] == [True, False]
    assert may_begin(memory)
    assert len(memory.events_of("HS-1")) == 1


def test_an_event_whose_change_could_not_be_written_was_not_received(
    memory: PortalMemory, file: Path
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(DISTURBANCE)
    with pytest.raises(sqlite3.IntegrityError):
        memory.take_event("ev_1", "2026", PAID)
    assert memory.events_of("HS-1") == []
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("DROP TRIGGER disturb")
    assert memory.take_event("ev_1", "2026", PAID)
    assert may_begin(memory)
