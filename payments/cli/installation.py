"""``thuphi migrate``, ``doctor`` and ``new-key``: setting an installation up and looking after it."""

from __future__ import annotations

from pathlib import Path

import click

from payments.app import make_gateway
from payments.cli.opening import make_room, read_settings
from payments.settings import Settings, UnusableSettings
from payments.store.database import make_engine
from payments.store.migrate import migrate as apply_migrations
from payments.store.migrate import pending
from payments.store.secrets import new_key as make_key
from payments.use_cases.doctor import (
    MIGRATE,
    Finding,
    check_database,
    check_disk,
    examine_data,
    examine_gateway,
    examine_papers,
)


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this version; harmless when it is there already."""
    settings = read_settings()
    make_room(settings)
    engine = make_engine(settings.database_url)
    problem = check_database(engine)
    if problem and not problem.endswith(MIGRATE):
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
    except UnusableSettings as unusable:
        return [*_problems("settings", unusable), *examine_papers()]
    try:
        gateway = make_gateway(settings)
        findings = [Finding("settings"), *examine_gateway(gateway)]
    except UnusableSettings as unusable:
        findings = _problems("settings", unusable)
    return [
        *findings,
        Finding("reverse proxy", _check_proxy(settings)),
        *examine_papers(),
        *_examine_data(settings),
    ]


def _check_proxy(settings: Settings) -> str:
    """Thuphi ends no TLS itself: where citizens come by HTTPS, a proxy stands before it and must be known."""
    if settings.trusted_proxies or not settings.public_url.startswith("https://"):
        return ""
    return (
        "public_url begins with https, so a reverse proxy stands before this: name its address in trusted_proxies, "
        "or every caller seems to be the proxy."
    )


def _examine_data(settings: Settings) -> list[Finding]:
    """The database and its disk. Nothing is made here: who only looks must leave no empty database behind."""
    file = settings.database_file
    if file is not None and not file.exists():
        place = nearest_directory(file)
        if not place.is_dir():
            return [
                Finding(
                    "database",
                    f"The directory {place} of database_url is a file: name a path in a directory.",
                )
            ]
        return [
            Finding("database", f"There is no database {file} yet: {MIGRATE}"),
            Finding("disk", check_disk(place)),
        ]
    return examine_data(make_engine(settings.database_url), file.parent if file else Path.cwd())


def nearest_directory(file: Path) -> Path:
    """What exists of the way to ``file``: where its database would be made."""
    return next(place for place in file.absolute().parents if place.exists())


def _problems(subject: str, unusable: UnusableSettings) -> list[Finding]:
    return [Finding(subject, problem) for problem in unusable.problems]


@click.command("new-key")
def new_key() -> None:
    """Print a fresh key for the setting secret_keys."""
    click.echo(make_key())


COMMANDS = (migrate, doctor, new_key)
