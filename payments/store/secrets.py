"""Secrets at rest: what the database keeps encrypted, such as the signing secrets of webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnusableSecret(Exception):
    """A stored secret cannot be opened: the key it was sealed with is no longer in the settings."""


class SecretBox:
    """Seals with the newest key, opens with any; its representation shows none of them.

    ``keys`` are Fernet keys (44 characters of URL-safe base64), oldest to newest. Raises ValueError for no
    key and for one that is not a Fernet key, without repeating it.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a secret box needs a key")
        self._keys = MultiFernet([_fernet(key) for key in reversed(keys)])

    def __repr__(self) -> str:
        return "SecretBox()"

    def seal(self, secret: str) -> str:
        """``secret`` encrypted, as text that may be stored."""
        return self._keys.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """What :meth:`seal` was given. Raises UnusableSecret when no key of ours opens it."""
        try:
            return self._keys.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise UnusableSecret(
                "no key in secret_keys opens a stored secret: restore the older key"
            ) from None


def new_key() -> str:
    """A fresh key for ``secret_keys``."""
    return Fernet.generate_key().decode()


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError:
        raise ValueError("a key is not 44 characters of URL-safe base64") from None
