"""A packer's bench: picking lists, scans as fast as a scanner types, labels and the manifest."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.walking import (
    await_finished,
    await_rows,
    effects,
    make,
    press,
    status,
    tick,
)


def scan(page: Page, code: str) -> None:
    """Type as a scanner does: fast keys, then Enter, wherever the focus is."""
    page.keyboard.type(code, delay=2)
    page.keyboard.press("Enter")


def packed(page: Page, demo: Demo, count: int) -> list[str]:
    """Orders of TikTok Shop that were packed on the list."""
    ids = make(demo, "tiktok-my", count)
    await_rows(page, demo, "new-order", ids)
    tick(page, ids)
    press(page, "Pack")
    await_finished(page)
    await_rows(page, demo, "to-process", ids)
    return ids


def paper_in(tab: Page, page: Page) -> bytes:
    """The PDF of the paper that a tab waits for, once it is made."""
    tab.wait_for_url(re.compile(r"papers/made/\d+"))
    address = tab.url
    tab.close()
    for _ in range(60):
        answer = page.request.get(address)
        if answer.headers["content-type"] == "application/pdf":
            return answer.body()
        page.wait_for_timeout(500)
    raise AssertionError(f"{address} was not made")


def opened(context: BrowserContext, press_it: str, page: Page) -> Page:
    """The tab that a button opens."""
    with context.expect_page() as tab:
        page.get_by_role("button", name=press_it, exact=True).click()
    return tab.value


def test_five_scans_a_second_are_all_taken_and_answered_quickly(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "packer")
    ids = packed(page, demo, 20)
    page.goto(f"{demo.url}/c/demo/scan/")
    press(page, "New list")
    page.wait_for_load_state()
    for order_id in ids:
        scan(page, order_id)
        page.wait_for_timeout(200 - 2 * len(order_id))
    expect(page.locator("#rows tr")).to_have_count(20, timeout=30_000)
    expect(page.locator('#rows tr[data-standing="shipped"]')).to_have_count(20, timeout=60_000)
    assert all(effects(demo, order_id, "tiktok") == ["ship"] for order_id in ids)
    assert page.evaluate("performance.getEntriesByName('scan').length") == 20


def test_no_enter_of_a_scanner_presses_anything_else(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "packer")
    page.goto(f"{demo.url}/c/demo/scan/")
    page.get_by_role("button", name="Camera").focus()
    scan(page, "NOSUCHCODE")
    expect(page.locator("#verdict")).to_have_attribute("data-answer", "unknown")
    assert page.evaluate("document.activeElement.id") == "code"
    assert page.locator("#viewfinder").is_hidden()


def test_a_code_of_two_orders_asks_which_and_a_key_chooses(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "packer")
    code = halves(page, demo)
    page.goto(f"{demo.url}/c/demo/scan/")
    press(page, "New list")
    page.wait_for_load_state()
    scan(page, code)
    expect(page.locator("#verdict-title")).to_have_text("Which one?")
    expect(page.locator("#choices button")).to_have_count(2)
    scan(page, "2NOSUCHCODE")
    expect(page.locator("#verdict-words")).to_contain_text("2NOSUCHCODE")
    assert effects(demo, code) == []
    scan(page, code)
    expect(page.locator("#choices button")).to_have_count(2)
    chosen = page.locator("#choices button").nth(1).inner_text()
    page.keyboard.press("2")
    expect(page.locator("#verdict-title")).to_have_text("Ready")
    expect(page.locator("#choices")).to_be_hidden()
    expect(page.locator('#rows tr[data-standing="shipped"]')).to_have_count(1, timeout=30_000)
    assert effects(demo, code) == ["ship"]
    shop = "lazada-my" if "MY" in chosen else "lazada-sg"
    other = {"lazada-my": "lazada-sg", "lazada-sg": "lazada-my"}[shop]
    assert status(demo, shop, code).startswith("ready_to_ship")
    assert status(demo, other, code) == "packed"


def halves(page: Page, demo: Demo) -> str:
    """An order id that two shops have, each with its half of one checkout."""
    (code,) = make(demo, "lazada-my", 1, status="packed")
    make(demo, "lazada-sg", 1, status="packed", order_ids=[code])
    rows = page.locator(f'tr[data-order-id="{code}"]')
    for _ in range(200):
        page.goto(f"{demo.url}/c/demo/orders/?tab=to-process&size=200")
        if rows.count() == 2:
            return code
        page.wait_for_timeout(500)
    raise AssertionError(f"{code} did not come in twice")
