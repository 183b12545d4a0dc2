"""Sync as a manager uses it: an order that was just paid, days fetched by hand, a day proved complete."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from crossdock.channels.registry import channels
from crossdock.rules.facts import Stage
from tests.journeys.conftest import Demo, log_in
from tests.sandbox.running import CHANNELS

_LOOKS = 60
PLAYED = [known for known in channels() if known.name in CHANNELS]


@pytest.mark.parametrize("known", PLAYED, ids=lambda known: known.name)
def test_an_order_paid_at_a_marketplace_is_soon_in_new_order_by_its_message(
    demo: Demo, desktop: Page, known: object
) -> None:
    name, words = known.name, known.words  # type: ignore[attr-defined]
    unpaid = next(word for word, stage in words.items() if stage is Stage.UNPAID)
    order = {"channel": name, "shop": f"{name}-my", "count": 1, "status": unpaid}
    (order_id,) = demo.sandbox("POST", "/orders", order)["order_ids"]
    log_in(desktop, demo, "packer")
    page = f"{demo.url}/c/demo/orders/?tab=new-order&q={order_id}"
    demo.sandbox("POST", f"/orders/{name}/{order_id}/event", {"event": "pay"})
    for _ in range(_LOOKS):
        desktop.goto(page)
        if desktop.locator(f"tr[data-order-id='{order_id}']").count():
            return
        desktop.wait_for_timeout(500)
    pytest.fail("it never came")


def test_a_manager_fetches_chosen_days_and_sees_what_came_of_it(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "manager")
    desktop.get_by_role("link", name="Sync", exact=True).click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Sync")
    for box in desktop.get_by_role("group", name="Stores").get_by_role("checkbox").all()[1:]:
        box.uncheck()
    desktop.get_by_role("button", name="Sync", exact=True).click()
    newest = desktop.locator("tr[data-run]").first
    expect(newest).to_contain_text("Max Manager")
    expect(newest).to_contain_text(re.compile(r"\d+ returns? listed"), timeout=20_000)
    expect(desktop.locator("#runs")).to_contain_text(re.compile(r"\d+ orders? listed"))


def test_yesterday_is_proved_complete_on_request(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "packer")
    desktop.goto(f"{demo.url}/c/demo/sync/completeness/")
    desktop.get_by_role("button", name="Check", exact=True).click()
    newest = desktop.locator("tr[data-check]").first
    expect(newest).to_contain_text("Pia Packer")
    expect(newest).to_contain_text(re.compile("complete|fetched"), timeout=20_000)
