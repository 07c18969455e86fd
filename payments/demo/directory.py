"""The demonstration's directory: made for its owner alone, and used by one demonstration at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "in-use.lock"


class CannotUseDirectory(Exception):
    """The directory cannot be used; the text says how to mend it."""


@contextmanager
def owned(directory: Path) -> Iterator[None]:
    """Hold ``directory`` within the block; the system lets it go when the process ends, however it ends.

    Raises CannotUseDirectory.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (directory / LOCK).open("wb")
    except (FileExistsError, NotADirectoryError):
        raise CannotUseDirectory(f"{directory} is a file: name a directory with --data.") from None
    except OSError as error:
        raise CannotUseDirectory(
            f"{directory} cannot be used ({error.strerror}): name another directory with --data."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotUseDirectory(
                f"{directory} is in use by a demonstration that runs: stop that one, or name another with --data."
            ) from None
        yield
