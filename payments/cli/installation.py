"""``thuphi migrate``, ``doctor`` and ``new-key``: setting an installation up and looking after it."""

from __future__ import annotations

from pathlib import Path

import click

from payments.app import make_gateway
from payments.cli.opening import make_room, read_settings
from payments.settings import UnusableSettings
from payments.store.database import make_engine
from payments.store.migrate import migrate as apply_migrations
from payments.store.migrate import pending
from payments.store.secrets import new_key as make_key
from payments.use_cases.doctor import Finding, check_database, examine


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this version; harmless when it is there already."""
    settings = read_settings()
    make_room(settings)
    engine = make_engine(settings.database_url)
    problem = check_database(engine)
    if problem and "cannot be reached" in problem:
        raise click.ClickException(problem)
    missing = pending(engine)
    apply_migrations(engine)
    click.echo(f"{len(missing)} migration(s) applied." if missing else "Nothing to do.")


@click.command()
def doctor() -> None:
    """Examine settings, database, fonts, clock, provider accounts, certificate and disk."""
    findings = _examine()
    for finding in findings:
        mark = "✗" if finding.problem else "✓"
        click.echo(f"{mark} {finding.subject}" + (f": {finding.problem}" if finding.problem else ""))
    if any(finding.problem for finding in findings):
        raise click.exceptions.Exit(1)


def _examine() -> list[Finding]:
    try:
        settings = read_settings()
        make_room(settings)
        gateway = make_gateway(settings)
    except UnusableSettings as unusable:
        return [Finding("settings", problem) for problem in unusable.problems]
    file = settings.database_file
    return [Finding("settings"), *examine(gateway, file.parent if file else Path.cwd())]


@click.command("new-key")
def new_key() -> None:
    """Print a fresh key for the setting secret_keys."""
    click.echo(make_key())


COMMANDS = (migrate, doctor, new_key)
