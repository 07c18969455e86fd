"""``thuphi user``: people who may use the console."""

from __future__ import annotations

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
@click.password_option(help="Asked for when absent; at least ten characters.")
def add(login: str, name: str, role: str, password: str) -> None:
    """Let LOGIN into the console."""
    with opened() as gateway:
        add_user(gateway, login, name, role, password)
    click.echo(f"{login} may log in as {role}.")


COMMANDS = (user,)
