"""The public tariff of an installation on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from payments.store.database import make_engine
from payments.web import assets
from payments.web.edge import exception_handlers
from payments.web.security import Guard
from payments.web.tariffs import routes as tariffs
from tests.conftest import migrated_database
from tests.gateway import make_test_gateway, seeded_draw
from tests.servers.http import browser_of, serve


@pytest.fixture(scope="module")
def site_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages are served."""
    directory: Path = tmp_path_factory.mktemp("tariffs")
    with migrated_database(request, "sqlite", directory) as url:
        engine = make_engine(url)
        gateway = make_test_gateway(engine)
        app = Starlette(
            routes=[*tariffs.routes(gateway), *assets.routes()], exception_handlers=exception_handlers()
        )
        with serve(Guard(app, draw=seeded_draw(3), https=False)) as address:
            yield address
        engine.dispose()


@pytest.fixture
def browser(site_url: str) -> Iterator[httpx.Client]:
    """A reader without scripts who was never here before."""
    with browser_of(site_url) as client:
        yield client
