"""The list lives: what others do and what comes in shows without a reload, and nothing jumps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Chromium, Demo, log_in
from tests.journeys.walking import await_rows, make

pytestmark = pytest.mark.long

ROWS = "#rows > tr[data-order-id]"
SOON = 40_000
"""The next sync, and the next look at the news."""
SEE = """state => {
  Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Hide the tab, or show it."""


def tops(page: Page) -> list[int]:
    """Where the rows stand in the page, to the pixel."""
    found = page.locator(ROWS).evaluate_all(
        "rows => rows.map(row => Math.round(row.getBoundingClientRect().top + window.scrollY))"
    )
    return [int(one) for one in found]


def count(page: Page, tab: str) -> int:
    """The number beside a tab's name."""
    return int(page.locator(f"#count-{tab}").inner_text().replace(",", ""))


@contextmanager
def seen_by(chromium: Chromium, demo: Demo, who: str, width: int = 1440) -> Iterator[Page]:
    """Another person's browser."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    log_in(page, demo, who)
    yield page
    context.close()


def test_a_new_order_is_told_without_a_reload_and_moves_no_row_on_a_desk_and_on_a_phone(
    demo: Demo, chromium: Chromium
) -> None:
    with (
        seen_by(chromium, demo, "manager") as wide,
        seen_by(chromium, demo, "packer", 390) as narrow,
    ):
        before = {page: (tops(page), count(page, "new-order")) for page in (wide, narrow)}
        for page in before:
            page.locator(f"{ROWS} input[name=orders]").nth(1).check()
        ticked = wide.locator(f"{ROWS} input[name=orders]").nth(1).input_value()
        (new,) = make(demo, "lazada-sg", 1)
        for page, (stood, had) in before.items():
            expect(page.locator("#news a")).to_contain_text("1 new order", timeout=SOON)
            assert count(page, "new-order") == had + 1
            assert tops(page) == stood, "neither a tick nor the news moves a row"
            assert Axe().run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        wide.keyboard.press("r")
        narrow.locator("#news a").click()
        for page in before:
            row = page.locator(f'tr[data-order-id="{new}"]')
            expect(row).to_have_class(re.compile("new"))
            expect(page.locator("#news a")).to_have_count(0)
            expect(page.locator(f'input[name=orders][value="{ticked}"]')).to_be_checked()


def test_what_a_colleague_packs_shows_beside_the_list_and_is_greyed_where_it_stands(
    demo: Demo, chromium: Chromium, desktop: Page
) -> None:
    ids = make(demo, "lazada-my", 3)
    log_in(desktop, demo, "packer")
    await_rows(desktop, demo, "new-order", ids)
    with seen_by(chromium, demo, "manager") as page:
        stood, new, process = tops(page), count(page, "new-order"), count(page, "to-process")
        page.evaluate("document.getElementById('list').dataset.same = 'yes'")
        chosen = page.get_by_role("checkbox", name=f"Select order {ids[0]}")
        chosen.check()
        page.get_by_role("checkbox", name=f"Select order {ids[2]}").check()
        demo.sandbox("POST", "/latency", {"system": "lazada", "ms": 3000})
        for order_id in ids[:2]:
            desktop.get_by_role("checkbox", name=f"Select order {order_id}").check()
        desktop.get_by_role("button", name="Pack", exact=True).click()
        panel = page.get_by_role("region", name="Batches of colleagues").locator("section")
        expect(panel).to_contain_text("Pia Packer", timeout=SOON)
        demo.sandbox("POST", "/latency", {"system": "lazada", "ms": 0})
        for order_id in ids[:2]:
            row = page.locator(f'tr[data-order-id="{order_id}"]')
            expect(row).to_contain_text("now in To Process", timeout=SOON)
        expect(panel).to_contain_text("is done", timeout=SOON)
        assert tops(page) == stood
        expect(page.locator("#list")).to_have_attribute("data-same", "yes")
        expect(chosen).to_be_disabled()
        expect(chosen).not_to_be_checked()
        expect(page.get_by_role("checkbox", name=f"Select order {ids[2]}")).to_be_checked()
        expect(page.locator("[data-selected]")).to_have_text("1 selected")
        assert (count(page, "new-order"), count(page, "to-process")) == (new - 2, process + 2)
        assert Axe().run(page).response["violations"] == []
        page.get_by_role("button", name="Hide the batches of colleagues").click()
        expect(panel).to_have_count(0)


def test_a_row_that_changes_keeps_its_tick_and_the_focus(
    demo: Demo, chromium: Chromium, desktop: Page
) -> None:
    (order_id,) = make(demo, "shopee-my", 1)
    with seen_by(chromium, demo, "manager") as page:
        await_rows(page, demo, "new-order", [order_id])
        box = page.get_by_role("checkbox", name=f"Select order {order_id}")
        box.check()
        row = page.locator(f'tr[data-order-id="{order_id}"]')
        row.locator("a.mono").focus()
        version = str(row.get_attribute("data-version"))
        log_in(desktop, demo, "packer")
        desktop.goto(f"{demo.url}{str(row.get_attribute('data-href')).partition('?')[0]}")
        desktop.get_by_role("textbox", name=re.compile("note", re.I)).fill("Wrap it twice")
        desktop.get_by_role("button", name=re.compile("note", re.I)).click()
        expect(row).not_to_have_attribute("data-version", version, timeout=SOON)
        expect(row).to_contain_text("note")
        expect(box).to_be_checked()
        assert page.evaluate("document.activeElement.textContent") == order_id


def pass_time(page: Page, seconds: int) -> None:
    """Let so much of the page's time go by, in steps in which answers can come."""
    for _ in range(seconds):
        page.clock.run_for(1_000)
        page.wait_for_timeout(20)


def test_it_asks_while_it_is_seen_ever_more_rarely_while_nobody_answers_and_says_what_is_wrong(
    demo: Demo, chromium: Chromium
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.clock.install()
    log_in(page, demo, "books")
    age = page.locator("#fresh .age").first
    sent = int(age.get_attribute("data-age") or 0)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/orders/live/" in one.url else None)

    pass_time(page, 4)
    assert asked == []
    told = re.fullmatch(r"(\d+) (s|min) ago", age.inner_text())
    assert told
    assert told[2] == "min" or int(told[1]) >= sent + 3, "the age goes on without the server"
    pass_time(page, 2)
    assert len(asked) == 1

    page.evaluate(SEE, "hidden")
    pass_time(page, 30)
    assert len(asked) == 1, "a hidden tab does not ask"
    with page.expect_request("**/orders/live/**"):
        page.evaluate(SEE, "visible")

    context.route("**/orders/live/**", lambda route: route.abort())
    asked.clear()
    pass_time(page, 45)
    lost = page.locator("#lost")
    expect(lost).to_have_text(re.compile(r"Connection lost, last news \d\d s ago"))
    assert 2 <= len(asked) <= 4
    context.unroute("**/orders/live/**")
    pass_time(page, 61)
    expect(lost).to_be_hidden()

    context.clear_cookies()
    pass_time(page, 6)
    expect(lost).to_contain_text("You are logged out")
    expect(page.get_by_role("link", name="log in again")).to_be_visible()
    context.close()


def test_a_store_whose_token_is_dead_stands_red_on_every_page(
    demo: Demo, chromium: Chromium, desktop: Page, phone: Page
) -> None:
    shop = demo.sandbox("GET", "/identities")["lazada"]["shops"][-1]
    name = shop["name"]
    log_in(desktop, demo, "manager")
    log_in(phone, demo, "packer")
    phone.goto(f"{demo.url}/c/demo/scan/")
    banner = desktop.get_by_role("complementary", name="Stores that have stopped")
    demo.sandbox("DELETE", "/tokens", {"channel": "lazada", "shop": shop["shop"]})
    try:
        look_at(demo, chromium, name)
        reason = "it must be linked again:"
        expect(banner).to_contain_text(f"{name} has stopped: {reason}", timeout=SOON)
        expect(banner.get_by_role("link", name="An owner can link it again")).to_be_visible()
        line = desktop.get_by_role("group", name="How fresh each store is")
        expect(line.locator("a.sick.bad")).to_contain_text(f"{name} stopped: {reason}")
        for path in ("batches/", "stores/", "sync/", "scan/", "posting/", "papers/"):
            desktop.goto(f"{demo.url}/c/demo/{path}")
            expect(banner).to_contain_text(name)
        phone.evaluate(SEE, "visible")
        expect(phone.get_by_role("link", name=re.compile("1.* stopped"))).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        with seen_by(chromium, demo, "owner", 390) as owner:
            assert Axe().run(owner).response["violations"] == []
    finally:
        link_again(demo, chromium, name)
    desktop.reload()
    expect(banner).to_have_count(0)


def look_at(demo: Demo, chromium: Chromium, name: str) -> None:
    """Have a store synced now."""
    with seen_by(chromium, demo, "books") as page:
        page.goto(f"{demo.url}/c/demo/stores/")
        page.get_by_role("button", name=f"Sync {name} now").click()


def link_again(demo: Demo, chromium: Chromium, name: str) -> None:
    """The owner does what the banner says."""
    with seen_by(chromium, demo, "owner") as page:
        page.get_by_role("button", name=f"Link {name} again").click()
        page.get_by_label(re.compile(name)).check()
        page.get_by_role("button", name="Authorize").click()
        expect(page.get_by_text(f"Linked again: {name}")).to_be_visible()
        expect(page.get_by_role("complementary", name="Stores that have stopped")).to_have_count(0)
