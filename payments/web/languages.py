"""Vietnamese first, English by a switch: which language a reader gets, and every sentence in both.

Sentences live in ``locales/``. A file is ``vi.json`` or ``en.json``, or has a part before it
(``console.vi.json``); all files of a language are read as one flat table from key to text. A key that one
language lacks, or that two files give, is an error at the first page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.requests import HTTPConnection

LOCALES = Path(__file__).parent / "locales"
LANGUAGES: Final = ("vi", "en")
DEFAULT_LANGUAGE: Final = "vi"
COOKIE: Final = "lang"
COOKIE_SECONDS: Final = 365 * 24 * 3600

Texts = Mapping[str, str]


def language_of(connection: HTTPConnection) -> str:
    """The reader's language: what the address says, else what was chosen before, else Vietnamese."""
    for wish in (connection.query_params.get("lang"), connection.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    return DEFAULT_LANGUAGE


def keep_language(language: str, path: str, **parameters: object) -> str:
    """``path`` with ``parameters``, and with the language where it is not the first one: a reader without
    cookies keeps it from page to page."""
    chosen = {} if language == DEFAULT_LANGUAGE else {"lang": language}
    query = urlencode({**parameters, **chosen})
    return f"{path}?{query}" if query else path


@cache
def texts() -> Mapping[str, Texts]:
    """Every sentence by language and key."""
    return read_texts(LOCALES)


def read_texts(folder: Path) -> Mapping[str, Texts]:
    """Read all files of ``folder``. Raises ValueError naming the keys that only one language has."""
    read = {language: _merge(folder, language) for language in LANGUAGES}
    lonely = set.symmetric_difference(*(set(table) for table in read.values()))
    if lonely:
        raise ValueError(f"texts in one language only: {', '.join(sorted(lonely))}")
    return read


def _merge(folder: Path, language: str) -> Texts:
    merged: dict[str, str] = {}
    for path in sorted([*folder.glob(f"{language}.json"), *folder.glob(f"*.{language}.json")]):
        part: Texts = json.loads(path.read_text(encoding="utf-8"))
        repeated = merged.keys() & part.keys()
        if repeated:
            raise ValueError(f"{path.name} repeats {', '.join(sorted(repeated))}")
        merged.update(part)
    return merged
