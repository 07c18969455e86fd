"""The catalogue that Thuphi computes with today.

Every process sees a new publication at its next quote: the number of the last publication is read each time, and the
catalogue is compiled anew only when the number or the day has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.fees.catalogue import Catalogue
from payments.store import publication as store
from payments.store.database import reading
from payments.use_cases.compiled_catalogues import Compiled, compiled
from payments.use_cases.gateway import Gateway
from payments.use_cases.vietnam import today


def catalogue_in_force(gateway: Gateway, connection: Connection) -> Catalogue:
    """What counts on this day in Vietnam, by everything that is published."""
    day = today(gateway.now())
    number = store.last_publication(connection)
    known = gateway.last_catalogue.get(gateway.engine, number, day)
    if known is None:
        known, _ = compile_texts(connection, store.texts_on(connection, day))
        gateway.last_catalogue.keep(gateway.engine, number, day, known)
    return known


def current_catalogue(gateway: Gateway) -> Catalogue:
    """The same for those who need nothing else of the database."""
    with reading(gateway.engine) as connection:
        return catalogue_in_force(gateway, connection)


def catalogue_on(connection: Connection, day: date) -> Catalogue:
    """The catalogue that counts on ``day``, by everything that is published so far."""
    return compile_texts(connection, store.texts_on(connection, day))[0]


def compile_texts(
    connection: Connection, texts: Iterable[Row[Any]], others: Mapping[str, tuple[str, str]] | None = None
) -> Compiled:
    """The catalogue of published texts and of ``others`` beside them: file name → digest and text."""
    beside = others or {}
    published = {name_of(text): text.digest for text in texts}
    digests = published | {name: digest for name, (digest, _) in beside.items()}

    def read() -> Mapping[str, str]:
        found = store.source_texts(connection, list(published.values()))
        kept = {name: found[digest] for name, digest in published.items()}
        return kept | {name: text for name, (_, text) in beside.items()}

    return compiled(digests, read)


def name_of(text: Row[Any]) -> str:
    """What a published text is called as a file: ids are unique, and the ending says how to read it."""
    return f"{text.id}{PurePosixPath(text.file_name).suffix or '.yaml'}"
