"""A packer checks a parcel's goods before it is shipped: the order, then its items, by scanner alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.test_scan_to_ship import halves, packed, scan


def items(demo: Demo, order_id: str) -> list[tuple[str, int]]:
    """SKU and units of an order, from the sandbox's own truth."""
    orders = demo.sandbox("GET", "/orders?channel=tiktok")["orders"]
    (order,) = [one for one in orders if one["order_id"] == order_id]
    return [(line["sku"], line["quantity"]) for line in order["lines"]]


@pytest.mark.parametrize("size", ["desk", pytest.param("phone", marks=pytest.mark.long)])
def test_an_order_is_verified_by_scanning_its_items(
    demo: Demo, desktop: Page, phone: Page, size: str
) -> None:
    here = phone if size == "phone" else desktop
    log_in(here, demo, "packer")
    first, second = packed(here, demo, 2)
    here.get_by_role("link", name="Stock Pick").click()
    here.wait_for_url("**/stock-pick/")
    verdict = here.locator("#verdict-title")

    scan(here, first)
    expect(verdict).to_have_text("Scan the items")
    codes = [sku for sku, quantity in items(demo, first) for _ in range(quantity)]
    for code in codes[:-1]:
        scan(here, code)
        expect(verdict).to_have_text("Counted")
    scan(here, "NOT-IN-HERE")
    expect(verdict).to_have_text("Unknown code")
    scan(here, codes[-1])
    expect(verdict).to_have_text("Complete")

    scan(here, second)
    expect(verdict).to_have_text("Scan the items")
    sku = items(demo, second)[0][0]
    scan(here, f"99*{sku}")
    expect(verdict).to_have_text("Too many")
    expect(here.locator(f'tr[data-item="{sku}"]')).to_contain_text("Overscan")
    here.get_by_role("button", name="Undo").click()
    expect(here.locator(f'tr[data-item="{sku}"]')).to_contain_text("Incomplete")
    here.get_by_role("button", name="Complete Verification").click()
    here.get_by_role("button", name="Complete with the difference").focus()
    here.keyboard.press("Enter")
    expect(verdict).not_to_have_text("Complete")
    here.reload()
    expect(here.locator("#in-hand")).to_contain_text(second)
    here.get_by_role("button", name="Complete Verification").click()
    here.get_by_role("button", name="Complete with the difference").click()
    expect(verdict).to_have_text("Complete")

    here.get_by_role("link", name="Verified orders").click()
    expect(here.locator(f'tr[data-order-id="{first}"]')).to_contain_text("Complete")
    expect(here.locator(f'tr[data-order-id="{second}"]')).to_contain_text("By hand")


def test_a_code_of_two_orders_asks_which_and_a_key_chooses(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "packer")
    code = halves(desktop, demo)
    desktop.goto(f"{demo.url}/c/demo/stock-pick/")
    scan(desktop, code)
    expect(desktop.locator("#verdict-title")).to_have_text("Which one?")
    desktop.keyboard.press("1")
    expect(desktop.locator("#verdict-title")).to_have_text("Scan the items")
    expect(desktop.locator("#choices")).to_be_hidden()
