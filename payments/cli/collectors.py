"""``thuphi agency`` and ``procedure``: who collects, and what for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from payments.cli.opening import opened, prepare, read_settings
from payments.use_cases.prepare import Agency
from payments.use_cases.set_up_collectors import (
    Changes,
    OpenProcedure,
    add_agency,
    correct_agency,
    correct_procedure,
    open_procedure,
)

ACTOR = "operator"
DAY = click.DateTime(["%Y-%m-%d"])
STATUSES = click.Choice(["lump_sum", "budget"])
LATE = click.Choice(["settle", "hold"])


@click.group()
def agency() -> None:
    """Bodies that collect."""


@agency.command("add")
@click.argument("code")
@click.option("--name", "name_vi", required=True)
@click.option("--name-en", default="")
@click.option("--tax-code", required=True, help="10 digits, or 10-3.")
@click.option("--address", required=True)
@click.option("--territory", default="", help="Code of its province, for rates that its council sets.")
@click.option("--chapter", required=True, help="Budget chapter (chương), three digits.")
@click.option("--area-code", required=True, help="Budget area code: 7 digits (mã ĐVQHNS) or 5 (địa bàn).")
@click.option("--status", "collector_status", type=STATUSES, default="lump_sum", show_default=True)
@click.option("--parent", "parent_code", help="Code of the body above it.")
def add(code: str, name_vi: str, name_en: str, **given: Any) -> None:
    """Let the body CODE collect."""
    with opened() as gateway:
        added = add_agency(
            gateway, ACTOR, Agency(code=code, name_vi=name_vi, name_en=name_en or name_vi, **given)
        )
    click.echo(f"{code} may collect." if added else f"{code} is known just like this; nothing was changed.")


@agency.command("correct")
@click.argument("code")
@click.option("--name", "name_vi")
@click.option("--name-en")
@click.option("--tax-code")
@click.option("--address")
@click.option("--territory")
@click.option("--chapter")
@click.option("--area-code")
@click.option("--status", "collector_status", type=STATUSES)
@click.option("--parent", "parent_code")
def correct(code: str, **given: str | None) -> None:
    """Put right what is wrong about the body CODE, from now on: receipts that were issued stay as they are."""
    with opened() as gateway:
        _tell(code, correct_agency(gateway, ACTOR, code, _said(given)))


@click.group()
def procedure() -> None:
    """Procedures that can be paid for."""


@procedure.command("open")
@click.argument("code")
@click.option("--agency", "agency_code", required=True, help="Code of the body that decides it.")
@click.option("--from", "payable_from", type=DAY, required=True)
@click.option("--late-payment", type=LATE, default="settle", show_default=True)
def open_for_payment(code: str, agency_code: str, payable_from: datetime, late_payment: str) -> None:
    """Open the catalogue's procedure CODE for payment."""
    wanted = OpenProcedure(code, agency_code, payable_from.date(), late_payment)
    with opened() as gateway:
        # It may be the first that happens here: the texts that come with the installation are its law from the start.
        prepare(gateway, read_settings().catalogue)
        new = open_procedure(gateway, ACTOR, wanted)
    again = "" if new else ", as before; nothing was changed"
    click.echo(f"{code} can be paid for from {payable_from:%d/%m/%Y}{again}.")


@procedure.command("correct")
@click.argument("code")
@click.option("--agency", "agency_code", help="Code of the body that decides it.")
@click.option("--from", "payable_from", type=DAY)
@click.option("--late-payment", type=LATE)
def correct_open(code: str, payable_from: datetime | None, **given: str | None) -> None:
    """Put right how the procedure CODE is open, for requests from now on."""
    day = None if payable_from is None else payable_from.date()
    with opened() as gateway:
        _tell(code, correct_procedure(gateway, ACTOR, code, _said({**given, "payable_from": day})))


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those options that were given."""
    return {name: value for name, value in given.items() if value is not None}


def _tell(code: str, changes: Changes) -> None:
    for name, (was, now) in changes.items():
        click.echo(f"{code}: {name} was “{was or ''}” and is “{now}”.")
    if not changes:
        click.echo(f"{code}: nothing was changed, it says so already.")


COMMANDS = (agency, procedure)
