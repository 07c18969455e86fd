"""Take the pictures in docs/images anew, from real pages: ``python -m tests.journeys.pictures``."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page

from payments.store.database import make_engine
from payments.store.migrate import migrate
from payments.use_cases.wishes import Payer
from tests.journeys.world import World, open_world
from tests.servers.browser import chromium_browser
from tests.source_files import ROOT

IMAGES = ROOT / "docs" / "images"
SIZES: Mapping[str, tuple[int, int]] = {"phone": (360, 740), "desktop": (1280, 900)}
COLOURS = 64  # enough for flat pages, at a third of the bytes
PAYER = Payer("Nguyễn Thị Minh Khai")
PATIENCE_MS = 30_000


def owe(world: World, dossier_code: str) -> str:
    return world.owe(dossier_code=dossier_code, payer=PAYER, inputs={"pages": 12, "copies": 3})[1]


def go_to_bank(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.get_by_role("button", name="VNPAY").click()


def says(tab: Page, heading: str) -> None:
    tab.get_by_role("heading", name=heading).wait_for(timeout=PATIENCE_MS)


def payable(world: World, tab: Page) -> None:
    tab.goto(owe(world, "H26.15-261122-0042"))


def bank(world: World, tab: Page) -> None:
    go_to_bank(tab, owe(world, "H26.15-261122-0043"))


def asking(world: World, tab: Page) -> None:
    address = owe(world, "H26.15-261122-0044")
    go_to_bank(tab, address)
    tab.goto(address)


def held(world: World, tab: Page) -> None:
    go_to_bank(tab, owe(world, "H26.15-261122-0045"))
    tab.locator('button[value="other_amount"]').click()
    says(tab, "Đã nhận tiền, cán bộ đang xem lại")


def failed(world: World, tab: Page) -> None:
    go_to_bank(tab, owe(world, "H26.15-261122-0046"))
    tab.locator('button[value="cancel"]').click()
    says(tab, "Lần nộp trước chưa thành công")


def paid(world: World, tab: Page) -> None:
    go_to_bank(tab, owe(world, "H26.15-261122-0047"))
    tab.locator('button[value="pay"]').click()
    tab.get_by_role("link", name="Tải biên lai (PDF)").wait_for(timeout=PATIENCE_MS)


def genuine(world: World, tab: Page) -> None:
    paid(world, tab)
    tab.locator('a[href^="/r/"]').click()


SCENES: Mapping[str, tuple[str, Callable[[World, Page], None]]] = {
    "checkout": ("desktop", payable),
    "checkout-phone": ("phone", payable),
    "bank-phone": ("phone", bank),
    "asking-phone": ("phone", asking),
    "held-phone": ("phone", held),
    "failed-phone": ("phone", failed),
    "paid": ("desktop", paid),
    "paid-phone": ("phone", paid),
    "genuine-phone": ("phone", genuine),
}
"""By the name of the picture: the size of the screen, and the way to what is on it."""


def take(world: World, browser: Browser, folder: Path) -> None:
    """Write a picture of every scene to ``folder``."""
    for name, (size, scene) in SCENES.items():
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=False)
        tab = context.new_page()
        scene(world, tab)
        write(tab.screenshot(full_page=True, animations="disabled"), folder / f"{name}.png")
        context.close()


def write(png: bytes, path: Path) -> None:
    """Keep ``png`` with few colours, which a flat page hardly shows."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as directory, chromium_browser() as browser:
        url = f"sqlite:///{directory}/thuphi.sqlite3"
        engine = make_engine(url)
        migrate(engine)
        with open_world(engine) as world:
            take(world, browser, IMAGES)
        engine.dispose()


if __name__ == "__main__":
    main()
