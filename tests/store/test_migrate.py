"""The schema that migrations build is the schema that the code speaks of."""

from __future__ import annotations

from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import IntegrityError

from payments.store.database import make_engine, transaction
from payments.store.migrate import migrate, pending
from payments.store.tables import metadata, procedures, provider_accounts
from tests.gateway import make_installation
from tests.use_cases.money import bring, open_bank_page, reference_in, rows


def test_migrations_build_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_lacks_every_migration_and_a_migrated_one_none(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    try:
        missing = pending(engine)
        assert missing[0] == "0001"
        assert len(missing) == len(set(missing))
        migrate(engine)
        assert pending(engine) == []
        migrate(engine)
        assert pending(engine) == []
    finally:
        engine.dispose()


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    try:
        with transaction(engine) as connection:
            # Something of ours is in the way of the last but one migration.
            connection.execute(text("CREATE TABLE users (login VARCHAR(1))"))
        with pytest.raises(Exception, match="users"):
            migrate(engine)
        assert pending(engine)[0] == "0001"
        with transaction(engine) as connection:
            connection.execute(text("DROP TABLE users"))
        migrate(engine)
        assert pending(engine) == []
    finally:
        engine.dispose()


def test_money_of_before_has_the_reference_of_its_attempt_or_else_of_its_message(engine: Engine) -> None:
    installation = make_installation(engine)
    url = open_bank_page(installation, installation.request_payment())
    unknown = installation.bank.notice(url, vnp_TxnRef="TPNOBODY", vnp_TransactionNo="14100002")
    bring(installation, installation.bank.notice(url), unknown)
    with transaction(engine) as connection:
        connection.execute(text("DROP INDEX ix_payments_told_reference"))
        connection.execute(text("ALTER TABLE payments DROP COLUMN told_reference"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module("migrations.versions.0010_told_references").upgrade()
    told = {row.told_reference for row in rows(engine, "payments")}
    assert told == {reference_in(url), "TPNOBODY"}


def test_two_accounts_may_not_share_a_merchant(engine: Engine) -> None:
    row = {"provider": "vnpay", "merchant": "THUPHI01"}
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(insert(provider_accounts), [{**row, "code": "a"}, {**row, "code": "b"}])


def test_a_word_outside_its_list_is_refused_by_the_database(engine: Engine) -> None:
    make_installation(engine)
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(procedures.update().values(late_payment="perhaps"))
