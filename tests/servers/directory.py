"""Where a test run keeps what it writes: its servers, its databases, and the directories of its tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - only looked at; what is made there has a name of its own
ROOM_BYTES = 4_000_000_000


def make_directory() -> Path:
    """A new directory: in memory where there is room, unless TMPDIR says otherwise.

    Databases are made and thrown away by the hundred, which is quicker in memory than on a disk.
    """
    parent = MEMORY if "TMPDIR" not in os.environ and _has_room(MEMORY) else None
    directory = Path(tempfile.mkdtemp(prefix="thuphi-tests-", dir=parent))
    directory.chmod(0o711)  # the user that runs PostgreSQL must be able to pass
    return directory


def use_for_temporary_files(directory: Path) -> None:
    """Let this process, and those that it starts, make temporary files in ``directory``."""
    os.environ["TMPDIR"] = str(directory)
    tempfile.tempdir = None  # to be looked up again


def _has_room(directory: Path) -> bool:
    return directory.is_dir() and shutil.disk_usage(directory).free > ROOM_BYTES
