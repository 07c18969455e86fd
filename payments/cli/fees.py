"""``thuphi quote``: what a case would cost, by the catalogue, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import click

from payments.app import read_catalogue_files, utc_now
from payments.cli.opening import read_settings
from payments.cli.schedules import LANGUAGE
from payments.cli.told_quote import tell
from payments.core.fees.catalogue import Catalogue
from payments.core.fees.inputs import Facts
from payments.core.fees.quote import quote
from payments.core.fees.refusals import FeeRefusal
from payments.core.fees.schedule import Input
from payments.use_cases.vietnam import today


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
@click.option(
    "-b", "--beneficiary", "beneficiaries", multiple=True, help="A group of the payer; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON document.")
@click.option("--explain", is_flag=True, help="Also each step of the calculation, and who keeps what.")
@LANGUAGE
def quote_command(
    procedure: str,
    given: Sequence[str],
    day: datetime | None,
    channel: str,
    territory: str,
    status: str,
    beneficiaries: Sequence[str],
    as_json: bool,
    explain: bool,
    language: str,
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
        beneficiaries=frozenset(beneficiaries),
    )
    try:
        answer = quote(catalogue, procedure, facts)
    except FeeRefusal as refusal:
        raise click.ClickException("\n".join(_refused(refusal, asked, language))) from None
    if as_json:
        click.echo(json.dumps(asdict(answer), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo("\n".join(tell(answer, language, with_steps=explain)))


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


def _refused(refusal: FeeRefusal, asked: Mapping[str, Input], language: str) -> Iterator[str]:
    """All that is wrong; where answers are, also what the procedure asks."""
    if not refusal.problems:
        yield refusal.message_vi if language == "vi" else refusal.message_en
        return
    yield _HEADINGS["wrong", language]
    for problem in refusal.problems:
        yield f"  {problem.field}: {problem.message_vi if language == 'vi' else problem.message_en}"
    if asked:
        yield _HEADINGS["asked", language]
    for question in asked.values():
        yield f"  {question.name} ({question.type}): {question.label_vi if language == 'vi' else question.label_en}"


_HEADINGS = {
    ("wrong", "vi"): "Chưa tính được:",
    ("wrong", "en"): "This cannot be computed yet:",
    ("asked", "vi"): "Thủ tục hỏi:",
    ("asked", "en"): "The procedure asks:",
}

COMMANDS = (quote_command,)
