"""What the database itself keeps of publishing: two people, one text at a time, nothing edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError

from payments.core.publication import DRAFT, DraftState
from payments.store.database import transaction
from payments.store.tables import fee_drafts, fee_item_periods, fee_schedules
from tests.gateway import START

TODAY = date(2026, 11, 22)


def why_refused(engine: Engine, *statements: Any) -> str:
    """What the database says of the last of ``statements``; nothing of them stays."""
    with engine.connect() as connection, connection.begin() as begun:
        for statement in statements[:-1]:
            connection.execute(statement)
        try:
            connection.execute(statements[-1])
        except IntegrityError as error:
            return str(error.orig)
        finally:
            begun.rollback()
    return ""


def draft(**columns: Any) -> Mapping[str, Any]:
    kept = {
        "id": "fd_1",
        "kind": "schedule",
        "text_id": "thu-1",
        "version": 1,
        "file_name": "thu-1.yaml",
        "source_text": "schedule: thu-1",
        "digest": "d" * 64,
        "state": "draft",
        "findings": [],
        "checked_with": [],
        "imported_at": START,
        "imported_by": "user:lan",
    }
    return {**kept, **columns}


def text(text_id: str = "thu-1", version: int = 1, **columns: Any) -> Any:
    kept = {
        "id": text_id,
        "version": version,
        "document": "1/2026",
        "source_text": "schedule: thu-1",
        "digest": f"{text_id}-{version}",
        "published_at": START,
        "published_by": "system:catalogue",
        "publication": 1,
        "published_from": TODAY,
    }
    return insert(fee_schedules).values({**kept, **columns})


def sets(text_id: str = "thu-1", version: int = 1, **columns: Any) -> Any:
    kept = {
        "text_id": text_id,
        "text_version": version,
        "item_code": "test.fee",
        "territory": "31",
        "law_from": date(2026, 1, 1),
        "law_to": None,
        "published_from": TODAY,
    }
    return insert(fee_item_periods).values({**kept, **columns})


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        ({}, True),
        ({"law_from": None, "law_to": date(2026, 1, 1)}, True),
        ({"law_from": date(2030, 1, 1)}, True),
        ({"published_from": date(2027, 1, 1)}, True),
        ({"law_from": None, "law_to": date(2025, 12, 31)}, False),
        ({"territory": "31/30"}, False),
        ({"territory": ""}, False),
        ({"item_code": "test.other"}, False),
    ],
)
def test_T30_two_texts_never_set_one_item_for_one_territory_day_and_time(
    engine: Engine, other: Mapping[str, Any], meets: bool
) -> None:
    why = why_refused(engine, text(), text("thu-2"), sets(), sets("thu-2", **other))
    assert bool(why) is meets


def test_T30_a_text_may_set_what_another_set_until_the_day_before(engine: Engine) -> None:
    next_day = date(2026, 11, 23)
    ended = update(fee_item_periods).values(published_to=next_day)
    begun = [text(), text("thu-2"), sets()]
    assert why_refused(engine, *begun, ended, sets("thu-2", published_from=next_day)) == ""
    assert why_refused(engine, *begun, ended, sets("thu-2", published_from=TODAY)) != ""
    # What was followed on its first day counted at no time.
    never = update(fee_item_periods).values(published_to=TODAY)
    assert why_refused(engine, *begun, never, sets("thu-2")) == ""


def test_two_versions_of_one_text_never_count_at_one_time(engine: Engine) -> None:
    assert why_refused(engine, text(), text(version=2)) != ""
    ended = update(fee_schedules).values(published_to=date(2026, 12, 1))
    later = text(version=2, published_from=date(2026, 12, 1))
    assert why_refused(engine, text(), ended, later) == ""


@pytest.mark.parametrize(
    "change",
    [
        update(fee_schedules).values(source_text="another"),
        update(fee_schedules).values(published_from=date(2026, 1, 1)),
        update(fee_schedules).values(published_by="user:mai"),
        update(fee_item_periods).values(law_to=TODAY),
        update(fee_item_periods).values(published_from=date(2026, 1, 1)),
        delete(fee_item_periods),
        delete(fee_schedules),
    ],
)
def test_what_is_published_stays_as_it_was_written(engine: Engine, change: Any) -> None:
    assert why_refused(engine, text(), sets(), change) != ""


@pytest.mark.parametrize("table", [fee_schedules, fee_item_periods])
def test_the_end_of_a_publication_is_given_once_and_never_before_its_beginning(
    engine: Engine, table: Any
) -> None:
    begun = [text(), sets()]
    first = update(table).values(published_to=date(2026, 12, 1))
    assert why_refused(engine, *begun, first) == ""
    for day in (date(2026, 12, 2), None):
        assert why_refused(engine, *begun, first, update(table).values(published_to=day)) != ""
    assert why_refused(engine, *begun, update(table).values(published_to=date(2026, 11, 21))) != ""


def test_nobody_publishes_without_an_approved_draft(engine: Engine) -> None:
    published = draft(state="published", approved_by="user:mai", published_by="user:lan")
    added = insert(fee_drafts)
    by_lan: dict[str, Any] = {"published_by": "user:lan", "draft_id": "fd_1"}
    assert why_refused(engine, text(published_by="user:lan")) != ""
    assert why_refused(engine, added.values(draft()), text(**by_lan, digest="d" * 64)) != ""
    assert why_refused(engine, added.values(published), text(**by_lan, digest="e" * 64)) != ""
    assert why_refused(engine, added.values(published), text(**by_lan, digest="d" * 64)) == ""


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "approved"},
        {"state": "approved", "approved_by": "user:lan"},
        {"approved_by": "user:lan"},
        {"state": "published", "approved_by": "user:mai"},
        {"state": "withdrawn"},
        {
            "imported_by": "system:catalogue",
            "state": "published",
            "approved_by": "user:mai",
            "published_by": "user:mai",
        },
    ],
)
def test_a_draft_without_two_people_is_refused(engine: Engine, columns: Mapping[str, Any]) -> None:
    assert why_refused(engine, insert(fee_drafts).values(draft())) == ""
    assert why_refused(engine, insert(fee_drafts).values(draft(**columns))) != ""


def test_a_draft_goes_only_the_ways_of_its_table(engine: Engine) -> None:
    people = {"approved_by": "user:mai"}
    found = set()
    for was in DraftState:
        for to in DraftState:
            begun = insert(fee_drafts).values(draft(**people, **_state(was)))
            if was is not to and not why_refused(engine, begun, update(fee_drafts).values(_state(to))):
                found.add((was, to))
    assert found == {(was, edge.to) for (was, _), edge in DRAFT.items() if was is not edge.to}


def _state(state: DraftState) -> dict[str, Any]:
    return {
        "state": state,
        "published_by": "user:lan" if state is DraftState.PUBLISHED else None,
        "withdrawn_by": "user:lan" if state is DraftState.WITHDRAWN else None,
    }


@pytest.mark.parametrize(
    "change",
    [
        update(fee_drafts).values(source_text="another"),
        update(fee_drafts).values(imported_by="user:mai"),
        delete(fee_drafts),
    ],
)
def test_a_draft_keeps_what_it_says_and_who_brought_it(engine: Engine, change: Any) -> None:
    assert why_refused(engine, insert(fee_drafts).values(draft()), change) != ""
    with transaction(engine) as connection:
        assert _empty(connection)


def _empty(connection: Connection) -> bool:
    return connection.execute(fee_drafts.select()).first() is None
