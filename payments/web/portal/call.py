"""One call of a portal, as an endpoint sees it, and what the endpoint answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from payments.use_cases.gateway import Gateway
from payments.use_cases.wishes import Idempotency


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose API key has been recognised and whose parts have been validated.

    ``path`` holds the parts of the address; ``fingerprint`` tells this method, address and body from any
    other.
    """

    gateway: Gateway
    portal_code: str
    path: Mapping[str, str]
    fingerprint: str

    def idempotency(self, key: str | None) -> Idempotency | None:
        """The portal's key for this call, tied to its body; None where it gave none."""
        return Idempotency(key, self.fingerprint) if key is not None else None


@dataclass(frozen=True, slots=True)
class Answer:
    """``model`` as JSON, or a file: ``content`` of ``media_type``."""

    model: BaseModel | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    media_type: str = "application/json"

    def body(self) -> bytes:
        return self.content if self.model is None else self.model.model_dump_json().encode()


def fingerprint(method: str, path: str, body: Mapping[str, Any] | None) -> str:
    """The digest of a call, the same for two bodies that differ in spaces or in the order of keys."""
    canonical = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
