"""``thuphi portal``, ``agency``, ``procedure`` and ``webhook``: who asks, who collects, who is told."""

from __future__ import annotations

from datetime import datetime

import click

from payments.cli.opening import opened, read_settings
from payments.core.references import api_key, sortable
from payments.store import portals as store
from payments.store.database import transaction
from payments.transport import NoAnswer, RefusedAddress, checked_target
from payments.use_cases.deliver_webhook import new_secret, replay_event
from payments.use_cases.prepare import Agency, open_procedures, prepare_agencies

ACTOR = "operator"


@click.group()
def portal() -> None:
    """Portals that ask for payment."""


@portal.command("add")
@click.argument("code")
@click.option("--name", required=True, help="What people call it.")
def add_portal(code: str, name: str) -> None:
    """Let the portal CODE use the interface; it needs a key next."""
    with opened() as gateway, transaction(gateway.engine) as connection:
        known = store.find_portal(connection, code)
        if known is not None and known.name != name:
            raise click.ClickException(f"Portal {code} is known as “{known.name}”; its name was not changed.")
        store.add_portal(connection, code, name)
    click.echo(f"Portal {code} is known. Make a key for it with `thuphi portal key {code}`.")


@portal.command("key")
@click.argument("code")
def add_key(code: str) -> None:
    """Make a further API key for the portal CODE and print it, this once."""
    with opened() as gateway, transaction(gateway.engine) as connection:
        if store.find_portal(connection, code) is None:
            raise click.ClickException(f"There is no portal {code}: add it with `thuphi portal add`.")
        key = api_key(gateway.draw)
        store.add_key(connection, code, key, gateway.now())
    click.echo(key)


@portal.command("listen")
@click.argument("code")
@click.argument("url")
def listen(code: str, url: str) -> None:
    """Send the portal's events to URL and print the secret they are signed with, this once.

    For a URL that is known already a second secret is added, so that one can be exchanged for the other.
    """
    _check_address(url)
    with opened() as gateway, transaction(gateway.engine) as connection:
        if store.find_portal(connection, code) is None:
            raise click.ClickException(f"There is no portal {code}: add it with `thuphi portal add`.")
        secret = new_secret(gateway.draw)
        sealed = gateway.secrets.seal(secret)
        known = store.find_endpoint(connection, code, url)
        if known is None:
            endpoint_id = "we_" + sortable(gateway.now(), gateway.draw)
            store.add_endpoint(connection, endpoint_id, code, url, [sealed], gateway.now())
        else:
            store.set_endpoint_secrets(connection, known.id, [*known.sealed_secrets[-1:], sealed])
    click.echo(secret)


def _check_address(url: str) -> None:
    """Refuse at once what no event would be sent to; a name that is not known yet may be known tomorrow."""
    allowed = read_settings().webhook_private_networks_allowed
    try:
        checked_target(url, allowed)
    except RefusedAddress as refused:
        hint = "" if allowed else "; see the setting webhook_private_networks_allowed"
        raise click.BadParameter(f"{refused}{hint}", param_hint="URL") from None
    except NoAnswer as unknown:
        click.echo(f"Events will wait until this is mended: {unknown}.", err=True)


@click.group()
def agency() -> None:
    """Bodies that collect."""


@agency.command("add")
@click.argument("code")
@click.option("--name", "name_vi", required=True)
@click.option("--name-en", default="")
@click.option("--tax-code", required=True)
@click.option("--address", required=True)
@click.option("--territory", default="", help="Code of its province, for rates that its council sets.")
@click.option("--chapter", required=True, help="Budget chapter (chương), three digits.")
@click.option("--area-code", required=True, help="Budget area code (mã ĐVQHNS or địa bàn).")
@click.option("--status", type=click.Choice(["lump_sum", "budget"]), default="lump_sum", show_default=True)
@click.option("--parent", help="Code of the body above it.")
def add_agency(
    code: str,
    name_vi: str,
    name_en: str,
    tax_code: str,
    address: str,
    territory: str,
    chapter: str,
    area_code: str,
    status: str,
    parent: str | None,
) -> None:
    """Let the body CODE collect."""
    added = Agency(
        code=code,
        name_vi=name_vi,
        name_en=name_en or name_vi,
        tax_code=tax_code,
        address=address,
        territory=territory,
        chapter=chapter,
        area_code=area_code,
        collector_status=status,
        parent_code=parent,
    )
    with opened() as gateway:
        prepare_agencies(gateway, [added])
    click.echo(f"{code} may collect.")


@click.group()
def procedure() -> None:
    """Procedures that can be paid for."""


@procedure.command("open")
@click.argument("code")
@click.option("--agency", "agency_code", required=True, help="Code of the body that decides it.")
@click.option("--from", "payable_from", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--late-payment", type=click.Choice(["settle", "hold"]), default="settle", show_default=True)
def open_procedure(code: str, agency_code: str, payable_from: datetime, late_payment: str) -> None:
    """Open the catalogue's procedure CODE for payment."""
    with opened() as gateway:
        open_procedures(gateway, {code: agency_code}, payable_from.date(), late_payment)
    click.echo(f"{code} can be paid for from {payable_from:%d/%m/%Y}.")


@click.group()
def webhook() -> None:
    """Events sent to portals."""


@webhook.command("replay")
@click.argument("event_id")
def replay(event_id: str) -> None:
    """Send the event EVENT_ID once more, to every endpoint it was meant for."""
    with opened() as gateway:
        count = replay_event(gateway, event_id, ACTOR)
    click.echo(f"{event_id} will be sent to {count} endpoint(s).")


COMMANDS = (portal, agency, procedure, webhook)
