"""``thuphi portal`` and ``webhook``: who asks, and who is told."""

from __future__ import annotations

from datetime import datetime

import click

from payments.cli.opening import opened, read_settings
from payments.store import portals as store
from payments.store.database import transaction
from payments.transport import NoAnswer, RefusedAddress, checked_target
from payments.use_cases.deliver_webhook import replay_event
from payments.use_cases.portal_access import (
    Rotation,
    add_key,
    listen,
    revoke_key,
    rotate_secret,
    show_access,
)
from payments.use_cases.vietnam import VIETNAM

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


@portal.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Show how the keys of the portal CODE begin and whether they work, and where its events go."""
    with opened() as gateway:
        found = show_access(gateway, code)
    click.echo(f"{found.name}\n\nAPI keys")
    for key in found.keys:
        ended = f" ({day(key.ended_at)})" if key.ended_at is not None else ""
        click.echo(f"  {key.beginning}…  made {day(key.created_at)}  {key.state}{ended}")
    click.echo("\nEvents go to")
    for endpoint in found.endpoints:
        click.echo(f"  {endpoint.url}  signed with {endpoint.secrets} secret(s)")


@portal.command("key")
@click.argument("code")
def make_key(code: str) -> None:
    """Make a further API key for the portal CODE and print it, this once."""
    with opened() as gateway:
        click.echo(add_key(gateway, ACTOR, code))


@portal.command("revoke-key")
@click.argument("code")
@click.argument("key")
def revoke(code: str, key: str) -> None:
    """Let KEY of the portal CODE work no longer, from now on and for good.

    KEY is the beginning that `thuphi portal show` prints.
    """
    with opened() as gateway:
        beginning, left = revoke_key(gateway, ACTOR, code, key)
    rest = f"{left} of its keys still work(s)" if left else "none of its keys works any longer"
    click.echo(f"{beginning}… is refused from now on; {rest}.")


@portal.command("listen")
@click.argument("code")
@click.argument("url")
def listen_at(code: str, url: str) -> None:
    """Send the portal's events to URL and print the secret they are signed with, this once."""
    _check_address(url)
    with opened() as gateway:
        click.echo(listen(gateway, ACTOR, code, url))


@portal.command("rotate-secret")
@click.argument("code")
@click.argument("url")
@click.option("--again", "step", flag_value=Rotation.AGAIN, help="The new secret was lost: make another.")
@click.option("--finish", "step", flag_value=Rotation.FINISH, help="Sign no longer with the old secret.")
def rotate(code: str, url: str, step: str | None) -> None:
    """Exchange the secret that events of the portal CODE to URL are signed with.

    Without an option a new secret is made and printed, this once, and every event is signed with both. Once the
    portal has the new one, --finish drops the old.
    """
    with opened() as gateway:
        secret = rotate_secret(gateway, ACTOR, code, url, Rotation(step or Rotation.BEGIN))
    if secret is None:
        click.echo("Events are signed with the new secret alone.")
    else:
        click.echo(secret)


def day(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


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
def webhook() -> None:
    """Events sent to portals."""


@webhook.command("replay")
@click.argument("event_id")
def replay(event_id: str) -> None:
    """Send the event EVENT_ID once more, to every endpoint it was meant for."""
    with opened() as gateway:
        count = replay_event(gateway, event_id, ACTOR)
    click.echo(f"{event_id} will be sent to {count} endpoint(s).")


COMMANDS = (portal, webhook)
