"""A store manager's morning on the orders page: filters, columns, views, selection, and news."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Chromium, Demo, log_in
from tests.journeys.walking import await_rows, event, make, press, tick

ROWS = "#rows > tr[data-order-id]"


def test_filters_live_in_the_address_and_come_off_one_by_one(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "manager")
    page.get_by_label("Days", exact=True).select_option("30d")
    page.wait_for_url("**range=30d**")
    page.locator("summary", has_text="Filters").click()
    page.get_by_role("checkbox", name="Lazada").check()
    page.get_by_label("Label").select_option("no")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**printed=no**")
    assert "courier=" not in page.url, "what is not set stays out of the address"
    logos = page.locator(f"{ROWS} svg.logo")
    assert {logo.get_attribute("aria-label") for logo in logos.all()} == {"Lazada"}
    page.get_by_role("link", name="Without not printed").click()
    page.wait_for_load_state()
    assert "printed" not in page.url
    assert "range=30d" in page.url
    page.get_by_role("link", name="Clear", exact=True).click()
    page.wait_for_load_state()
    assert page.get_by_role("list", name="Filters that are set").count() == 0


def test_columns_stay_as_chosen_after_a_new_login(demo: Demo, chromium: Chromium) -> None:
    for round_number in range(2):
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        log_in(page, demo, "books")
        if round_number == 0:
            page.get_by_role("button", name="Columns").click()
            dialog = page.get_by_role("dialog", name="Columns")
            dialog.get_by_label("Buyer", exact=True).uncheck()
            dialog.get_by_label("Payment", exact=True).check()
            dialog.get_by_role("button", name="Courier up").click()
            dialog.get_by_role("button", name="Save").click()
            page.wait_for_load_state()
        heads = page.get_by_role("columnheader").all_text_contents()
        assert heads[1:] == ["Order", "Items", "Courier", "Total", "Ship by", "Created", "Payment"]
        context.close()


def test_a_shared_view_is_seen_by_a_colleague(demo: Demo, desktop: Page, phone: Page) -> None:
    log_in(desktop, demo, "manager")
    desktop.goto(f"{demo.url}/c/demo/orders/?tab=to-process&shipby=overdue")
    desktop.get_by_text("Save view").click()
    desktop.get_by_label("Name of the view", exact=True).fill("Late parcels")
    desktop.get_by_label("Share it in the company").check()
    desktop.get_by_role("button", name="Save", exact=True).first.click()
    desktop.wait_for_url("**view=**")
    log_in(phone, demo, "packer")
    phone.get_by_role("link", name=re.compile("Late parcels")).click()
    phone.wait_for_url("**shipby=overdue**")
    assert phone.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_no_field_of_a_question_juts_out_of_it_on_a_phone(demo: Demo, phone: Page) -> None:
    """A marketplace's longest reason is wider than the screen."""
    ids = make(demo, "lazada-my", 1, status="delivered")
    event(demo, ids[0], "request_return")
    log_in(phone, demo, "manager")
    await_rows(phone, demo, "to-return", ids)
    tick(phone, ids)
    press(phone, "Reject")
    dialog = phone.get_by_role("dialog")
    expect(dialog.get_by_label("Reason")).to_be_visible()
    jutting = dialog.evaluate(
        "box => [...box.querySelectorAll('select, input, textarea')]"
        ".filter(field => field.getBoundingClientRect().right > box.getBoundingClientRect().right)"
        ".map(field => field.name)"
    )
    assert jutting == []


def test_rows_are_ticked_one_by_one_as_a_range_as_a_page_and_as_all_that_match(
    demo: Demo, desktop: Page
) -> None:
    page = desktop
    log_in(page, demo, "manager")
    boxes = page.locator(f"{ROWS} input[name=orders]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    selected = page.locator("[data-selected]")
    expect(selected).to_have_text("4 selected")
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(selected).to_have_text("50 selected")
    page.get_by_role("button", name=re.compile("Select all .* that match")).click()
    expect(selected).to_have_text("All that match are selected")
    page.locator("body").press("Escape")
    expect(page.locator("#selection")).to_be_hidden()


def test_paging_goes_there_and_back(demo: Demo, desktop: Page) -> None:
    page = desktop
    log_in(page, demo, "manager")
    first = page.locator(ROWS).first.get_attribute("data-order-id")
    page.get_by_role("link", name="Older").click()
    page.wait_for_load_state()
    assert page.locator(ROWS).first.get_attribute("data-order-id") != first
    page.locator("body").press("[")
    expect(page.locator(ROWS).first).to_have_attribute("data-order-id", str(first))


def test_a_new_order_is_told_and_a_colleagues_pack_shows_without_a_jump(
    demo: Demo, desktop: Page, phone: Page
) -> None:
    (seen,) = make(demo, "tiktok-my", 1)
    log_in(desktop, demo, "manager")
    await_rows(desktop, demo, "new-order", [seen])
    desktop.goto(f"{demo.url}/c/demo/orders/?tab=new-order")
    top = desktop.locator(ROWS).first.get_attribute("data-order-id")
    make(demo, "shopee-my", 1)
    expect(desktop.locator("#news")).to_contain_text("new order", timeout=30_000)
    assert desktop.locator(ROWS).first.get_attribute("data-order-id") == top
    log_in(phone, demo, "packer")
    await_rows(phone, demo, "new-order", [seen])
    phone.get_by_role("checkbox", name=f"Select order {seen}").check()
    phone.get_by_role("button", name="Pack", exact=True).click()
    row = desktop.locator(f'tr[data-order-id="{seen}"]')
    expect(row).to_contain_text("now in To Process", timeout=30_000)
    expect(row.get_by_role("checkbox")).to_be_disabled()
    desktop.locator("#news a").click()
    expect(desktop.locator(f'tr[data-order-id="{seen}"]')).to_have_count(0)


@pytest.mark.parametrize("zoom", [1, 2])
def test_nothing_scrolls_sideways_on_a_phone_and_zoomed_in(
    demo: Demo, chromium: Chromium, zoom: int
) -> None:
    width = 390 if zoom == 1 else 1280 // zoom
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    log_in(page, demo, "owner")
    for path in ("orders/", "orders/?tab=completed", "batches/", "scan/", "papers/"):
        page.goto(f"{demo.url}/c/demo/{path}")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
    context.close()


def test_an_empty_tab_says_what_to_do(demo: Demo, desktop: Page) -> None:
    log_in(desktop, demo, "manager")
    desktop.goto(f"{demo.url}/c/demo/orders/?tab=to-process&courier=Nobody")
    desktop.get_by_role("link", name="Show all of To Process").click()
    desktop.wait_for_load_state()
    assert "courier" not in desktop.url
