"""What tests of the citizens' pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from payments.store.database import make_engine
from tests.conftest import migrated_database
from tests.web.citizen_site import Site, citizen_site


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """The citizens' pages on SQLite."""
    with migrated_database(request, "sqlite", tmp_path) as url:
        engine = make_engine(url)
        with citizen_site(engine) as served:
            yield served
        engine.dispose()


@pytest.fixture
def site_on_each(engine: Engine) -> Iterator[Site]:
    """The citizens' pages once on each kind of database, for what is a matter of queries."""
    with citizen_site(engine) as served:
        yield served
