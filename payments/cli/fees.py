"""``thuphi quote``: what a case would cost, by the catalogue, without a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import click

from payments.app import read_catalogue_files, utc_now
from payments.cli.opening import read_settings
from payments.core.fees.catalogue import Catalogue
from payments.core.fees.inputs import Facts
from payments.core.fees.quote import Quote, quote
from payments.core.fees.schedule import Input
from payments.core.money import format_dong
from payments.use_cases.price import today


@click.command("quote")
@click.argument("procedure")
@click.option(
    "-i", "--input", "given", multiple=True, metavar="NAME=VALUE", help="An answer; may be repeated."
)
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of filing and paying; today if absent."
)
@click.option(
    "--channel", type=click.Choice(["online", "counter", "post"]), default="online", show_default=True
)
@click.option("--territory", default="", help="Code of the province, where its council sets the rate.")
@click.option("--status", type=click.Choice(["lump_sum", "budget"]), default="lump_sum", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Everything, with the calculation step by step.")
def quote_command(
    procedure: str,
    given: Sequence[str],
    day: datetime | None,
    channel: str,
    territory: str,
    status: str,
    as_json: bool,
) -> None:
    """Say what PROCEDURE costs, line by line, with the reason and the law."""
    catalogue = Catalogue.from_files(read_catalogue_files(read_settings().catalogue))
    asked = {question.name: question for question in catalogue.procedure(procedure).inputs}
    filed_on = day.date() if day else today(utc_now())
    facts = Facts(
        inputs=dict(_answer(text, asked) for text in given),
        filed_on=filed_on,
        paid_on=filed_on,
        channel=channel,
        territory=territory,
        collector_status=status,
    )
    _show(quote(catalogue, procedure, facts), as_json)


def _answer(text: str, asked: dict[str, Input]) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"write NAME=VALUE, not {text!r}", param_hint="--input")
    kind = asked[name].type if name in asked else ""
    return name, _typed(kind, value)


def _typed(kind: str, value: str) -> object:
    if kind in ("whole", "money") and value.isdecimal():
        return int(value)
    if kind == "yes_no" and value in ("yes", "no"):
        return value == "yes"
    if kind == "quantities":
        return dict(part.partition(":")[::2] for part in value.split(","))
    return value


def _show(answer: Quote, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(answer), ensure_ascii=False, indent=2, default=str))
        return
    click.echo(f"{answer.procedure_code}  {answer.procedure_name_vi}")
    for line in answer.lines:
        click.echo(f"  {line.name_vi}: {format_dong(line.amount_dong)}")
        click.echo(f"    {line.explanation_vi}")
        click.echo(f"    {line.legal_basis_vi}")
    click.echo(f"  Tổng cộng: {format_dong(answer.total_dong)}")


COMMANDS = (quote_command,)
