"""The look-alikes share nothing with the modules they stand opposite to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import providers.sandbox

FOLDER = Path(providers.sandbox.__file__).parent
FILES = sorted(FOLDER.glob("**/*.py"))


def imported_modules(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def test_there_are_look_alikes_to_examine() -> None:
    assert "vnpay_messages.py" in {file.name for file in FILES}
    assert "hmac" in imported_modules(FOLDER / "vnpay_messages.py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_look_alike_imports_nothing_of_the_gateway_but_other_look_alikes(file: Path) -> None:
    ours = {
        name
        for name in imported_modules(file)
        if name.split(".")[0] in {"providers", "payments", "receipts", ""}
    }
    assert {name for name in ours if not f"{name}.".startswith("providers.sandbox.")} == set()
    assert "import_module" not in file.read_text(encoding="utf-8")
