"""The people who may enter the console, and their sessions.

A session's cookie is never stored, only its digest: what stands in the database opens no door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from payments.store.tables import audit_log, sessions, users


class Role(StrEnum):
    """What a person is there for."""

    FINANCE_OFFICER = "finance_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in while ``active``."""

    login: str
    name: str
    role: Role
    active: bool


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that has not been ended, with the person it belongs to."""

    user: User
    csrf_token: str
    created_at: datetime
    expires_at: datetime


def find_user(connection: Connection, login: str) -> tuple[User, str] | None:
    """The person and the hash of the password, or None."""
    row = connection.execute(select(users).where(users.c.login == login)).one_or_none()
    if row is None:
        return None
    return User(row.login, row.name, Role(row.role), row.active), row.password_hash


def names_by_login(connection: Connection) -> dict[str, str]:
    """What everybody is called who may enter or once could."""
    return {row.login: row.name for row in connection.execute(select(users.c.login, users.c.name))}


def insert_user(connection: Connection, user: User, password_hash: str, now: datetime) -> None:
    """Add a person. Raises IntegrityError when the login is taken."""
    connection.execute(
        insert(users).values(
            login=user.login,
            name=user.name,
            role=user.role,
            active=user.active,
            password_hash=password_hash,
            created_at=now,
        )
    )


def set_password_hash(connection: Connection, login: str, password_hash: str) -> None:
    connection.execute(update(users).where(users.c.login == login).values(password_hash=password_hash))


def insert_session(
    connection: Connection, digest: str, login: str, csrf_token: str, now: datetime, expires_at: datetime
) -> None:
    connection.execute(
        insert(sessions).values(
            digest=digest, login=login, csrf_token=csrf_token, created_at=now, expires_at=expires_at
        )
    )


def find_session(connection: Connection, digest: str) -> StoredSession | None:
    """The session whose cookie has ``digest``, expired or not, or None."""
    statement = (
        select(sessions, users.c.name, users.c.role, users.c.active)
        .join(users, users.c.login == sessions.c.login)
        .where(sessions.c.digest == digest)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    user = User(row.login, row.name, Role(row.role), row.active)
    return StoredSession(user, row.csrf_token, row.created_at, row.expires_at)


def extend_session(connection: Connection, digest: str, expires_at: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.digest == digest).values(expires_at=expires_at))


def delete_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.digest == digest))


def delete_expired_sessions(connection: Connection, login: str, now: datetime) -> None:
    """Forget the sessions of ``login`` that have run out."""
    connection.execute(delete(sessions).where(sessions.c.login == login, sessions.c.expires_at <= now))


def acts_on(
    connection: Connection, subject: str, action: str, since: datetime
) -> Sequence[tuple[datetime, str]]:
    """When, and from which address, ``action`` was done to ``subject`` since then."""
    statement = select(audit_log.c.at, audit_log.c.detail).where(
        audit_log.c.subject == subject, audit_log.c.action == action, audit_log.c.at > since
    )
    return [(row.at, str(row.detail.get("address", ""))) for row in connection.execute(statement)]
