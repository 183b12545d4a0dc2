"""A packer's bench: picking lists, scans as fast as a scanner types, labels and the manifest."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.walking import await_finished, await_rows, effects, make, press, tick


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
