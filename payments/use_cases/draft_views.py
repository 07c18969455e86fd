"""Drafts as people and programs see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.publication import DraftEvent, DraftState, TextKind
from payments.core.refusals import Conflict, NotFound
from payments.store import drafts as store
from payments.store import publication
from payments.store.database import reading
from payments.store.users import names_by_login
from payments.use_cases.gateway import Gateway


@dataclass(frozen=True, slots=True)
class FindingView:
    """One thing to mend: where it stands, and what is wrong, in both languages."""

    file_name: str
    line: int
    place: str
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft and who did what with it; who did nothing yet is an empty text."""

    id: str
    kind: TextKind
    text_id: str
    version: int
    file_name: str
    source_text: str
    state: DraftState
    findings: tuple[FindingView, ...]
    checked_with: tuple[str, ...]
    imported_at: datetime
    imported_by: str
    checked_at: datetime | None
    checked_by: str
    approved_at: datetime | None
    approved_by: str
    published_at: datetime | None
    published_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_why: str

    @property
    def is_live(self) -> bool:
        """Whether it may still be published."""
        return self.state in store.LIVE


@dataclass(frozen=True, slots=True)
class PublishedView:
    """A version of a text that was published; ``published_to`` is the first day on which the next one counts."""

    id: str
    version: int
    kind: TextKind
    document: str
    effective_from: date | None
    effective_to: date | None
    published_from: date
    published_to: date | None
    published_at: datetime
    published_by: str
    publication: int


def list_drafts(gateway: Gateway) -> tuple[DraftView, ...]:
    """The drafts that may still be published, the newest first."""
    with reading(gateway.engine) as connection:
        return tuple(draft_view(row) for row in store.live_drafts(connection))


def list_published(gateway: Gateway) -> tuple[PublishedView, ...]:
    """Every version of every text that was ever published, by id and version."""
    with reading(gateway.engine) as connection:
        rows = publication.all_versions(connection)
    names = PublishedView.__slots__
    return tuple(PublishedView(**{name: getattr(row, name) for name in names}) for row in rows)


def names_of_people(gateway: Gateway) -> dict[str, str]:
    """Names by login, to say who did what."""
    with reading(gateway.engine) as connection:
        return names_by_login(connection)


def read_draft(gateway: Gateway, draft_id: str) -> DraftView:
    """Raises NotFound."""
    with reading(gateway.engine) as connection:
        return draft_view(find(connection, draft_id))


def find(connection: Connection, draft_id: str, *, lock: bool = False) -> Row[Any]:
    """The row of a draft. Raises NotFound."""
    row = store.find_draft(connection, draft_id, lock=lock)
    if row is None:
        raise NotFound("unknown_draft", "Không có dự thảo này.", "There is no such draft.")
    return row


def find_several(connection: Connection, draft_ids: Sequence[str], *, lock: bool = True) -> list[Row[Any]]:
    """Drafts to do something with together, each once. Raises NotFound, or Conflict for two of one text."""
    rows = [find(connection, draft_id, lock=lock) for draft_id in sorted(set(draft_ids))]
    if not rows:
        raise NotFound("unknown_draft", "Chưa chọn dự thảo nào.", "No draft was named.")
    names = [row.text_id for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Conflict(
            "two_drafts_of_one_text",
            f"Hai dự thảo của cùng một văn bản: {', '.join(twice)}; hãy chọn một.",
            f"These are two drafts of one text: {', '.join(twice)}; choose one.",
        )
    return rows


def draft_view(row: Row[Any] | None) -> DraftView:
    """The picture of a stored draft."""
    if row is None:
        raise NotFound("unknown_draft", "Không có dự thảo này.", "There is no such draft.")
    values = {name: getattr(row, name) for name in DraftView.__slots__}
    for step in ("checked_by", "approved_by", "published_by", "withdrawn_by"):
        values[step] = values[step] or ""
    values["findings"] = tuple(FindingView(**finding) for finding in row.findings)
    values["checked_with"] = tuple(row.checked_with)
    values["kind"], values["state"] = TextKind(row.kind), DraftState(row.state)
    return DraftView(**values)


def not_in_that_state(row: Row[Any], event: DraftEvent) -> Conflict:
    """The refusal of a step that a draft cannot take now."""
    return Conflict(
        "draft_state",
        f"Dự thảo {row.text_id} đang ở trạng thái “{row.state}”, không thực hiện được bước “{event}”.",
        f"Draft {row.text_id} is {row.state}; the step “{event}” is not open to it.",
    )
