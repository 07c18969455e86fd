"""Published texts of the catalogue: which counts when, and the items that each sets.

A row is never changed but for one thing: the day on which the next version takes over is filled in, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from payments.store.sets import Among
from payments.store.tables import fee_item_periods, fee_schedules
from payments.store.writing import insert_rows

SCHEDULES = fee_schedules.c
PERIODS = fee_item_periods.c
IN_FORCE = (SCHEDULES.id, SCHEDULES.version, SCHEDULES.digest, SCHEDULES.file_name, SCHEDULES.kind)
LAST = select(func.max(SCHEDULES.publication))


class TwoTextsForOneItem(Exception):
    """The database refuses a text that sets what another sets for the same territory, day and time."""


def last_publication(connection: Connection) -> int:
    """The number of the last publication, -1 before the first."""
    number = connection.execute(LAST).scalar_one()
    return -1 if number is None else number


def texts_on(connection: Connection, day: date) -> list[Row[Any]]:
    """The texts that count on ``day``, each with id, version, digest, kind and file name; in order of their ids."""
    query = (
        select(*IN_FORCE)
        .where(
            SCHEDULES.published_from <= day,
            or_(SCHEDULES.published_to.is_(None), SCHEDULES.published_to > day),
        )
        .order_by(SCHEDULES.id)
    )
    return list(connection.execute(query))


def source_texts(connection: Connection, digests: Collection[str]) -> Mapping[str, str]:
    """What published texts say, by their digests."""
    query = select(SCHEDULES.digest, SCHEDULES.source_text).where(Among(SCHEDULES.digest, "digests"))
    return {row.digest: row.source_text for row in connection.execute(query, {"digests": digests})}


def versions_of(connection: Connection, text_id: str) -> Sequence[Row[Any]]:
    """All versions of a text that were ever published, the newest first."""
    query = select(fee_schedules).where(SCHEDULES.id == text_id).order_by(SCHEDULES.version.desc())
    return connection.execute(query).all()


def all_versions(connection: Connection) -> Sequence[Row[Any]]:
    """Everything that was ever published, without what it says; in order of ids and versions."""
    wanted = [column for column in SCHEDULES if column is not SCHEDULES.source_text]
    return connection.execute(select(*wanted).order_by(SCHEDULES.id, SCHEDULES.version)).all()


def days_of_change(connection: Connection, after: date) -> Sequence[date]:
    """The days after ``after`` from which another text counts, in order."""
    query = select(SCHEDULES.published_from).where(SCHEDULES.published_from > after).distinct()
    return connection.execute(query.order_by(SCHEDULES.published_from)).scalars().all()


def publish_alone(connection: Connection) -> None:
    """Wait for whoever publishes at this moment; readers go on. On SQLite the transaction itself is alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE fee_schedules IN SHARE ROW EXCLUSIVE MODE"))


def end_version(connection: Connection, text_id: str, version: int, day: date) -> None:
    """Let a version count until the day before ``day``."""
    where_text = (SCHEDULES.id == text_id, SCHEDULES.version == version)
    connection.execute(update(fee_schedules).where(*where_text).values(published_to=day))
    where_period = (PERIODS.text_id == text_id, PERIODS.text_version == version)
    connection.execute(update(fee_item_periods).where(*where_period).values(published_to=day))


def add_texts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Publish texts; the versions before them have ended."""
    insert_rows(connection, fee_schedules, rows)


def add_periods(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Say which items published texts set, where and when. Raises TwoTextsForOneItem."""
    try:
        insert_rows(connection, fee_item_periods, rows)
    except IntegrityError as error:
        raise TwoTextsForOneItem from error


def texts_without_periods(connection: Connection) -> Sequence[Row[Any]]:
    """Schedules that still count and whose items are not written down: they are of before there were periods."""
    known = select(PERIODS.id).where(
        PERIODS.text_id == SCHEDULES.id, PERIODS.text_version == SCHEDULES.version
    )
    query = select(fee_schedules).where(
        SCHEDULES.published_to.is_(None), SCHEDULES.publication == 0, ~known.exists()
    )
    return connection.execute(query).all()
