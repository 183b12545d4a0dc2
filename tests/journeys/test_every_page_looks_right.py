"""Every page, on a desk and on a phone, light and dark: accessible, and no wider than the window."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import Chromium, Demo, log_in

PAGES = (
    "orders/", "orders/?tab=shipped", "orders/?tab=to-ship&q=none-like-this", "orders/?tab=to-process&printed=no&range=30d&channel=lazada", "orders/?tab=to-cancel", "orders/?tab=to-return",
    "orders/cancellations/", "orders/returns/", "orders/how/", "batches/", "stores/", "stores/1/settings/", "stores/1/unlink/", "sync/", "sync/completeness/", "people/", "settings/",
    "scan/", "stock-pick/", "stock-pick/verified/", "papers/", "papers/manifests/", "papers/settings/", "batches/?running=1", "posting/", "posting/skus/", "posting/skus/import/", "posting/skus/bundle/?sku=X", "posting/reconcile/", "posting/stores/", "posting/rates/", "posting/books/",
)  # fmt: skip

LOOKS = [
    ("light", 1440), pytest.param("dark", 390, marks=pytest.mark.long),
    pytest.param("light", 390, marks=pytest.mark.long), pytest.param("dark", 1440, marks=pytest.mark.long),
]  # fmt: skip


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    demo: Demo, chromium: Chromium, width: int, theme: str
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, bypass_csp=True)
    context.add_cookies([{"name": "theme", "value": theme, "url": demo.url}])
    page = context.new_page()
    page.goto(demo.url)
    wrong = _wrong(page, "log in")
    log_in(page, demo, "owner")
    for path in PAGES:
        page.goto(f"{demo.url}/c/demo/{path}")
        wrong += _wrong(page, path)
    page.goto(f"{demo.url}/c/demo/orders/")
    page.locator("tr[data-order-id] a.mono").first.click()
    page.wait_for_url(re.compile(r"/orders/\d+/"))
    wrong += _wrong(page, "order")
    page.get_by_role("button", name="Cancel order").click()
    page.get_by_role("dialog").wait_for()
    wrong += _wrong(page, "cancel an order, as a dialog")
    page.goto(f"{page.url}cancel/")
    wrong += _wrong(page, "cancel an order, as a page")
    context.close()
    assert wrong == []


def _wrong(page: Page, name: str) -> list[tuple[str, str, str]]:
    """What axe finds on a page, and by how much it is too wide."""
    found = Axe().run(page).response["violations"]
    wrong = [(name, str(one["id"]), str(one["nodes"][0]["html"][:200])) for one in found]
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    cut = page.evaluate(_CUT_OFF)
    wrong += [(name, "cut off, and cannot be scrolled to", one) for one in cut]
    return wrong + ([(name, "sideways", f"{wider} px")] if wider > 0 else [])


_CUT_OFF = """
[...document.querySelectorAll("main table")].filter(table => {
  const right = table.getBoundingClientRect().right;
  for (let box = table.parentElement; box; box = box.parentElement) {
    const how = getComputedStyle(box).overflowX;
    if (how === "auto" || how === "scroll") return false;
    if (how !== "visible" && right > box.getBoundingClientRect().right + 1) return true;
  }
  return false;
}).map(table => table.outerHTML.slice(0, 120))
"""


def test_the_orders_page_weighs_less_than_200_kb(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "owner")
    session = desktop.context.new_cdp_session(desktop)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    desktop.goto(f"{demo.url}/c/demo/orders/", wait_until="networkidle")
    assert 0 < sum(sizes) < 200_000


def test_the_keyboard_walks_ticks_and_finds(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "packer")
    desktop.keyboard.press("j")
    desktop.keyboard.press("x")
    assert desktop.locator("tr.here input[name=orders]").is_checked()
    desktop.keyboard.press("/")
    assert (
        desktop.evaluate("document.activeElement.getAttribute('aria-label')")
        == "Search by Order ID or Store Name"
    )
