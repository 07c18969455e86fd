"""``thuphi user``: people who may use the console."""

from __future__ import annotations

import sys

import click

from payments.cli.opening import opened
from payments.use_cases.log_in import add_user

ROLES = ("finance_officer", "auditor", "administrator")


@click.group()
def user() -> None:
    """People who may use the console."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--password", help="Asked for when absent; at least ten characters.")
def add(login: str, name: str, role: str, password: str | None) -> None:
    """Let LOGIN into the console.

    Without a terminal, the password is the first line of standard input.
    """
    password = password or _asked()
    with opened() as gateway:
        add_user(gateway, login, name, role, password)
    click.echo(f"{login} may log in as {role}.")


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.ClickException(
            "There is no terminal to ask for the password: send it as a line on standard input."
        )
    return line


COMMANDS = (user,)
