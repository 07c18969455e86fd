from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.installation import commands_at_hand, environment_in


@pytest.fixture(scope="session", autouse=True)
def commands() -> Iterator[None]:
    with commands_at_hand():
        yield


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a small installation that is not migrated yet."""
    return environment_in(tmp_path)
