"""HTML pages: Jinja2 templates that escape everything, in the reader's language.

A template sees, besides its own values:

    lang, other_lang         "vi" or "en"; other_lang_url is this page in the other language
    t(key, **values)         a sentence from locales/, escaped, with values in its {places}
    own(thing, "name")       thing.name_vi or thing.name_en, Vietnamese where there is no English
    link("/verify", a=1)     an address of ours that keeps the reader's language
    asset("thuphi.css")      the address of a static file
    | dong                   1000000 as "1.000.000 đ", on an English page "1,000,000 VND"
    | words                  an amount in words of the page's language
    | vn_date, vn_datetime   dd/mm/yyyy and dd/mm/yyyy HH:MM in Vietnam time

An unknown name in a template is an error, never an empty string.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from payments.core.money import format_dong
from payments.web import languages
from payments.web.assets import asset_url
from receipts.words import amount_in_english, amount_in_words

TEMPLATES = Path(__file__).parent / "templates"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

# A page about money is the reader's own and true for this moment only; its address may hold a token.
PRIVATE_PAGE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def vn_date(moment: datetime | date) -> str:
    """``dd/mm/yyyy``; of an aware moment, the day it is in Vietnam."""
    day = moment.astimezone(VIETNAM).date() if isinstance(moment, datetime) else moment
    return f"{day:%d/%m/%Y}"


def vn_datetime(moment: datetime) -> str:
    """``dd/mm/yyyy HH:MM`` in Vietnam time."""
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


@pass_context
def _dong(context: Context, amount_dong: int) -> str:
    """As the explanations of fees write it in the language of the page."""
    if context.get("lang", languages.DEFAULT_LANGUAGE) == "en":
        return f"{amount_dong:,}\N{NO-BREAK SPACE}VND"
    return format_dong(amount_dong)


@pass_context
def _words(context: Context, amount_dong: int) -> str:
    english = context.get("lang", languages.DEFAULT_LANGUAGE) == "en"
    return amount_in_english(amount_dong) if english else amount_in_words(amount_dong)


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(dong=_dong, words=_words, vn_date=vn_date, vn_datetime=vn_datetime)
    made.globals.update(asset=asset_url)
    return made


def render(template: str, language: str, values: Mapping[str, object]) -> str:
    """The template's text in ``language``, without a request: for tests and for pages made in advance."""
    spoken = {
        "lang": language,
        "t": partial(_sentence, language),
        "own": partial(_own, language),
        "link": partial(languages.keep_language, language),
    }
    return environment().get_template(template).render({**spoken, **values})


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Answer ``request`` with ``template``; a language chosen by the address is remembered in a cookie."""
    language = languages.language_of(request)
    text = render(template, language, {**_switch(request, language), **values})
    response = HTMLResponse(text, status, {"Content-Language": language, **PRIVATE_PAGE, **(headers or {})})
    if "lang" in request.query_params and request.cookies.get(languages.COOKIE) != language:
        secure = request.url.scheme == "https"
        response.set_cookie(
            languages.COOKIE, language, languages.COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure
        )
    return response


def _switch(request: Request, language: str) -> dict[str, str]:
    """Where the same page is in the other language, its other parameters kept."""
    other = next(code for code in languages.LANGUAGES if code != language)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return {"other_lang": other, "other_lang_url": f"?{urlencode([*kept, ('lang', other)])}"}


def _sentence(language: str, key: str, /, **values: object) -> Markup:
    return Markup.escape(languages.texts()[language][key]).format(**values)


def _own(language: str, thing: object, name: str) -> str:
    """The text ``name`` of ``thing`` in the reader's language, in Vietnamese where it has no other."""
    own: str = getattr(thing, f"{name}_{language}")
    vietnamese: str = getattr(thing, f"{name}_{languages.DEFAULT_LANGUAGE}")
    return own or vietnamese
