"""HTML to PDF/A-3b by WeasyPrint, with everything reused that may be.

Not thread-safe: a FontConfiguration shared by two threads has corrupted memory. Render in worker
processes, one receipt at a time, and recycle a worker now and then (memory grows about 20 KB a
receipt). A lock makes threads that meet here all the same wait for each other.

Nothing is ever fetched: only ``data:`` addresses exist for the renderer, so a name with an ``<img>``
in it, were it ever to become HTML, would still reach no host and no file.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from threading import Lock

from weasyprint import CSS, HTML, Attachment
from weasyprint.css import ColorProfile
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

STYLE_PATH = Path(__file__).parent / "templates" / "receipt.css"
PDF_VARIANT = "pdf/a-3b"
OUTPUT_INTENT = "receipt-srgb"
ONE_AT_A_TIME = Lock()
FETCHER = URLFetcher(allowed_protocols=("data",), allow_redirects=False)


@cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def _style() -> CSS:
    text = STYLE_PATH.read_text(encoding="utf-8")
    return CSS(string=text, font_config=_fonts(), url_fetcher=FETCHER)


@cache
def _profile_bytes() -> bytes:
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def _colours() -> ColorProfile:
    """The colour profile that PDF/A wants named.

    WeasyPrint itself would open its file for every document and leave it open. A profile is made anew
    for each document, as one that has been asked for its name writes other bytes than before.
    """
    components = ("r", "g", "b")
    return ColorProfile(BytesIO(_profile_bytes()), "sRGB2014.icc", "relative-colorimetric", components)


def lay_out(html: str, attachment: tuple[str, bytes], made_at: datetime, identifier: bytes) -> bytes:
    """The page as a tagged PDF/A-3b that carries the attachment (its file name and bytes).

    ``made_at`` and ``identifier`` take the place of the clock and of chance: the same arguments give
    the same bytes.
    """
    name, data = attachment
    attached = Attachment(
        string=data,
        name=name,
        description="Biên lai dạng XML đã ký số",
        created=made_at,
        modified=made_at,
        relationship="Alternative",
        url_fetcher=FETCHER,
    )
    with ONE_AT_A_TIME:
        return _pdf(html, attached, identifier)


def _pdf(html: str, attached: Attachment, identifier: bytes) -> bytes:
    document = HTML(string=html, url_fetcher=FETCHER).render(
        font_config=_fonts(),
        stylesheets=[_style()],
        color_profiles={OUTPUT_INTENT: _colours()},
        output_intent=OUTPUT_INTENT,
    )
    pdf = document.write_pdf(
        pdf_variant=PDF_VARIANT,
        pdf_tags=True,
        pdf_identifier=identifier,
        attachments=[attached],
        output_intent=OUTPUT_INTENT,
    )
    return bytes(pdf)


def has_subset_library() -> bool:
    """Whether libharfbuzz-subset was found; without it rendering is seven times slower."""
    return harfbuzz_subset is not None


def families_used(text: str, family: str) -> frozenset[str]:
    """The font families that this machine really takes to show the text in ``family``."""
    style = CSS(string=f'p {{ font-family: "{family}" }}', font_config=_fonts(), url_fetcher=FETCHER)
    html = HTML(string=f"<p>{text}</p>", url_fetcher=FETCHER)
    with ONE_AT_A_TIME:
        document = html.render(font_config=_fonts(), stylesheets=[style])
        document.write_pdf()
    return frozenset(font.family for font in document.fonts.values())
