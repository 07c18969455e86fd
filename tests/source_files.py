"""The repository's own files, for the tests that read them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = ("payments", "providers", "receipts")
PYTHON = (*PRODUCTION, "migrations", "benchmarks", "tests")

IGNORED = (
    ".git",
    *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()),
)
TEXT_ENDINGS = {
    "",
    *(".cfg", ".css", ".csv", ".html", ".ini", ".js", ".json", ".mako", ".md", ".po", ".py", ".sh", ".svg"),
    *(".toml", ".txt", ".xml", ".yaml", ".yml"),
}


def text_files(folder: Path = ROOT) -> Iterator[Path]:
    """Every text file that belongs to the repository."""
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not _ignored(name)]
        ours = (Path(directory, name) for name in sorted(names) if not _ignored(name))
        yield from (path for path in ours if path.suffix in TEXT_ENDINGS)


def python_files(*packages: str) -> list[Path]:
    """Every Python file of the packages named."""
    return [path for package in packages for path in text_files(ROOT / package) if path.suffix == ".py"]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def short(path: Path) -> str:
    """The path as a reader of a failure message wants it."""
    return path.relative_to(ROOT).as_posix()


def _ignored(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in IGNORED)
