"""The composition root: from settings to a gateway, and from a gateway to a web application.

Nothing else makes an engine, a clock, a source of randomness or a transport.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography.x509 import Certificate
from starlette.applications import Starlette
from starlette.middleware import Middleware

from payments.core.fees.catalogue import Catalogue
from payments.core.fees.load import FilesRefused
from payments.metrics import PROVIDER_FAULTS
from payments.settings import AccountSettings, Settings, UnusableSettings
from payments.store.database import make_engine
from payments.store.secrets import SecretBox
from payments.transport import NoAnswer, Transport
from payments.use_cases.gateway import Gateway, ProviderAccount, Terms
from payments.use_cases.take_notice import take_notices
from payments.web import assets, callbacks, health, home
from payments.web.checkout import routes as checkout
from payments.web.console.routes import routes as console_routes
from payments.web.edge import exception_handlers
from payments.web.gathering import Gathering
from payments.web.health import Measure
from payments.web.portal import routes as portal_routes
from payments.web.receipts import routes as receipts
from payments.web.security import Guard
from payments.web.tariffs import routes as tariffs
from providers import LocalProviderError, load_providers, make_provider
from providers.protocol import Reply, Request
from receipts.errors import UnusableKey
from receipts.seal import Sealer
from receipts.verify import load_certificates


def make_gateway(settings: Settings) -> Gateway:
    """The gateway of one installation; no connection is opened yet.

    Raises UnusableSettings with every problem at once.
    """
    problems: list[str] = []
    accounts = _accounts(settings.accounts, problems)
    sealer = _sealer(settings, problems)
    earlier_certificates = read_earlier_certificates(settings.earlier_certificates, problems)
    _check_catalogue(settings.catalogue, problems)
    keys = [key.get_secret_value() for key in settings.secret_keys]
    if not keys:
        problems.append("The setting secret_keys is missing: put there what `thuphi new-key` prints.")
    if problems or sealer is None:
        raise UnusableSettings(tuple(problems))
    transport = Transport(
        calls_at_once=settings.provider_calls_at_once,
        private_networks_allowed=settings.webhook_private_networks_allowed,
    )
    return Gateway(
        engine=make_engine(settings.database_url),
        now=utc_now,
        draw=secrets.token_bytes,
        accounts=accounts,
        send=partial(_counted, transport),
        deliver=transport.deliver,
        sealer=sealer,
        secrets=SecretBox(keys),
        public_url=settings.public_url,
        caller_address=settings.caller_address,
        terms=Terms(settings.request_lifetime, settings.attempt_lifetime, settings.grace),
        earlier_certificates=earlier_certificates,
    )


def make_web(gateway: Gateway) -> Starlette:
    """Every page and every interface of ``gateway`` as one ASGI application."""
    gathering = Gathering(partial(take_notices, gateway))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with gathering.running():
            yield

    web = Starlette(
        routes=[
            *home.routes(),
            *health.routes(gateway),
            *callbacks.routes(gateway, gathering),
            *checkout.routes(gateway),
            *receipts.routes(gateway),
            *tariffs.routes(gateway),
            *portal_routes(gateway),
            *console_routes(gateway),
            *assets.routes(),
        ],
        middleware=[
            Middleware(Measure),
            Middleware(Guard, draw=gateway.draw, https=gateway.public_url.startswith("https://")),
        ],
        exception_handlers=exception_handlers(),
        lifespan=lifespan,
    )
    # The router would redirect to whatever host the caller names.
    web.router.redirect_slashes = False
    return web


def _counted(transport: Transport, account_code: str, request: Request) -> Reply:
    """Send, and count what brought no answer, so that a provider that is down is seen."""
    try:
        return transport.send(account_code, request)
    except NoAnswer:
        PROVIDER_FAULTS.labels(account_code).inc()
        raise


def utc_now() -> datetime:
    return datetime.now(UTC)


def read_catalogue_files(directory: Path) -> Mapping[str, str]:
    """The texts of all fee schedules under ``directory``, by their path in it."""
    return {
        str(path.relative_to(directory)): path.read_text(encoding="utf-8")
        for path in sorted(directory.rglob("*.yaml"))
    }


def _accounts(wanted: Mapping[str, AccountSettings], problems: list[str]) -> dict[str, ProviderAccount]:
    accounts: dict[str, ProviderAccount] = {}
    taken: dict[tuple[str, str], str] = {}
    known = load_providers()
    for code, account in wanted.items():
        try:
            provider = make_provider(account.provider, account.settings, known)
        except LocalProviderError as error:
            problems.append(f"The setting accounts.{code} cannot be used: {error}.")
            continue
        other = taken.setdefault((provider.name, provider.merchant), code)
        if other != code:
            problems.append(
                f"The settings accounts.{other} and accounts.{code} are one merchant at {provider.name}: "
                "keep one of them, or money would be booked twice."
            )
        accounts[code] = ProviderAccount(code, provider, frozenset(account.agencies))
    return accounts


def _sealer(settings: Settings, problems: list[str]) -> Sealer | None:
    if settings.sealing_key is None or settings.sealing_certificate is None:
        problems.append("The settings sealing_key and sealing_certificate must name two PEM files.")
        return None
    password = settings.sealing_key_password
    try:
        return Sealer.from_pem(
            settings.sealing_key.read_bytes(),
            settings.sealing_certificate.read_bytes(),
            password.get_secret_value().encode() if password else None,
        )
    except OSError as error:
        problems.append(
            f"The file {error.filename} of sealing_key or sealing_certificate cannot be read ({error.strerror})."
        )
    except UnusableKey as error:
        problems.append(f"The settings sealing_key and sealing_certificate cannot be used: {error}.")
    return None


def read_earlier_certificates(directory: Path | None, problems: list[str]) -> tuple[Certificate, ...]:
    """The certificates in the PEM files of ``directory``; what cannot be read is added to ``problems``."""
    if directory is None:
        return ()
    found: list[Certificate] = []
    try:
        for path in sorted(directory.iterdir()):
            if not path.name.startswith("."):
                found += _certificates_in(path, problems)
    except OSError as error:
        problems.append(f"{error.filename} of earlier_certificates cannot be read ({error.strerror}).")
    return tuple(found)


def _certificates_in(path: Path, problems: list[str]) -> list[Certificate]:
    try:
        return load_certificates(path.read_bytes())
    except ValueError:
        problems.append(f"The file {path} of earlier_certificates holds no certificate in PEM form.")
        return []


def _check_catalogue(directory: Path, problems: list[str]) -> None:
    """What an installation begins with, and what a later start brings as drafts, is sound in itself."""
    try:
        files = read_catalogue_files(directory)
        Catalogue.from_files(files)
        if not files:
            problems.append(
                f"The setting catalogue names {directory}, where there is no fee schedule (*.yaml)."
            )
    except OSError as error:
        problems.append(f"The setting catalogue names {directory}, which cannot be read ({error.strerror}).")
    except FilesRefused as refused:
        problems.extend(f"In the catalogue, {problem}." for problem in refused.problems)
