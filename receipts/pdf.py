"""The receipt as a page people read: A5, PDF/A-3b, tagged, with the sealed XML attached.

Layout is designed in ``templates/receipt.html`` and ``receipt.css``; this module says what goes into
it. WeasyPrint is loaded at the first rendering only (see :mod:`receipts.layout` for the one rule:
worker processes, one receipt at a time), so that web processes never pay for it and
:func:`check_renderer` can say in words what a machine lacks.

Equal arguments give equal bytes. The PDF is sealed afterwards, by ``Sealer.seal_pdf``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from receipts import xml
from receipts.document import VIETNAM, Kind, Line, Receipt
from receipts.errors import InvalidReceipt, RendererUnusable
from receipts.verify import describe_seal

MOST_LINES_ON_FIRST_PAGE = 6  # with more, the first page names an attached list
QR_MASK = 3  # any mask is valid; a fixed one saves trying all eight
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
TEMPLATES = Path(__file__).parent / "templates"

FONT_FAMILIES = ("Noto Sans", "Noto Serif")
FONT_SAMPLE = (
    "AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY aăâbcdđeêghiklmnoôơpqrstuưvxy 0123456789 "
    "ÀÁẢÃẠẰẮẲẴẶẦẤẨẪẬÈÉẺẼẸỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌỒỐỔỖỘỜỚỞỠỢÙÚỦŨỤỪỨỬỮỰỲÝỶỸỴ"
    "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ –"
)


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one kind, summed for the first page of a receipt with an attached list."""

    name: str
    count: int
    amount_dong: int


def render(receipt: Receipt, xml_bytes: bytes) -> bytes:
    """The receipt as PDF/A-3b bytes with ``xml_bytes`` attached; no clock, no chance, no network.

    ``xml_bytes`` must be this receipt's XML, sealed or (for trials) not: InvalidReceipt otherwise.
    Raises RendererUnusable when the machine lacks a library. Takes about a tenth of a second.
    """
    if xml.read(xml_bytes) != receipt:
        raise InvalidReceipt("the XML to attach is of another receipt")
    try:
        from receipts.layout import lay_out
    except OSError as error:
        raise RendererUnusable(MISSING_LIBRARY) from error
    attachment = (f"bien-lai-{receipt.serial}-{receipt.number_text}.xml", xml_bytes)
    identifier = receipt.digest()[:32].encode()
    return lay_out(page(receipt, xml_bytes), attachment, receipt.issued_at, identifier)


def page(receipt: Receipt, xml_bytes: bytes) -> str:
    """The HTML that is laid out. Every text of the receipt is escaped; missing names are errors."""
    return (
        _template_environment()
        .get_template("receipt.html")
        .render(
            receipt=receipt,
            identity=f"Biên lai {receipt.form_code} {receipt.serial} số {receipt.number_text}",
            created=receipt.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            has_list=len(receipt.lines) > MOST_LINES_ON_FIRST_PAGE,
            parts=parts_of(receipt),
            payment=payment_text(receipt),
            qr_url=qr_data_url(receipt.verify_url),
            seal=describe_seal(xml_bytes),
        )
    )


@cache
def _template_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.filters |= {
        "dong": dong_text,
        "details": details_of,
        "short_date": short_date,
        "long_date": long_date,
        "moment": moment_in_vietnam,
    }
    return environment


def parts_of(receipt: Receipt) -> tuple[Part, ...]:
    """Fees and charges apart, as the books keep them apart; kinds without lines are left out."""
    parts = []
    for kind in Kind:
        amounts = [line.amount_dong for line in receipt.lines if line.kind is kind]
        if amounts:
            parts.append(Part(xml.KIND_NAMES[kind], len(amounts), sum(amounts)))
    return tuple(parts)


def details_of(line: Line) -> str:
    """What stands small under a line's name: its kind, unless the name says it, sub-item, explanation
    and legal basis, as far as known.
    """
    kind = xml.KIND_NAMES[line.kind]
    says_kind = line.name_vi.lower().startswith(kind.lower())
    details = (
        "" if says_kind else kind,
        f"Tiểu mục {line.sub_item}" if line.sub_item else "",
        line.explanation_vi,
        f"Căn cứ: {line.legal_basis}" if line.legal_basis else "",
    )
    return " – ".join(filter(None, details))


def payment_text(receipt: Receipt) -> str:
    """How it was paid and under which reference, as far as known: ``VNPAY, mã giao dịch 14422574``."""
    reference = f"mã giao dịch {receipt.provider_reference}" if receipt.provider_reference else ""
    return ", ".join(filter(None, (receipt.payment_method, reference)))


def dong_text(amount_dong: int) -> str:
    """An amount as Vietnam writes it, never broken over lines: ``1.000.000 đ``."""
    return f"{amount_dong:,}".replace(",", ".") + NO_BREAK_SPACE + "đ"


def short_date(day: date) -> str:
    """``22/11/2026``."""
    return f"{day:%d/%m/%Y}"


def long_date(day: date) -> str:
    """``ngày 22 tháng 11 năm 2026``."""
    return f"ngày {day.day:02d} tháng {day.month:02d} năm {day.year}"


def moment_in_vietnam(moment: datetime) -> str:
    """``10:16:00 22/11/2026`` by the clock in Vietnam."""
    return f"{moment.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"


def qr_data_url(url: str) -> str:
    """The QR code of an address as a ``data:`` PNG with one pixel per module."""
    code = segno.make_qr(url, error="m", mask=QR_MASK, boost_error=False)
    return str(code.png_data_uri(scale=1, border=0))


MISSING_LIBRARY = (
    "Pango cannot be loaded, so no receipt PDF can be made: "
    "install it with `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`"
)
MISSING_SUBSET_LIBRARY = (
    "libharfbuzz-subset is missing, so receipt PDFs take seven times as long: "
    "install it with `apt-get install libharfbuzz-subset0`"
)
MISSING_FONT = (
    "the font {family} with its Vietnamese letters is missing, so receipts would look wrong: "
    "install it with `apt-get install fonts-noto-core` and run `fc-cache`"
)


def check_renderer() -> list[str]:
    """What this machine lacks for receipt PDFs; each text says how to mend it. Empty when all is there."""
    try:
        from receipts.layout import families_used, has_subset_library
    except OSError:
        return [MISSING_LIBRARY]
    used = {family: families_used(FONT_SAMPLE, family) for family in FONT_FAMILIES}
    return renderer_problems(has_subset_library(), used)


def renderer_problems(has_subset_library: bool, used: Mapping[str, frozenset[str]]) -> list[str]:
    """What follows from the findings: ``used`` names the families really taken for each wanted one."""
    problems = [] if has_subset_library else [MISSING_SUBSET_LIBRARY]
    missing = [family for family, taken in used.items() if taken != {family}]
    return problems + [MISSING_FONT.format(family=family) for family in missing]
