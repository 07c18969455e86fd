"""Who may enter the console: adding people, logging in, sessions, logging out.

Passwords are kept as Argon2id hashes and hashed anew when the library's recommendation rises. An unknown
login costs the same work as a known one. Failures are counted in the audit log, which all web processes share:

- after five for one login from one address within a quarter of an hour, that pair waits;
- after thirty for one login within an hour, wherever they came from, every address waits from which the person has not
  come in before. Who guesses from many addresses is slowed down, and cannot keep the person out by it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from payments.core.references import encode
from payments.core.refusals import Conflict, Invalid, Problem, Refusal
from payments.store import users
from payments.store.audit import AuditEntry, note
from payments.store.database import reading, transaction
from payments.store.users import Role, User
from payments.use_cases.gateway import Gateway

LEAST_PASSWORD_LENGTH = 10
MOST_PASSWORD_LENGTH = 200
MOST_LOGIN_LENGTH = 60
LOGIN_SHAPE = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# A session is written again only when this much of its idle time is gone, not at every click.
EXTEND_AFTER = timedelta(minutes=1)

MOST_FAILURES = 5
FAILURES_WITHIN = timedelta(minutes=15)
MOST_FAILURES_ANYWHERE = 30
FAILURES_ANYWHERE_WITHIN = timedelta(hours=1)
# How long an address is remembered as the person's own.
KNOWN_WITHIN = timedelta(days=90)
FAILED = "console.login_failed"
ENTERED = "console.logged_in"

log = structlog.get_logger(__name__)

HASHER = PasswordHasher()  # Argon2id with the work that the library recommends


class LoginRefused(Refusal):
    """The login or the password is wrong; which of them is never said."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person at work. ``csrf_token`` stands in every form of that person's pages."""

    user: User
    csrf_token: str
    digest: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """``token`` goes into the browser's cookie and nowhere else."""

    token: str
    session: Session


def add_user(gateway: Gateway, login: str, name: str, role: str, password: str) -> User:
    """Let a person into the console.

    Raises Invalid naming every field that is wrong, and Conflict when the login is taken.
    """
    problems = _problems_of_new_user(login, name, role, password)
    if problems:
        raise Invalid(
            "invalid_user", "Thông tin người dùng chưa đúng.", "The user's details are not right.", problems
        )
    user = User(login, name.strip(), Role(role), active=True)
    password_hash = HASHER.hash(_same_everywhere(password))
    try:
        with transaction(gateway.engine) as connection:
            users.insert_user(connection, user, password_hash, gateway.now())
            entry = AuditEntry("operator", "user.added", f"user:{login}", {"role": role})
            note(connection, [entry], gateway.now())
    except IntegrityError as taken:
        raise Conflict("login_taken", "Tên đăng nhập đã có.", "This login is taken.") from taken
    return user


def _problems_of_new_user(login: str, name: str, role: str, password: str) -> tuple[Problem, ...]:
    checks = (
        (
            LOGIN_SHAPE.fullmatch(login) is not None,
            Problem(
                "login",
                "Tên đăng nhập gồm 2–60 chữ thường không dấu, chữ số, dấu chấm, gạch dưới, gạch nối.",
                "A login is 2 to 60 of a-z, 0-9, dot, underscore and hyphen.",
            ),
        ),
        (
            0 < len(name.strip()) <= 200,
            Problem("name", "Họ tên dài từ 1 đến 200 ký tự.", "A name has 1 to 200 characters."),
        ),
        (
            role in set(Role),
            Problem(
                "role", f"Vai trò là một trong: {', '.join(Role)}.", f"A role is one of {', '.join(Role)}."
            ),
        ),
        *_password_checks(login, password),
    )
    return tuple(problem for holds, problem in checks if not holds)


def _password_checks(login: str, password: str) -> tuple[tuple[bool, Problem], ...]:
    return (
        (
            LEAST_PASSWORD_LENGTH <= len(password) <= MOST_PASSWORD_LENGTH,
            Problem(
                "password",
                f"Mật khẩu dài từ {LEAST_PASSWORD_LENGTH} đến {MOST_PASSWORD_LENGTH} ký tự.",
                f"A password has {LEAST_PASSWORD_LENGTH} to {MOST_PASSWORD_LENGTH} characters.",
            ),
        ),
        (
            len(set(password)) >= 4 and (not login or login not in password.lower()),
            Problem(
                "password",
                "Mật khẩu không chứa tên đăng nhập và có ít nhất 4 ký tự khác nhau.",
                "A password does not contain the login and has at least 4 different characters.",
            ),
        ),
    )


def log_in(gateway: Gateway, login: str, password: str, address: str) -> NewSession:
    """Open a session for a person who knows the password; ``address`` is where the browser is.

    Raises LoginRefused, with the same sentence for an unknown login, a wrong password and a person who is no
    longer active, and with another one while the pair of login and address has to wait.
    """
    login = login.strip().lower()[: MOST_LOGIN_LENGTH + 1]
    now = gateway.now()
    with reading(gateway.engine) as connection:
        _refuse_when_throttled(connection, login, address, now)
        found = users.find_user(connection, login) if LOGIN_SHAPE.fullmatch(login) else None
    # The work is done also for nobody, so that its time tells nothing.
    right = _verify(found[1] if found else _hash_of_nobody(), password[: MOST_PASSWORD_LENGTH + 1])
    if found is None or not right or not found[0].active:
        _note_failure(gateway, login, address, known=found is not None)
        raise LoginRefused(
            "login_refused",
            "Tên đăng nhập hoặc mật khẩu không đúng.",
            "The login or the password is not right.",
        )
    return _open_session(gateway, found[0], _rehashed(found[1], password), address)


def find_session(gateway: Gateway, token: str) -> Session | None:
    """The session of a cookie, prolonged by this use; None when it has run out, was ended or never was."""
    digest, now = _digest(token), gateway.now()
    with reading(gateway.engine) as connection:
        stored = users.find_session(connection, digest)
    if stored is None or stored.expires_at <= now or not stored.user.active:
        return None
    expires_at = min(now + IDLE, stored.created_at + ABSOLUTE)
    if expires_at - stored.expires_at >= EXTEND_AFTER:
        with transaction(gateway.engine) as connection:
            users.extend_session(connection, digest, expires_at)
    return Session(stored.user, stored.csrf_token, digest)


def log_out(gateway: Gateway, session: Session) -> None:
    """End ``session``; its cookie opens nothing any more."""
    with transaction(gateway.engine) as connection:
        users.delete_session(connection, session.digest)
        entry = AuditEntry(actor_of(session), "console.logged_out", f"user:{session.user.login}")
        note(connection, [entry], gateway.now())


def actor_of(session: Session) -> str:
    """How the audit log names the person of ``session``."""
    return f"user:{session.user.login}"


def _open_session(gateway: Gateway, user: User, new_hash: str | None, address: str) -> NewSession:
    now = gateway.now()
    token, csrf_token = encode(gateway.draw(32), 51), encode(gateway.draw(32), 51)
    with transaction(gateway.engine) as connection:
        if new_hash is not None:
            users.set_password_hash(connection, user.login, new_hash)
        users.delete_expired_sessions(connection, user.login, now)
        users.insert_session(connection, _digest(token), user.login, csrf_token, now, now + IDLE)
        entry = AuditEntry(f"user:{user.login}", ENTERED, f"user:{user.login}", {"address": address})
        note(connection, [entry], now)
    return NewSession(token, Session(user, csrf_token, _digest(token)))


def _refuse_when_throttled(connection: Connection, login: str, address: str, now: datetime) -> None:
    failures = users.acts_on(connection, _failure_subject(login), FAILED, now - FAILURES_ANYWHERE_WITHIN)
    of_this_pair = [at for at, whence in failures if whence == address and at > now - FAILURES_WITHIN]
    if len(of_this_pair) >= MOST_FAILURES:
        raise _throttled(login, "15 phút", "15 minutes")
    if len(failures) >= MOST_FAILURES_ANYWHERE and not _is_known(connection, login, address, now):
        raise _throttled(login, "một giờ", "an hour")


def _is_known(connection: Connection, login: str, address: str, now: datetime) -> bool:
    """Whether the person of ``login`` has come in from ``address`` before."""
    entered = users.acts_on(connection, f"user:{login}", ENTERED, now - KNOWN_WITHIN)
    return any(whence == address for _, whence in entered)


def _throttled(login: str, wait_vi: str, wait_en: str) -> LoginRefused:
    log.warning("login throttled", audited_as=_failure_subject(login))
    return LoginRefused(
        "login_throttled",
        f"Đăng nhập sai quá nhiều lần. Hãy thử lại sau {wait_vi}.",
        f"Too many failed logins. Please try again in {wait_en}.",
    )


def _note_failure(gateway: Gateway, login: str, address: str, *, known: bool) -> None:
    # People type their password into the wrong field: a login that nobody has is not written down.
    detail = {"address": address, "login": login} if known else {"address": address}
    with transaction(gateway.engine) as connection:
        entry = AuditEntry("visitor", FAILED, _failure_subject(login), detail)
        note(connection, [entry], gateway.now())
    log.warning("login failed", audited_as=_failure_subject(login))


def _failure_subject(login: str) -> str:
    # Enough to count by, too little to find out what was typed.
    return f"login:{_digest(login)[:5]}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _verify(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, _same_everywhere(password))
    except (VerificationError, InvalidHashError):
        return False


def _rehashed(password_hash: str, password: str) -> str | None:
    if not HASHER.check_needs_rehash(password_hash):
        return None
    return HASHER.hash(_same_everywhere(password))


def _same_everywhere(password: str) -> bytes:
    """Vietnamese keyboards compose letters in two ways; both are the same password."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("nobody has this password")
