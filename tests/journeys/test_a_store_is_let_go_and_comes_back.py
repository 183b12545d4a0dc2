"""An owner's day: a store is unlinked, comes back through the marketplace's own page, and is renamed."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Chromium, Demo, log_in


def test_every_shop_of_every_marketplace_is_linked(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "owner")
    desktop.goto(f"{demo.url}/c/demo/stores/")
    offered = desktop.locator("select[name=where] optgroup").evaluate_all(
        "groups => groups.map(group => group.label)"
    )
    known = demo.sandbox("GET", "/identities")
    names = {
        shop["name"]
        for channel in ("lazada", "shopee", "tiktok")
        for shop in known[channel]["shops"]
        if any(title.lower().startswith(channel) for title in offered)
    }
    assert len(names) == 2 * len(offered)
    for name in names:
        expect(desktop.get_by_role("region", name=name, exact=True)).to_be_visible()


def test_a_store_is_let_go_and_comes_back(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "owner")
    page.goto(f"{demo.url}/c/demo/stores/")
    card = page.get_by_role("region", name="Harian Living SG", exact=True)
    card.get_by_label("More for Harian Living SG").click()
    card.get_by_role("link", name="Unlink").click()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Unlink Harian Living SG").click()
    expect(page.get_by_text("Harian Living SG is unlinked. Its orders stay here.")).to_be_visible()
    expect(card).to_have_count(0)

    page.get_by_text("Unlinked stores").click()
    page.get_by_role("link", name="Orders of Harian Living SG").click()
    page.goto(f"{demo.url}/c/demo/stores/")
    page.get_by_text("Unlinked stores").click()
    page.get_by_role("button", name="Link Harian Living SG again").click()
    page.get_by_label(re.compile("Harian Living SG")).check()
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text("Linked: Harian Living SG. The orders are coming in.")).to_be_visible()
    expect(card.get_by_text("fresh")).to_be_visible(timeout=60_000)


def test_who_begins_at_the_marketplace_is_asked_for_the_company(
    demo: Demo, chromium: Chromium
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = context.new_page()
    log_in(page, demo, "owner")
    page.goto(f"{demo.url}/oauth/lazada/callback?code=0_made_up")
    expect(page.get_by_role("heading", name="Link to which company?")).to_be_visible()
    assert "0_made_up" not in page.url
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Demo Trading Sdn. Bhd.").check()
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("Lazada says: Invalid authorization code")).to_be_visible()
    context.close()


def test_a_store_has_a_name_of_its_own_here(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "owner")
    page.goto(f"{demo.url}/c/demo/stores/")
    page.get_by_label("More for Kedai Harian MY").click()
    page.get_by_role("link", name="Rename").click()
    for name in ("Main shop", "Kedai Harian MY"):
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
