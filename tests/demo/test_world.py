"""What is in the demonstration's directory: made once, kept, and enough to try what takes two."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from payments.demo.world import World, keep_secrets, open_world
from payments.store.users import Role
from payments.use_cases.log_in import log_in


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "demo", 8000)


def test_two_finance_officers_may_enter_also_after_a_second_start(world: World) -> None:
    for _ in range(2):
        gateway, kept = open_world(world)
        entered = [log_in(gateway, *pair, "127.0.0.1").session.user for pair in kept.logins().items()]
        gateway.engine.dispose()
    assert len({user.login for user in entered}) == 2
    assert {user.role for user in entered} == {Role.FINANCE_OFFICER}


def test_secrets_are_made_once_and_what_an_older_version_lacked_is_added(world: World) -> None:
    first = keep_secrets(world)
    assert keep_secrets(world) == first
    assert len(set(first.logins().values())) == 2
    path = world.file("secrets.json")
    older = json.loads(path.read_bytes())
    del older["second_officer_password"]
    path.write_text(json.dumps(older))
    again = keep_secrets(world)
    assert again.second_officer_password not in ("", first.second_officer_password)
    assert (again.api_key, again.officer_password) == (first.api_key, first.officer_password)
    assert keep_secrets(world) == again
    assert path.stat().st_mode & 0o077 == 0
