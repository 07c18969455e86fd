"""Let approved drafts count from a day on: all of them or none, so that one text ends as its successor begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from payments.core.publication import SHIPPED_BY, DraftEvent
from payments.core.refusals import Conflict, Invalid, Problem
from payments.store import publication as store
from payments.store.audit import AuditEntry, note
from payments.store.database import transaction
from payments.use_cases.approve_draft import detail_of, step
from payments.use_cases.check_draft import findings_on, refuse_findings
from payments.use_cases.draft_views import find_several
from payments.use_cases.fee_text import period_rows, read_fee_text, text_row
from payments.use_cases.gateway import Gateway
from payments.use_cases.import_draft import refuse_old_version
from payments.use_cases.vietnam import today


def publish_drafts(gateway: Gateway, actor: str, draft_ids: Sequence[str], from_day: date) -> int:
    """Publish drafts together; the number of the publication. They are checked once more, for each day of change.

    Raises NotFound; Invalid when the day is past or something is to be mended; Conflict when one is not approved, when
    its version or day comes before what is published, or when two texts would set one item for one day.
    """
    now = gateway.now()
    if from_day < today(now):
        raise _past_day()
    with transaction(gateway.engine) as connection:
        store.publish_alone(connection)
        rows = find_several(connection, draft_ids)
        for row in rows:
            _take_step(connection, row, actor, now)
        for day in (from_day, *store.days_of_change(connection, from_day)):
            refuse_findings(findings_on(connection, rows, day))
        number = max(store.last_publication(connection), 0) + 1
        try:
            for row in rows:
                _end_older(connection, row, from_day)
            for row in rows:
                _publish(connection, row, actor, number, from_day, now)
        except store.TwoTextsForOneItem:
            raise _two_texts() from None
        detail = {"publication": number, "from": from_day.isoformat()}
        note(
            connection,
            [AuditEntry(actor, "publish_schedule", row.id, {**detail_of(row), **detail}) for row in rows],
            now,
        )
    return number


def _take_step(connection: Connection, row: Row[Any], actor: str, now: datetime) -> None:
    if row.imported_by == SHIPPED_BY and row.approved_by == actor:
        raise Conflict(
            "same_person",
            "Văn bản đi kèm phần mềm cần hai người: một người duyệt, người kia công bố.",
            "A text that came with the software takes two people: one approves it, another publishes it.",
        )
    step(connection, row, DraftEvent.PUBLISHED, {"published_by": actor, "published_at": now})


def _end_older(connection: Connection, row: Row[Any], from_day: date) -> None:
    """Let the version before end; what counts only later can be followed, but not overtaken."""
    versions = store.versions_of(connection, row.text_id)
    if not versions:
        return
    newest = versions[0]
    if row.version and row.version <= newest.version:
        refuse_old_version(row.text_id, newest.version)
    if from_day < newest.published_from:
        raise Conflict(
            "overtakes",
            f"Bản {newest.version} của {row.text_id} đã công bố từ ngày {newest.published_from:%d/%m/%Y}; "
            "hãy chọn ngày đó hoặc sau đó.",
            f"Version {newest.version} of {row.text_id} is published from {newest.published_from:%Y-%m-%d}; "
            "choose that day or a later one.",
        )
    store.end_version(connection, row.text_id, newest.version, from_day)


def _publish(
    connection: Connection, row: Row[Any], actor: str, number: int, from_day: date, now: datetime
) -> None:
    text = read_fee_text(row.file_name, row.source_text)
    versions = store.versions_of(connection, text.id)
    version = text.version or (versions[0].version + 1 if versions else 1)
    published = {
        **text_row(text),
        "version": version,
        "publication": number,
        "published_from": from_day,
        "published_at": now,
        "published_by": actor,
        "draft_id": row.id,
    }
    store.add_texts(connection, [published])
    store.add_periods(connection, period_rows(text, version, from_day))


def _past_day() -> Invalid:
    vi, en = "Ngày công bố không được trước hôm nay.", "A text is published from today or later."
    return Invalid("past_day", vi, en, (Problem("from_day", vi, en),))


def _two_texts() -> Conflict:
    return Conflict(
        "two_texts_for_one_item",
        "Hai văn bản quy định cùng một khoản cho cùng địa bàn và ngày; hãy công bố cùng lúc bản mới của văn bản cũ "
        "có ngày hết hiệu lực.",
        "Two texts would set one item for one territory and day; publish a version of the older text that ends it "
        "together with this one.",
    )
