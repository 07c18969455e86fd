"""Signatures with shared secrets, and the one constant-time comparison of the project.

Several secrets may be in force while one replaces another. They are listed from oldest to newest: the
newest signs, any of them is accepted. An empty secret is refused when the keys are made, so nothing can
ever be verified by the absence of a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from cryptography.hazmat.primitives import constant_time, hashes, hmac

from providers.protocol import LocalProviderError


class Digest(Enum):
    """The hash function under an HMAC."""

    SHA256 = "sha256"
    SHA512 = "sha512"


HASHES: dict[Digest, hashes.HashAlgorithm] = {
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA512: hashes.SHA512(),
}


def same(left: str | bytes, right: str | bytes) -> bool:
    """Whether two secrets or signatures are equal, in a time that does not tell where they differ.

    Text is compared as UTF-8. Every comparison of something secret in this project goes through here.
    """
    return constant_time.bytes_eq(_as_bytes(left), _as_bytes(right))


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one account, oldest first, and the digest they are used with.

    Raises LocalProviderError when there is no secret or one of them is empty.
    """

    digest: Digest
    secrets: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secrets:
            raise LocalProviderError("no secret is set")
        if not all(self.secrets):
            raise LocalProviderError("a secret is empty")

    @classmethod
    def of(cls, digest: Digest, secrets: Iterable[str]) -> Keys:
        """Keys from secrets as text, used as their UTF-8 bytes, oldest first."""
        return cls(digest, tuple(secret.encode() for secret in secrets))

    def sign(self, message: bytes) -> str:
        """The signature of ``message`` by the newest secret, in lower-case hex."""
        return self._hex(self.secrets[-1], message)

    def accepts(self, message: bytes, signature: str) -> bool:
        """Whether any secret gives ``signature``, whose hex digits may be in either case."""
        # Every secret is tried, so the time does not tell which one matched.
        matches = [same(self._hex(secret, message), signature.lower()) for secret in self.secrets]
        return any(matches)

    def _hex(self, secret: bytes, message: bytes) -> str:
        code = hmac.HMAC(secret, HASHES[self.digest])
        code.update(message)
        return code.finalize().hex()


def _as_bytes(value: str | bytes) -> bytes:
    # A lone surrogate can arrive in a hostile message; it must compare unequal, not raise.
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
