"""The demonstration: it ends well, and killed at any moment it ends well the next time."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.network import three_free_ports

ROOT = Path(__file__).parents[2]
THUPHI = [sys.executable, "-c", "from payments.cli import main; main()"]
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def start(data: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*THUPHI, "demo", "--data", str(data), "--port", str(port)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def play(data: Path, port: int) -> str:
    running = start(data, port)
    told, troubles = running.communicate(timeout=100)
    assert running.returncode == 0, told + troubles
    assert "Traceback" not in troubles
    return told


def count(data: Path, table: str) -> int:
    with sqlite3.connect(data / "thuphi.sqlite3") as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
        return found


def test_the_journey_holds_in_every_step_and_again_on_the_same_data(tmp_path: Path) -> None:
    port = three_free_ports()
    for times in (1, 2):
        told = play(tmp_path, port)
        assert re.search(r"All 12 steps hold", told)
        assert "payment_request.paid" in told
        assert len(list(tmp_path.glob("EBL01-*.pdf"))) == times
        assert count(tmp_path, "receipts") == times
    secrets = json.loads((tmp_path / "secrets.json").read_bytes())
    assert not any(secret in told for secret in secrets.values())
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "moment",
    [
        "The portal makes a dossier",
        "The citizen pays",
        "The money is booked",
        "The receipt has",
        "The sealed receipt",
    ],
)
def test_killed_after_any_step_the_next_run_completes_the_same_journey(tmp_path: Path, moment: str) -> None:
    port = three_free_ports()
    running = start(tmp_path, port)
    if running.stdout is None:
        raise AssertionError("the demonstration has no output")
    for line in running.stdout:
        if moment in line:
            break
    running.kill()
    running.communicate(timeout=20)  # it would hang on a child that outlives its killed parent
    dossier = json.loads((tmp_path / "journey.json").read_bytes())["dossier"]
    play(tmp_path, port)  # each of its steps gives up long before a lease left by the dead would end
    assert json.loads((tmp_path / "journey.json").read_bytes())["dossier"] == dossier
    assert count(tmp_path, "payment_requests") == 1
    assert count(tmp_path, "receipts") == 1
    assert count(tmp_path, "payments") == 1
