"""``thuphi ledger``: the books."""

from __future__ import annotations

import click

from payments.cli.opening import opened
from payments.core.money import format_dong
from payments.use_cases.verify_ledger import verify_ledger


@click.group()
def ledger() -> None:
    """The books."""


@ledger.command("verify")
@click.option("--balances", is_flag=True, help="Also print the balance of every account.")
def verify(balances: bool) -> None:
    """Follow every chain of transfers; anything taken out, put in or changed is named."""
    with opened() as gateway:
        found = verify_ledger(gateway)
    for account, balance in sorted(found.balances_dong.items()) if balances else ():
        click.echo(f"{account:<70} {format_dong(balance):>24}")
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults:
        raise click.ClickException("The ledger was changed outside of Thuphi: compare it with a backup.")
    click.echo(f"{found.transfers} transfers, every chain is whole.")


COMMANDS = (ledger,)
