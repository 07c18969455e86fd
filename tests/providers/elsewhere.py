"""What another distribution would bring: a provider under its own name."""

from __future__ import annotations

from typing import ClassVar

from providers import VnPay

VALUE = 1


class Elsewhere(VnPay):
    """A whole provider that is not in the table."""

    name: ClassVar[str] = "complete"
