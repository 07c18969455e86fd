"""``thuphi receipt verify``: is this file a receipt of ours, unchanged?"""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.x509 import Certificate

from payments.app import read_earlier_certificates
from payments.cli.opening import read_settings
from payments.core.money import format_dong
from payments.settings import UnusableSettings
from receipts.document import Receipt
from receipts.verify import Problem, load_certificates, verify_pdf, verify_xml

MEANINGS = {
    Problem.UNREADABLE: "This is no receipt of ours: neither its PDF nor its XML.",
    Problem.UNSIGNED: "This receipt is not sealed: do not rely on it.",
    Problem.WRONG_SIGNER: "This receipt is sealed by somebody else: do not rely on it, or name --certificate.",
    Problem.CHANGED: "This receipt was changed after it was sealed: do not rely on it.",
    Problem.OUTSIDE_VALIDITY: "This receipt was sealed when the certificate was not valid.",
    Problem.OTHER_RECEIPT: "This is another receipt than the one expected.",
}


@click.group()
def receipt() -> None:
    """Receipts."""


@receipt.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--certificate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The certificate (PEM) to trust; those of the settings if absent.",
)
def verify(file: Path, certificate: Path | None) -> None:
    """Check the seal of a receipt's PDF or XML, and print what it says."""
    trusted = _of_settings() if certificate is None else load_certificates(certificate.read_bytes())
    content = file.read_bytes()
    check = verify_pdf if content.startswith(b"%PDF-") else verify_xml
    checked = check(content, trusted)
    if checked.receipt is None:
        raise click.ClickException(MEANINGS[checked.problem or Problem.UNREADABLE])
    _print(checked.receipt)


def _of_settings() -> list[Certificate]:
    """The certificate that receipts are sealed with, and the earlier ones."""
    settings = read_settings()
    if settings.sealing_certificate is None:
        raise UnusableSettings(("The setting sealing_certificate is missing: name --certificate instead.",))
    problems: list[str] = []
    earlier = read_earlier_certificates(settings.earlier_certificates, problems)
    if problems:
        raise UnusableSettings(tuple(problems))
    return [*load_certificates(settings.sealing_certificate.read_bytes()), *earlier]


def _print(found: Receipt) -> None:
    click.echo("The seal holds and nothing was changed.")
    click.echo(f"  Number     {found.form_code} {found.serial} {found.number_text}")
    click.echo(f"  Collector  {found.collector.name} ({found.collector.tax_code})")
    click.echo(f"  Date       {found.issued_on:%d/%m/%Y}")
    click.echo(f"  Total      {format_dong(found.total_dong)}")


COMMANDS = (receipt,)
