"""Portals, their API keys and the addresses that their webhooks go to.

Of an API key only the digest is stored. The key itself is 256 random bits, so a plain SHA-256 is enough:
there is nothing to guess. A portal may hold several keys at once, which is how one is exchanged for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from payments.store.tables import api_keys, portals, webhook_endpoints
from payments.store.writing import insert_new

SHOWN_LETTERS = 12
"""How much of a key may be shown again, so that its owner can tell it from another."""


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def find_portal_code(connection: Connection, digest: str, now: datetime) -> str | None:
    """The portal whose key has this digest, unless the key has been revoked or has expired."""
    query = select(api_keys.c.portal_code).where(
        api_keys.c.digest == digest,
        api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
    )
    return connection.execute(query).scalar_one_or_none()


def add_portal(connection: Connection, code: str, name: str) -> None:
    """Add the portal ``code``; nothing changes when it exists."""
    insert_new(connection, portals, [{"code": code, "name": name}])


def find_portal(connection: Connection, code: str) -> Row[Any] | None:
    return connection.execute(select(portals).where(portals.c.code == code)).one_or_none()


def add_key(
    connection: Connection, portal_code: str, key: str, now: datetime, expires_at: datetime | None = None
) -> None:
    """Let ``key`` speak for the portal, beside the keys it has; only its digest and beginning are kept."""
    row = {
        "digest": key_digest(key),
        "portal_code": portal_code,
        "prefix": key[:SHOWN_LETTERS],
        "created_at": now,
        "expires_at": expires_at,
    }
    insert_new(connection, api_keys, [row])


def keys_of(connection: Connection, portal_code: str) -> Sequence[Row[Any]]:
    """Every key that the portal was ever given, oldest first."""
    query = select(api_keys).where(api_keys.c.portal_code == portal_code)
    return connection.execute(query.order_by(api_keys.c.created_at, api_keys.c.digest)).all()


def revoke_key(connection: Connection, digest: str, now: datetime) -> bool:
    """Revoke a key from now on; False when it does not exist or was revoked before."""
    changed = connection.execute(
        update(api_keys)
        .where(api_keys.c.digest == digest, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return changed.rowcount == 1


def add_endpoint(
    connection: Connection,
    endpoint_id: str,
    portal_code: str,
    url: str,
    sealed_secrets: Collection[str],
    now: datetime,
) -> None:
    """Send the portal's events to ``url``, signed with each of ``sealed_secrets`` (oldest to newest)."""
    row = {
        "id": endpoint_id,
        "portal_code": portal_code,
        "url": url,
        "sealed_secrets": list(sealed_secrets),
        "active": True,
        "created_at": now,
    }
    connection.execute(insert(webhook_endpoints), row)


def find_endpoint(
    connection: Connection, portal_code: str, url: str, *, lock: bool = False
) -> Row[Any] | None:
    """The portal's endpoint at ``url``; locked until the transaction ends when asked."""
    query = select(webhook_endpoints).where(
        webhook_endpoints.c.portal_code == portal_code, webhook_endpoints.c.url == url
    )
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def endpoints_of(connection: Connection, portal_code: str) -> Sequence[Row[Any]]:
    """Where the portal's events go, in the order in which it was entered."""
    query = select(webhook_endpoints).where(webhook_endpoints.c.portal_code == portal_code)
    return connection.execute(query.order_by(webhook_endpoints.c.id)).all()


def set_endpoint_secrets(connection: Connection, endpoint_id: str, sealed_secrets: Collection[str]) -> None:
    """Change the secrets of an endpoint; deliveries are signed with every one that is left."""
    connection.execute(
        update(webhook_endpoints)
        .where(webhook_endpoints.c.id == endpoint_id)
        .values(sealed_secrets=list(sealed_secrets))
    )
