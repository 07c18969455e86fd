"""Keys are told apart without being shown, and a secret is exchanged step by step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from payments.core.refusals import Conflict, NotFound
from payments.store import portals as store
from payments.store.database import reading, transaction
from payments.store.tables import audit_log, webhook_endpoints
from payments.use_cases.identify_portal import identify_portal
from payments.use_cases.portal_access import (
    KeyState,
    Rotation,
    add_key,
    listen,
    revoke_key,
    rotate_secret,
    show_access,
)
from tests.gateway import OTHER_PORTAL, PORTAL, Installation

URL = "https://portal.example/hooks"
ACTOR = "operator"


def secrets_of(installation: Installation) -> list[str]:
    """What events are signed with, oldest to newest."""
    with reading(installation.gateway.engine) as connection:
        sealed = connection.execute(select(webhook_endpoints.c.sealed_secrets)).scalar_one()
    return [installation.gateway.secrets.open(each) for each in sealed]


def test_a_key_is_shown_by_its_beginning_and_by_whether_it_works(installation: Installation) -> None:
    gateway, clock = installation.gateway, installation.clock
    before = len(show_access(gateway, PORTAL).keys)
    made_at = clock()
    first = add_key(gateway, ACTOR, PORTAL)
    clock.advance(hours=1)
    with transaction(gateway.engine) as connection:
        store.add_key(connection, PORTAL, "thuphi_SHORTLIVED", clock(), clock() + timedelta(hours=1))
    revoked_at = clock.advance(hours=1)
    revoke_key(gateway, ACTOR, PORTAL, first)
    shown = show_access(gateway, PORTAL).keys[before:]
    assert [(key.beginning, key.state, key.created_at, key.ended_at) for key in shown] == [
        (first[:12], KeyState.REVOKED, made_at, revoked_at),
        ("thuphi_SHORT", KeyState.EXPIRED, made_at + timedelta(hours=1), revoked_at),
    ]
    assert first not in repr(show_access(gateway, PORTAL))


def test_a_key_is_revoked_by_its_beginning_and_only_that_one(installation: Installation) -> None:
    gateway = installation.gateway
    old, new = add_key(gateway, ACTOR, PORTAL), add_key(gateway, ACTOR, PORTAL)
    others = len([k for k in show_access(gateway, PORTAL).keys if k.state is KeyState.IN_USE]) - 2
    assert revoke_key(gateway, ACTOR, PORTAL, old[:12]) == (old[:12], others + 1)
    assert identify_portal(gateway, old) is None
    assert identify_portal(gateway, new) == PORTAL


@pytest.mark.parametrize("named", ["", "thuphi_", "thuphi_00000", "thuphi", "%"])
def test_what_names_no_key_in_use_revokes_nothing(installation: Installation, named: str) -> None:
    key = add_key(installation.gateway, ACTOR, PORTAL)
    with pytest.raises(NotFound, match="unknown_key"):
        revoke_key(installation.gateway, ACTOR, PORTAL, named)
    assert identify_portal(installation.gateway, key) == PORTAL


def test_a_key_of_another_portal_or_one_revoked_before_is_not_there(installation: Installation) -> None:
    gateway = installation.gateway
    key = add_key(gateway, ACTOR, PORTAL)
    with pytest.raises(NotFound, match="unknown_key"):
        revoke_key(gateway, ACTOR, OTHER_PORTAL, key)
    revoke_key(gateway, ACTOR, PORTAL, key)
    with pytest.raises(NotFound, match="unknown_key"):
        revoke_key(gateway, ACTOR, PORTAL, key)


def test_of_two_keys_that_begin_alike_the_whole_one_must_be_given(installation: Installation) -> None:
    gateway = installation.gateway
    with transaction(gateway.engine) as connection:
        for ending in "AB":
            store.add_key(connection, PORTAL, f"thuphi_TWINS{ending}", gateway.now())
    with pytest.raises(Conflict, match="ambiguous_key"):
        revoke_key(gateway, ACTOR, PORTAL, "thuphi_TWINS")
    revoke_key(gateway, ACTOR, PORTAL, "thuphi_TWINSB")
    assert identify_portal(gateway, "thuphi_TWINSA") == PORTAL
    assert identify_portal(gateway, "thuphi_TWINSB") is None


def test_a_secret_is_exchanged_with_both_signing_in_between(installation: Installation) -> None:
    gateway = installation.gateway
    old = listen(gateway, ACTOR, PORTAL, URL)
    assert secrets_of(installation) == [old]
    lost = rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.BEGIN)
    assert secrets_of(installation) == [old, lost]
    new = rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.AGAIN)
    assert secrets_of(installation) == [old, new]
    assert [each.secrets for each in show_access(gateway, PORTAL).endpoints] == [2]
    assert rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.FINISH) is None
    assert secrets_of(installation) == [new]
    assert len({old, lost, new}) == 3


def test_a_step_that_does_not_follow_changes_no_secret(installation: Installation) -> None:
    gateway = installation.gateway
    old = listen(gateway, ACTOR, PORTAL, URL)
    for step in (Rotation.AGAIN, Rotation.FINISH):
        with pytest.raises(Conflict, match="no_rotation"):
            rotate_secret(gateway, ACTOR, PORTAL, URL, step)
    with pytest.raises(Conflict, match="endpoint_exists"):
        listen(gateway, ACTOR, PORTAL, URL)
    assert secrets_of(installation) == [old]
    new = rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.BEGIN)
    with pytest.raises(Conflict, match="rotation_open"):
        rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.BEGIN)
    assert secrets_of(installation) == [old, new]


def test_an_unknown_portal_or_address_is_not_there(installation: Installation) -> None:
    gateway = installation.gateway
    for unknown in (
        lambda: show_access(gateway, "nobody"),
        lambda: add_key(gateway, ACTOR, "nobody"),
        lambda: revoke_key(gateway, ACTOR, "nobody", "thuphi_"),
        lambda: listen(gateway, ACTOR, "nobody", URL),
        lambda: rotate_secret(gateway, ACTOR, "nobody", URL, Rotation.BEGIN),
    ):
        with pytest.raises(NotFound, match="unknown_portal"):
            unknown()
    with pytest.raises(NotFound, match="unknown_endpoint"):
        rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.BEGIN)


def test_every_change_is_in_the_audit_log_and_no_secret_is(installation: Installation) -> None:
    gateway = installation.gateway
    key = add_key(gateway, ACTOR, PORTAL)
    first = listen(gateway, ACTOR, PORTAL, URL)
    second = rotate_secret(gateway, ACTOR, PORTAL, URL, Rotation.BEGIN)
    revoke_key(gateway, ACTOR, PORTAL, key)
    query = select(audit_log.c.actor, audit_log.c.action, audit_log.c.detail).where(
        audit_log.c.subject == f"portal:{PORTAL}"
    )
    with reading(gateway.engine) as connection:
        rows = [tuple(row) for row in connection.execute(query.order_by(audit_log.c.id))]
    assert rows == [
        (ACTOR, "portal.key_added", {"key": key[:12]}),
        (ACTOR, "portal.endpoint_added", {"url": URL}),
        (ACTOR, "portal.secret_rotated", {"url": URL, "step": "begin"}),
        (ACTOR, "portal.key_revoked", {"key": key[:12]}),
    ]
    assert not [secret for secret in (key, first, second) if str(secret) in str(rows)]
