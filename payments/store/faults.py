"""Why a database cannot be reached, in a sentence that says how to mend it.

No sentence repeats anything of ``database_url``, which may hold a password, nor the driver's own text, which may
repeat it; it is only looked at.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

# What the drivers' texts contain, and what it means for the one who wrote database_url.
CAUSES = (
    (
        "file is not a database",
        "database_url names a file that is no SQLite database: name another, or move it away.",
    ),
    (
        "database is locked",
        "The database is locked: another program holds it and does not let go; end that program.",
    ),
    ("readonly database", "The database file cannot be written: give it to the user that runs Thuphi."),
    (
        "unable to open database file",
        "The database file cannot be opened: give it to the user that runs Thuphi.",
    ),
    (
        "Connection refused",
        "No PostgreSQL listens at the host and port of database_url: start it, or correct them.",
    ),
    ("failed to resolve host", "The host in database_url is not known: correct its name."),
    ("could not translate host name", "The host in database_url is not known: correct its name."),
    (
        "password authentication failed",
        "PostgreSQL refuses the user or password of database_url: correct them.",
    ),
    ("no password supplied", "PostgreSQL asks for a password: put it in database_url or in ~/.pgpass."),
    (
        "no pg_hba.conf entry",
        "PostgreSQL lets this host in to no such user and database: see its pg_hba.conf.",
    ),
    ('role "', "PostgreSQL does not know the user of database_url: make it, or correct the name."),
    ("does not exist", "PostgreSQL does not have the database of database_url: make it with createdb."),
    ("timeout", "PostgreSQL does not answer in time: check the host of database_url and the firewall."),
    (
        "No such file or directory",
        "No PostgreSQL runs on this machine: start it, or name its host in database_url.",
    ),
)


def explain(engine: Engine, error: SQLAlchemyError) -> str:
    """What is wrong and how to mend it, after ``error`` when ``engine`` was to connect."""
    if engine.dialect.name == "sqlite" and Path(engine.url.database or "").is_dir():
        return "database_url names a directory: name a file in it, such as thuphi.sqlite3."
    original = getattr(error, "orig", None) or error
    text = str(original)
    for part, sentence in CAUSES:
        if part in text:
            return sentence
    return f"The database cannot be reached ({type(original).__name__}): check database_url and that it runs."
