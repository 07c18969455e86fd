"""Reading one account's settings: each checked, and named without its value when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from providers.protocol import LocalProviderError, Setting


def check_names(values: Mapping[str, Any], settings: Sequence[Setting]) -> None:
    """Raise LocalProviderError naming every setting that does not exist and every required one that is absent.

    A misspelt name is refused rather than ignored: it would leave its account with a default.
    """
    known = {setting.name for setting in settings}
    missing = [setting.name for setting in settings if setting.required and not values.get(setting.name)]
    problems = [f"{name}: there is no such setting" for name in values if name not in known]
    problems += [f"{name}: this setting is missing" for name in missing]
    if problems:
        raise LocalProviderError("; ".join(problems))


def text_of(values: Mapping[str, Any], name: str, pattern: str, default: str = "") -> str:
    """The text of setting ``name``, which must match ``pattern`` as a whole."""
    value = values.get(name) or default
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise LocalProviderError(f"{name}: the value does not have the expected form")
    return value


def secrets_of(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """One secret, or several from oldest to newest.

    A secret with blanks at its ends was badly copied and would fail in a way that is hard to see.
    """
    value = values.get(name)
    secrets = (value,) if isinstance(value, str) else value
    if not isinstance(secrets, list | tuple) or not secrets:
        raise LocalProviderError(f"{name}: a secret, or a list of secrets, is expected")
    for secret in secrets:
        if not isinstance(secret, str) or not secret or secret != secret.strip():
            raise LocalProviderError(f"{name}: a secret is empty, is not text, or has blanks at its ends")
    return tuple(secrets)


def url_of(values: Mapping[str, Any], name: str) -> str:
    """An address the provider listens on: ``https``, or ``http`` on this machine for a sandbox."""
    value = values.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise LocalProviderError(f"{name}: an address is expected")
    try:
        parts = urlsplit(value)
        usable = _is_usable(parts)
    except ValueError:
        usable = False
    if not usable:
        raise LocalProviderError(f"{name}: an https address without user, query or fragment is expected")
    return value


def _is_usable(parts: SplitResult) -> bool:
    # Reading the port raises ValueError when it is not a number.
    bare = parts.port != 0 and not (parts.username or parts.password or parts.query or parts.fragment)
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    return bool(parts.hostname) and bare and secure


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
