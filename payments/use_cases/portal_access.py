"""How a portal is let in and told: its API keys, and the secrets that its webhooks are signed with.

Both are exchanged without a call or an event that fails: a new key works beside the old one until that is revoked,
and while two secrets are held every event is signed with both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.references import api_key, sortable
from payments.core.refusals import Conflict, NotFound
from payments.store import portals as store
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.use_cases.deliver_webhook import new_secret
from payments.use_cases.gateway import Gateway


class KeyState(StrEnum):
    IN_USE = "in use"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key by its beginning, which is all of it that is kept; ``ended_at`` is when it stops or stopped to work."""

    beginning: str
    state: KeyState
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownEndpoint:
    """An address that events go to, and how many secrets sign them: two while one is exchanged."""

    url: str
    secrets: int


@dataclass(frozen=True, slots=True)
class PortalAccess:
    name: str
    keys: tuple[ShownKey, ...]
    endpoints: tuple[ShownEndpoint, ...]


class Rotation(StrEnum):
    """A step of exchanging a secret."""

    BEGIN = "begin"  # a new secret signs beside the old one
    AGAIN = "again"  # the new one was lost: another takes its place, and the old one stays
    FINISH = "finish"  # the old one signs no longer


def show_access(gateway: Gateway, portal_code: str) -> PortalAccess:
    """A portal's keys, oldest first, and its addresses. Raises NotFound."""
    now = gateway.now()
    with reading(gateway.engine) as connection:
        portal = _portal(connection, portal_code)
        keys = store.keys_of(connection, portal_code)
        endpoints = store.endpoints_of(connection, portal_code)
    return PortalAccess(
        portal.name,
        tuple(
            ShownKey(row.prefix, key_state(row, now), row.created_at, row.revoked_at or row.expires_at)
            for row in keys
        ),
        tuple(ShownEndpoint(row.url, len(row.sealed_secrets)) for row in endpoints),
    )


def add_key(gateway: Gateway, actor: str, portal_code: str) -> str:
    """A further key for the portal: this is the only time that it is known. Raises NotFound."""
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        _portal(connection, portal_code)
        key = api_key(gateway.draw)
        store.add_key(connection, portal_code, key, now)
        _note(connection, actor, "portal.key_added", portal_code, {"key": key[: store.SHOWN_LETTERS]}, now)
    return key


def revoke_key(gateway: Gateway, actor: str, portal_code: str, named: str) -> tuple[str, int]:
    """Let a key of the portal work no longer; its beginning, and how many of the portal's keys still work.

    ``named`` is the beginning that :func:`show_access` tells, or the whole key. Raises NotFound when the portal
    has no such key in use, and Conflict when two begin alike.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        _portal(connection, portal_code)
        in_use = [
            row for row in store.keys_of(connection, portal_code) if key_state(row, now) is KeyState.IN_USE
        ]
        meant = _meant(in_use, named)
        store.revoke_key(connection, meant.digest, now)
        _note(connection, actor, "portal.key_revoked", portal_code, {"key": meant.prefix}, now)
    return meant.prefix, len(in_use) - 1


def listen(gateway: Gateway, actor: str, portal_code: str, url: str) -> str:
    """Send the portal's events to ``url``; the secret they are signed with, which nobody is told again.

    Raises NotFound for an unknown portal and Conflict when events go there already.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        _portal(connection, portal_code)
        if store.find_endpoint(connection, portal_code, url) is not None:
            raise Conflict(
                "endpoint_exists",
                "Sự kiện đã được gửi tới địa chỉ này; hãy đổi mã bí mật bằng rotate-secret.",
                "Events go to this address already: `thuphi portal rotate-secret` exchanges its secret.",
            )
        secret = new_secret(gateway.draw)
        endpoint_id = "we_" + sortable(now, gateway.draw)
        store.add_endpoint(connection, endpoint_id, portal_code, url, [gateway.secrets.seal(secret)], now)
        _note(connection, actor, "portal.endpoint_added", portal_code, {"url": url}, now)
    return secret


def rotate_secret(gateway: Gateway, actor: str, portal_code: str, url: str, step: Rotation) -> str | None:
    """Exchange the secret of an address by one step; the new secret, None when finishing.

    Raises NotFound when no events go to ``url``, and Conflict when the step does not follow from the last.
    """
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        _portal(connection, portal_code)
        endpoint = store.find_endpoint(connection, portal_code, url, lock=True)
        if endpoint is None:
            raise NotFound(
                "unknown_endpoint",
                "Không có sự kiện nào được gửi tới địa chỉ này.",
                "No events go to this address: `thuphi portal show` lists those that they go to.",
            )
        kept = _kept(endpoint.sealed_secrets, step)
        secret = None if step is Rotation.FINISH else new_secret(gateway.draw)
        added = [] if secret is None else [gateway.secrets.seal(secret)]
        store.set_endpoint_secrets(connection, endpoint.id, [*kept, *added])
        detail = {"url": url, "step": step.value}
        _note(connection, actor, "portal.secret_rotated", portal_code, detail, now)
    return secret


def key_state(row: Row[Any], now: datetime) -> KeyState:
    """Whether a key works at ``now``."""
    if row.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.EXPIRED if row.expires_at is not None and row.expires_at <= now else KeyState.IN_USE


def _portal(connection: Connection, code: str) -> Row[Any]:
    portal = store.find_portal(connection, code)
    if portal is None:
        raise NotFound(
            "unknown_portal",
            f"Không có cổng {code}.",
            f"There is no portal {code}: add it with `thuphi portal add`.",
        )
    return portal


def _meant(keys: Sequence[Row[Any]], named: str) -> Row[Any]:
    """The key that ``named`` is or begins."""
    digest = store.key_digest(named)
    meant = [row for row in keys if row.digest == digest] or [row for row in keys if row.prefix == named]
    if not meant:
        raise NotFound(
            "unknown_key",
            "Cổng không có khóa nào như thế đang dùng.",
            "The portal has no such key in use: `thuphi portal show` lists how its keys begin.",
        )
    if len(meant) > 1:
        raise Conflict(
            "ambiguous_key",
            "Có hai khóa bắt đầu giống nhau; hãy nhập cả khóa.",
            "Two of its keys begin like this: give the whole key.",
        )
    return meant[0]


def _kept(sealed_secrets: Sequence[str], step: Rotation) -> Sequence[str]:
    """The secrets (oldest to newest) that go on signing."""
    exchanging = len(sealed_secrets) > 1
    if exchanging == (step is Rotation.BEGIN):
        raise _does_not_follow(step)
    return {
        Rotation.BEGIN: sealed_secrets,
        Rotation.AGAIN: sealed_secrets[:-1],
        Rotation.FINISH: sealed_secrets[-1:],
    }[step]


def _does_not_follow(step: Rotation) -> Conflict:
    if step is Rotation.BEGIN:
        return Conflict(
            "rotation_open",
            "Đang có hai mã bí mật cùng ký; hãy kết thúc lần đổi trước bằng --finish.",
            "Two secrets sign already: --finish ends that exchange, --again replaces a new secret that was lost.",
        )
    return Conflict(
        "no_rotation",
        "Chỉ có một mã bí mật; chưa có lần đổi nào được bắt đầu.",
        "One secret signs, so nothing is being exchanged: begin without --finish and --again.",
    )


def _note(
    connection: Connection,
    actor: str,
    action: str,
    portal_code: str,
    detail: dict[str, str],
    now: datetime,
) -> None:
    note(connection, [AuditEntry(actor, action, f"portal:{portal_code}", detail)], now)
