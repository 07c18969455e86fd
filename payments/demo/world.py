"""The demonstration's own things: its directory, its ports, its made-up secrets, and what is in its database."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from payments.app import make_gateway, read_catalogue_files, utc_now
from payments.core.references import api_key, sortable
from payments.core.refusals import Conflict
from payments.demo.standing import prepare_province
from payments.settings import Settings, make_settings
from payments.store import portals
from payments.store.database import transaction
from payments.store.deliveries import switch_off_other_endpoints
from payments.store.jobs import take_back_all
from payments.store.migrate import migrate
from payments.store.secrets import new_key
from payments.use_cases.deliver_webhook import new_secret
from payments.use_cases.gateway import Gateway
from payments.use_cases.log_in import add_user
from payments.use_cases.publish_shipped import publish_shipped
from receipts.seal import make_self_signed

PORTAL_CODE = "cong-mau"
PORTAL_NAME = "Cổng dịch vụ công mẫu"
ACCOUNT = "vnpay"
TERMINAL = "THUPHI01"
# Two, for what one of them asks for another has to approve: login → name, and which secret is the password.
OFFICERS = {
    "ketoan": ("Kế toán viên (chạy thử)", "officer_password"),
    "ketoantruong": ("Kế toán trưởng (chạy thử)", "second_officer_password"),
}
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once per directory and kept there, readable by its owner only."""

    secret_key: str
    bank_secret: str
    api_key: str
    webhook_secret: str
    officer_password: str
    second_officer_password: str

    def logins(self) -> dict[str, str]:
        """The password of each officer, by login."""
        return {login: getattr(self, secret) for login, (_, secret) in OFFICERS.items()}

    def __repr__(self) -> str:
        return "Secrets()"


@dataclass(frozen=True, slots=True)
class World:
    """One demonstration: a directory and three neighbouring ports."""

    directory: Path
    port: int
    host: str = LOOPBACK

    @property
    def gateway_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def bank_url(self) -> str:
        return f"http://{self.host}:{self.bank_port}"

    @property
    def portal_url(self) -> str:
        return f"http://{self.host}:{self.portal_port}"

    @property
    def bank_port(self) -> int:
        return self.port + 1

    @property
    def portal_port(self) -> int:
        return self.port + 2

    @property
    def callback_url(self) -> str:
        return f"{self.gateway_url}/providers/{ACCOUNT}/callback"

    @property
    def webhook_url(self) -> str:
        return f"{self.portal_url}/webhooks"

    def file(self, name: str) -> Path:
        return self.directory / name


def keep_secrets(world: World) -> Secrets:
    """The directory's secrets, made at the first start; one that an older version did not make is made now."""
    path = world.file("secrets.json")
    kept = json.loads(path.read_bytes()) if path.exists() else {}
    made = {
        "secret_key": new_key(),
        "bank_secret": secrets.token_hex(16).upper(),
        "api_key": api_key(secrets.token_bytes),
        "webhook_secret": new_secret(secrets.token_bytes),
        "officer_password": secrets.token_urlsafe(12),
        "second_officer_password": secrets.token_urlsafe(12),
    }
    if made.keys() - kept.keys():
        kept = made | kept
        write_whole(path, json.dumps(kept, indent=2).encode())
    return Secrets(**kept)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file wholly or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def demo_settings(world: World, kept: Secrets) -> Settings:
    """The settings of the demonstration, with a sealing key made at the first start."""
    key, certificate = world.file("sealing-key.pem"), world.file("sealing-certificate.pem")
    if not certificate.exists():
        key_pem, certificate_pem = make_self_signed(
            "Thuphi – chạy thử", utc_now(), int.from_bytes(secrets.token_bytes(8), "big") + 1
        )
        write_whole(key, key_pem)
        write_whole(certificate, certificate_pem)
    return make_settings(
        {
            "database_url": f"sqlite:///{world.file('thuphi.sqlite3')}",
            "public_url": world.gateway_url,
            "host": world.host,
            "port": world.port,
            "secret_keys": [kept.secret_key],
            "sealing_key": key,
            "sealing_certificate": certificate,
            "webhook_private_networks_allowed": True,
            "accounts": {ACCOUNT: {"provider": "vnpay", "settings": _bank_settings(world, kept)}},
        }
    )


def _bank_settings(world: World, kept: Secrets) -> dict[str, str]:
    return {
        "terminal_code": TERMINAL,
        "hash_secret": kept.bank_secret,
        "pay_url": f"{world.bank_url}/paymentv2/vpcpay.html",
        "api_url": f"{world.bank_url}/merchant_webapi/api/transaction",
    }


def open_world(world: World) -> tuple[Gateway, Secrets]:
    """A gateway on the demonstration's migrated and filled database; what is there already stays."""
    kept = keep_secrets(world)
    settings = demo_settings(world, kept)
    gateway = make_gateway(settings)
    migrate(gateway.engine)
    publish_shipped(gateway, read_catalogue_files(settings.catalogue))
    prepare_province(gateway)
    _add_portal(gateway, world, kept)
    _add_officers(gateway, kept)
    with transaction(gateway.engine) as connection:
        # The directory is ours, so no other worker runs here: what was running was killed with the last start.
        take_back_all(connection, gateway.now())
    return gateway, kept


def _add_portal(gateway: Gateway, world: World, kept: Secrets) -> None:
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        portals.add_portal(connection, PORTAL_CODE, PORTAL_NAME)
        portals.add_key(connection, PORTAL_CODE, kept.api_key, now)
        endpoint = portals.find_endpoint(connection, PORTAL_CODE, world.webhook_url)
        if endpoint is None:
            endpoint_id = "we_" + sortable(now, gateway.draw)
            sealed = [gateway.secrets.seal(kept.webhook_secret)]
            portals.add_endpoint(connection, endpoint_id, PORTAL_CODE, world.webhook_url, sealed, now)
        # The ports may be others than last time.
        switch_off_other_endpoints(connection, PORTAL_CODE, world.webhook_url)


def _add_officers(gateway: Gateway, kept: Secrets) -> None:
    for login, password in kept.logins().items():
        with suppress(Conflict):  # from an earlier start
            add_user(gateway, login, OFFICERS[login][0], "finance_officer", password)
