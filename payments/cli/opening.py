"""What most commands begin with: the settings of the environment and a gateway on a database that fits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from payments.app import make_gateway, read_catalogue_files
from payments.settings import Settings, UnusableSettings, load_settings
from payments.use_cases.doctor import check_database
from payments.use_cases.gateway import Gateway
from payments.use_cases.prepare import prepare_accounts
from payments.use_cases.publish_shipped import publish_shipped


def read_settings() -> Settings:
    """The settings of this process's environment. Raises UnusableSettings."""
    return load_settings(os.environ)


def make_room(settings: Settings) -> None:
    """Make the directory of a SQLite database, which SQLite itself does not do. Raises UnusableSettings."""
    file = settings.database_file
    if file is None:
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        problem = "is a file: name a path in a directory"
    except OSError as error:
        problem = f"cannot be made ({error.strerror}): make it, or name another"
    else:
        return
    raise UnusableSettings((f"The directory {file.parent} of database_url {problem}.",))


@contextmanager
def opened() -> Iterator[Gateway]:
    """A gateway whose database is reachable and migrated; otherwise one sentence and exit code 1."""
    settings = read_settings()
    make_room(settings)
    gateway = make_gateway(settings)
    try:
        problem = check_database(gateway.engine)
        if problem:
            raise click.ClickException(problem)
        yield gateway
    finally:
        gateway.engine.dispose()


def prepare(gateway: Gateway, catalogue: Path) -> None:
    """Let the database fit the settings before anything is served."""
    prepare_accounts(gateway)
    shipped = publish_shipped(gateway, read_catalogue_files(catalogue))
    if shipped.drafts:
        click.echo(f"{len(shipped.drafts)} text(s) of the catalogue are new: see them at /console/schedules.")
