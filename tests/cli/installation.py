"""A small installation in a directory of its own, and the command run on it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from payments.store.secrets import new_key
from receipts.seal import make_self_signed
from tests.gateway import START
from tests.servers.forks import Forks, forks_of

THUPHI = [sys.executable, "-c", "from payments.cli import main; main()"]
ROOT = Path(__file__).parents[2]

# What commands import: all of it beforehand, so that none of them has to.
IMPORTED = ("payments.cli.root", "sqlalchemy.dialects.sqlite", "httpcore", "weasyprint")

_waiting: list[Forks] = []


def environment_in(tmp_path: Path) -> dict[str, str]:
    """The environment of a small installation that is not migrated yet."""
    key, certificate = make_self_signed("Tests", START, 1)
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "THUPHI_DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'thuphi.sqlite3'}",
        "THUPHI_SECRET_KEYS": new_key(),
        "THUPHI_SEALING_KEY": str(tmp_path / "key.pem"),
        "THUPHI_SEALING_CERTIFICATE": str(tmp_path / "certificate.pem"),
    }


@contextmanager
def commands_at_hand() -> Iterator[None]:
    """Let :func:`thuphi` run its commands in copies of one process, which has imported them all."""
    with forks_of("payments.cli", "main", *IMPORTED) as forks:
        _waiting.append(forks)
        yield
        _waiting.clear()


def thuphi(
    environment: Mapping[str, str], *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, in a process of its own; it may fail, but never with a traceback."""
    (forks,) = _waiting
    ended = forks.run(arguments, environment, given)
    assert "Traceback" not in ended.stderr + ended.stdout
    return ended


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                if b"200" in probe.recv(100):
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer")
