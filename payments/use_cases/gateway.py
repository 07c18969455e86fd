"""Everything a use case needs, handed to it by the composition root.

Nothing below ``payments/app.py`` reads the environment, a clock or a source of randomness by itself; it takes them
from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.x509 import Certificate
from sqlalchemy import Engine

from payments.core.references import Draw
from payments.core.refusals import NotFound
from payments.store.secrets import SecretBox
from payments.use_cases.compiled_catalogues import LastCatalogue
from providers.protocol import Provider, Reply, Request
from receipts.seal import Sealer
from receipts.verify import load_certificates


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """A merchant account at a provider and the collectors it takes money for."""

    code: str
    provider: Provider
    agencies: frozenset[str]  # empty: every collector of this installation

    def collects_for(self, agency_codes: frozenset[str]) -> bool:
        return not self.agencies or agency_codes <= self.agencies


@dataclass(frozen=True, slots=True)
class Terms:
    """The time limits of this installation."""

    request_lifetime: timedelta = timedelta(days=15)
    attempt_lifetime: timedelta = timedelta(minutes=15)
    # A provider's own clock and its last notice may trail the end of the payer's time.
    grace: timedelta = timedelta(minutes=5)
    first_question: timedelta = timedelta(minutes=2)  # after which a silent provider is asked


@dataclass(frozen=True)
class Gateway:
    """One installation at work."""

    engine: Engine
    now: Callable[[], datetime]
    draw: Draw
    accounts: Mapping[str, ProviderAccount]
    send: Callable[[str, Request], Reply]  # account code, request; the only way to a provider
    deliver: Callable[[str, Mapping[str, str], bytes], int]  # url, headers, body → status; to a portal
    sealer: Sealer
    secrets: SecretBox
    public_url: str  # without a slash at the end
    caller_address: str  # this server's address as providers see it
    terms: Terms = Terms()
    earlier_certificates: tuple[Certificate, ...] = ()  # receipts were sealed with them before
    last_catalogue: LastCatalogue = field(default_factory=LastCatalogue, compare=False)

    @property
    def trusted_certificates(self) -> list[Certificate]:
        """Every certificate that receipts of this installation are or were sealed with."""
        return [*load_certificates(self.sealer.certificate_pem), *self.earlier_certificates]

    def account(self, code: str) -> ProviderAccount:
        """The provider account ``code``; raises NotFound when the settings name none."""
        account = self.accounts.get(code)
        if account is None:
            raise NotFound(
                "unknown_account",
                "Không có tài khoản cổng thanh toán này.",
                "There is no such provider account.",
            )
        return account
