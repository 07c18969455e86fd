"""Bring a text of the catalogue as a draft. Nothing counts by it yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from payments.core.publication import DraftState, TextKind
from payments.core.references import sortable
from payments.core.refusals import Conflict, Invalid
from payments.store import drafts as store
from payments.store import publication
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.draft_views import DraftView, draft_view
from payments.use_cases.fee_text import FeeText, read_fee_text
from payments.use_cases.gateway import Gateway

MOST_BYTES = 1_000_000


def import_draft(gateway: Gateway, actor: str, file_name: str, source_text: str) -> DraftView:
    """Keep the text of a YAML or JSON file as a draft; the same text twice is the same draft.

    ``actor`` is "user:…". Raises Invalid when the file cannot be read, with every problem by its line, and Conflict
    when just this is published already, or something else under the same version.
    """
    if len(source_text.encode()) > MOST_BYTES:
        raise Invalid("file_too_big", "Tệp lớn hơn 1 MB.", "The file is larger than 1 MB.")
    text = read_fee_text(file_name, source_text)
    now = gateway.now()
    with transaction(gateway.engine) as connection:
        publication.publish_alone(connection)
        _refuse_published(connection, text)
        return keep_draft(gateway, connection, actor, text, now)


def keep_draft(
    gateway: Gateway, connection: Connection, actor: str, text: FeeText, now: datetime
) -> DraftView:
    """The draft of ``text``, made unless there is one; what a person withdrew comes back only by a person."""
    known = store.find_same(connection, text.id, text.digest)
    if known is not None and (known.state != DraftState.WITHDRAWN or actor.startswith("system:")):
        return draft_view(known)
    draft_id = "fd_" + sortable(now, gateway.draw)
    store.add_draft(
        connection,
        {
            "id": draft_id,
            "kind": text.kind,
            "text_id": text.id,
            "version": text.version,
            "file_name": text.file_name,
            "source_text": text.source_text,
            "digest": text.digest,
            "state": DraftState.DRAFT,
            "findings": [],
            "checked_with": [],
            "imported_at": now,
            "imported_by": actor,
        },
    )
    detail = {"text": text.id, "version": text.version, "digest": text.digest}
    note(connection, [AuditEntry(actor, "import_schedule", draft_id, detail)], now)
    return draft_view(store.find_draft(connection, draft_id))


def _refuse_published(connection: Connection, text: FeeText) -> None:
    versions = publication.versions_of(connection, text.id)
    for row in versions:
        if row.digest == text.digest:
            raise Conflict(
                "published_already",
                f"Nội dung này đã công bố là bản {row.version} của {text.id}.",
                f"Just this is published already, as version {row.version} of {text.id}.",
            )
    if text.kind is TextKind.SCHEDULE and versions and text.version <= versions[0].version:
        refuse_old_version(text.id, versions[0].version)


def refuse_old_version(text_id: str, version: int) -> None:
    """Raise Conflict: a published text is never edited, only followed."""
    raise Conflict(
        "schedule_changed",
        f"Biểu mức thu {text_id} đã công bố đến bản {version}; hãy ghi version: {version + 1}.",
        f"Schedule {text_id} is published up to version {version}; write version: {version + 1}.",
    )
