"""The group of all commands, and what is said when one fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click
import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from payments.cli import (
    books,
    collectors,
    console,
    demonstration,
    fees,
    installation,
    portals,
    receipts,
    schedules,
    serving,
)
from payments.core.fees.load import FilesRefused
from payments.core.refusals import Refusal
from payments.demo.directory import CannotUseDirectory
from payments.demo.journey import StepFailed
from payments.logs import configure_logs
from payments.serving import CannotListen
from payments.settings import UnusableSettings
from providers.protocol import ProviderError
from receipts.errors import ReceiptError

FAILED = 1
INTERRUPTED = 130
# Databases, their journals and receipts hold personal data: whatever Thuphi makes is its own user's alone.
OWNER_ONLY = 0o077

log = structlog.get_logger("payments.cli")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="thuphi")
def thuphi() -> None:
    """Thuphi: collect fees and charges of administrative procedures.

    Settings come from THUPHI_… environment variables or from the TOML file that THUPHI_SETTINGS names;
    docs/operators/settings.md explains each.
    """


GROUPS = (
    serving,
    demonstration,
    installation,
    fees,
    schedules,
    portals,
    collectors,
    console,
    receipts,
    books,
)
for module in GROUPS:
    for command in module.COMMANDS:
        thuphi.add_command(command)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    configure_logs()
    os.umask(OWNER_ONLY)
    sys.exit(exit_code(arguments))


def exit_code(arguments: Sequence[str] | None) -> int:
    """Run one command; what goes wrong is said on standard error."""
    try:
        return int(thuphi.main(arguments, prog_name="thuphi", standalone_mode=False) or 0)
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a sentence
        for sentence in sentences(error):
            click.echo(sentence, err=True)
        return FAILED


def sentences(error: Exception) -> Sequence[str]:
    """What a person is told about ``error``."""
    if isinstance(error, UnusableSettings):
        return error.problems
    if isinstance(error, Refusal):
        return (error.message_en, *(f"{each.field}: {each.message_en}" for each in error.problems))
    if isinstance(error, FilesRefused):
        return tuple(str(problem) for problem in error.problems)
    if isinstance(error, CannotListen | CannotUseDirectory | StepFailed | ProviderError | ReceiptError):
        return (str(error),)
    if isinstance(error, SQLAlchemyError):
        return (_database_sentence(error),)
    if isinstance(error, OSError) and error.filename:
        return (f"{error.filename}: {error.strerror}.",)
    log.error("command failed", exc_info=error)
    return (
        f"Something failed that Thuphi did not expect ({type(error).__name__}); the line above says where.",
    )


def _database_sentence(error: SQLAlchemyError) -> str:
    cause = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
    return (
        f"The database did not do what was asked ({cause}): see `thuphi doctor`, and run `thuphi migrate` "
        "if that was not done after an update."
    )
