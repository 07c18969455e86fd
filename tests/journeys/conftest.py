from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from payments.store.database import make_engine
from tests.conftest import migrated_database
from tests.journeys.world import World, open_world


@dataclass(frozen=True)
class Screen:
    """A device, and the kind of database that its journeys run on: so both kinds see every journey once."""

    width: int
    height: int
    database: str


SCREENS = {"phone": Screen(360, 740, "sqlite"), "desktop": Screen(1280, 900, "postgresql")}


@pytest.fixture(scope="module", params=SCREENS)
def screen(request: pytest.FixtureRequest) -> Screen:
    return SCREENS[request.param]


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest, screen: Screen, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Gateway, worker and bank as real servers, shared by the journeys of a module."""
    with migrated_database(request, screen.database, tmp_path_factory.mktemp("world")) as url:
        engine = make_engine(url)
        with open_world(engine) as opened:
            yield opened
        engine.dispose()


@pytest.fixture
def tab(chromium: Browser, screen: Screen) -> Iterator[Page]:
    """A new tab of a browser that runs no JavaScript and remembers nothing from the journey before."""
    context = chromium.new_context(
        viewport={"width": screen.width, "height": screen.height}, java_script_enabled=False, locale="vi-VN"
    )
    yield context.new_page()
    context.close()
