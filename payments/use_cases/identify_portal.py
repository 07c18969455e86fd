"""Whose API key is it?"""

from __future__ import annotations

from payments.store.database import reading
from payments.store.portals import find_portal_code, key_digest
from payments.use_cases.gateway import Gateway


def identify_portal(gateway: Gateway, key: str) -> str | None:
    """The code of the portal that ``key`` speaks for, or None when it speaks for none."""
    with reading(gateway.engine) as connection:
        return find_portal_code(connection, key_digest(key), gateway.now())
