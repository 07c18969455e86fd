"""Bring a database to the schema of this version, and tell whether it is there.

There is no way down: a change that was wrong is followed by one that mends it, and yesterday's backup is restored
as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import migrations

MIGRATION_LOCK = 7_468_757_068_105
"""The advisory lock under which one of several hosts migrates while the others wait."""


def migrate(engine: Engine) -> None:
    """Apply every migration that is missing, all or none; harmless when there is none."""
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        command.upgrade(_config(connection), "head")


def pending(engine: Engine) -> Sequence[str]:
    """The names of the migrations that the database still lacks, oldest first."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config(None))
    missing = [revision.revision for revision in script.iterate_revisions("head", current or "base")]
    return missing[::-1]


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config
