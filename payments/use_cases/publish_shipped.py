"""The texts that come with an installation's directory ``catalogue``: published at the first start, drafts later.

An installation begins with them as its law. Whatever changes afterwards goes through two people, wherever it comes
from (docs/decisions/0008-published-texts-are-only-superseded.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.fees.load import FileProblem
from payments.core.publication import SHIPPED_BY
from payments.core.refusals import Conflict, Problem
from payments.store import publication as store
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.catalogue_in_force import compile_texts
from payments.use_cases.fee_text import FeeText, period_rows, read_fee_text, text_row
from payments.use_cases.gateway import Gateway
from payments.use_cases.import_draft import keep_draft
from payments.use_cases.vietnam import today

FIRST_PUBLICATION = 1


@dataclass(frozen=True, slots=True)
class Shipped:
    """What became of the directory: how many texts were published, and the ids of the drafts that now wait."""

    published: int
    drafts: tuple[str, ...]


def publish_shipped(gateway: Gateway, files: Mapping[str, str]) -> Shipped:
    """Publish ``files`` (name → text) at the first start; later keep what is new in them as drafts.

    Raises Invalid when a file cannot be read, and Conflict when a published version now says something else, or when
    what is published cannot be used any more.
    """
    now = gateway.now()
    texts = _newest([read_fee_text(name, text) for name, text in files.items()])
    with transaction(gateway.engine) as connection:
        store.publish_alone(connection)
        known = store.all_versions(connection)
        _refuse_changed(texts, known)
        first = store.last_publication(connection) < FIRST_PUBLICATION
        done = (
            _publish(connection, texts, known, now)
            if first
            else _wait(gateway, connection, texts, known, now)
        )
        _refuse_unusable(connection, now)
    return done


def _newest(texts: Sequence[FeeText]) -> list[FeeText]:
    """Of several versions of one text the newest; the others govern nothing any more."""
    newest: dict[str, FeeText] = {}
    for text in texts:
        if text.id in newest and newest[text.id].version == text.version:
            raise Conflict(
                "two_files_of_one_text",
                f"Hai tệp cùng là {text.id}; hãy đổi tên hoặc bỏ một tệp.",
                f"Two files of the catalogue are {text.id}: rename one of them, or take it out.",
            )
        if text.id not in newest or newest[text.id].version < text.version:
            newest[text.id] = text
    return list(newest.values())


def _refuse_changed(texts: Sequence[FeeText], known: Sequence[Row[Any]]) -> None:
    """A text that names its version keeps what it said under it."""
    digests = {(row.id, row.version): row.digest for row in known}
    changed = [text for text in texts if digests.get((text.id, text.version), text.digest) != text.digest]
    if not changed:
        return
    names = ", ".join(f"{text.id} ({text.version})" for text in changed)
    raise Conflict(
        "schedule_changed",
        f"Cơ sở dữ liệu này đã công bố các biểu mức thu sau với nội dung khác: {names}; hãy tăng số phiên bản "
        "(version) trong tệp, hoặc bắt đầu lại với cơ sở dữ liệu trống nếu chưa thu khoản nào.",
        f"This database has published other texts of these schedules under the same versions: {names}; raise its "
        "version in each file, or begin anew with an empty database where nothing has been paid yet.",
        tuple(
            Problem(text.file_name, f"version {text.version}", f"version {text.version}") for text in changed
        ),
    )


def _publish(
    connection: Connection, texts: Sequence[FeeText], known: Sequence[Row[Any]], now: datetime
) -> Shipped:
    day = today(now)
    kept = {row.id: row.version for row in known}
    new = [text for text in texts if text.version > kept.get(text.id, -1)]
    for text in new:
        if text.id in kept:
            store.end_version(connection, text.id, kept[text.id], day)
    rows = [
        {
            **text_row(text),
            "publication": FIRST_PUBLICATION,
            "published_from": day,
            "published_at": now,
            "published_by": SHIPPED_BY,
        }
        for text in new
    ]
    store.add_texts(connection, rows)
    periods = [row for text in new for row in period_rows(text, text.version or 1, day)]
    store.add_periods(connection, _periods_of_before(connection) + periods)
    entry = AuditEntry(
        SHIPPED_BY, "publish_catalogue", f"publication:{FIRST_PUBLICATION}", {"texts": len(new)}
    )
    note(connection, [entry], now)
    return Shipped(len(new), ())


def _periods_of_before(connection: Connection) -> list[dict[str, Any]]:
    """The items of schedules that were published before items were written down."""
    found = [
        (row, read_fee_text(row.file_name or f"{row.id}.yaml", row.source_text))
        for row in store.texts_without_periods(connection)
    ]
    return [each for row, text in found for each in period_rows(text, row.version, row.published_from)]


def _wait(
    gateway: Gateway,
    connection: Connection,
    texts: Sequence[FeeText],
    known: Sequence[Row[Any]],
    now: datetime,
) -> Shipped:
    """Keep as drafts what was never published; an older version than the published one brings nothing."""
    published = {(row.id, row.digest) for row in known}
    newest = {row.id: row.version for row in known}
    new = [
        text
        for text in texts
        if (text.id, text.digest) not in published
        and (text.version == 0 or text.version > newest.get(text.id, 0))
    ]
    drafts = [keep_draft(gateway, connection, SHIPPED_BY, text, now) for text in new]
    return Shipped(0, tuple(draft.id for draft in drafts if draft.is_live))


def _refuse_unusable(connection: Connection, now: datetime) -> None:
    """A text that this version of Thuphi cannot read would be missing silently, and its fees with it."""
    _, problems = compile_texts(connection, store.texts_on(connection, today(now)))
    if problems:
        raise Conflict(
            "unusable_catalogue",
            "Biểu mức thu đã công bố không dùng được với phiên bản này; " + _listed(problems),
            "What is published cannot be used by this version: " + _listed(problems),
        )


def _listed(problems: Sequence[FileProblem]) -> str:
    return "; ".join(map(str, problems))
