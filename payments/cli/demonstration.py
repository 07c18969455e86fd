"""``thuphi demo`` and the demonstration's part of ``thuphi serve``."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from payments.app import utc_now
from payments.demo.journey import Journey, Step
from payments.demo.serving import LOG, Demonstration, demonstration
from payments.demo.world import World
from payments.serving import CannotListen
from receipts.pdf import check_renderer

WIDTH = 52


def serve_demonstration(data: Path, host: str, port: int) -> None:
    """Serve gateway, worker, bank and portal until Ctrl-C. Raises CannotListen or CannotUseDirectory."""
    _require_renderer()
    with demonstration(World(data.resolve(), port, host)) as started:
        _say_where_to_click(started)
        started.gateway_server.run([started.listener])


def _say_where_to_click(started: Demonstration) -> None:
    world = started.world
    first, second = (
        f"login {login}, password {password}" for login, password in started.secrets.logins().items()
    )
    click.echo(
        f"""
Thuphi is running, with play money only.

  1. The portal, as a clerk     {world.portal_url}        make a dossier, get the payment link
  2. The citizen's page         follow that link, choose VNPAY, pay on the sandbox bank's page
  3. Back at the portal         the dossier is unlocked; the receipt is behind its link

  Console for finance officers  {world.gateway_url}/console   {first}
    a second one, who approves  the same address            {second}
  Check a receipt               {world.gateway_url}/verify
  Interface for portals         {world.gateway_url}/docs      API key in {world.file("secrets.json")}

Data and keys are kept in {world.directory}, the log of this start in {world.file(LOG)}. Press Ctrl-C to stop.
"""
    )


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--port", type=click.IntRange(1, 65_533), default=8100, show_default=True)
def demo(data: Path, port: int) -> None:
    """Play the whole journey over real HTTP, without a browser, and write the receipt's PDF.

    It uses servers and a database of its own. Killed at any moment and started again, it completes.
    """
    _require_renderer()
    world = World(data.resolve(), port)
    try:
        with demonstration(world) as started:
            _play(started)
    except CannotListen as error:
        raise click.ClickException(f"{error} (demo uses three ports, beginning with --port)") from None


def _play(started: Demonstration) -> None:
    server = started.gateway_server
    thread = threading.Thread(target=server.run, args=([started.listener],), name="gateway", daemon=True)
    thread.start()
    journey = Journey(started.world, started.secrets, utc_now, _tell)
    try:
        journey.run()
    finally:
        server.should_exit = True
        thread.join()
        _table(journey.steps)
    click.echo(f"\nAll {len(journey.steps)} steps hold. The receipt: {started.world.directory}")


def _tell(step: Step) -> None:
    click.echo(f"  ✓ {step.title:<{WIDTH}} {step.seen}")


def _table(steps: list[Step]) -> None:
    click.echo("\nStep".ljust(WIDTH + 7) + "Seconds")
    for number, step in enumerate(steps, start=1):
        click.echo(f"{number:>3}. {step.title:<{WIDTH}} {step.seconds:>7.2f}")
    click.echo(f"     {'Together':<{WIDTH}} {sum(step.seconds for step in steps):>7.2f}")


def _require_renderer() -> None:
    missing = [problem for problem in check_renderer() if "cannot be loaded" in problem]
    if missing:
        raise click.ClickException(missing[0])


COMMANDS = (demo,)
