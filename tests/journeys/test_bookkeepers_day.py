"""The bookkeeper's day, in a browser: map, preview, post, mend a failure, post again, archive, reconcile."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.walking import agree, await_rows, effects, event, make, press, tick

pytestmark = pytest.mark.long

SKU = "KETTLE-9"
"""A SKU that the books do not know."""


def test_what_fails_is_mended_posted_again_archived_and_compared_with_the_books(
    demo: Demo, desktop: Page
) -> None:
    page = desktop
    strange = make(demo, "lazada-my", 2, status="delivered", sku=SKU, lines=1)
    plain = make(demo, "lazada-my", 1, status="delivered", sku="MUG-BLUE", lines=1)
    log_in(page, demo, "books")
    await_rows(page, demo, "delivered", [*strange, *plain])
    _preview(page, strange[0], shows=f"{SKU}")

    await_rows(page, demo, "delivered", [*strange, *plain])
    tick(page, [*strange, *plain])
    press(page, "Post Order")
    expect(page.get_by_role("dialog")).to_contain_text("a SKU has no stock item")
    page.get_by_role("dialog").get_by_role("button", name="Post Order").click()
    failed = page.get_by_role("link", name="Posting status: Posting failed")
    expect(failed).to_be_visible(timeout=60_000)
    failed.click()
    page.locator("main table a").first.click()
    page.wait_for_url(re.compile(r"/batches/\d+/"))
    expect(page.get_by_role("navigation", name="Outcomes by kind")).to_contain_text("refused 2")
    run = page.url

    page.goto(f"{demo.url}/c/demo/posting/skus/?q={SKU}")
    page.get_by_label(f"Stock item of {SKU}").fill("MUG-BLUE")
    page.get_by_role("button", name="Map", exact=True).click()
    expect(page.get_by_label(f"Stock item of {SKU}")).to_have_value("MUG-BLUE")

    page.goto(run)
    page.get_by_role("button", name="Retry failed").click()
    again = page.get_by_role("navigation", name="Outcomes by kind")
    expect(page.locator("section.batch.finished")).to_be_visible(timeout=60_000)
    expect(again).to_contain_text("done 2")
    _both_runs_can_be_exported(page, strange)

    page.goto(f"{demo.url}/c/demo/orders/?tab=delivered&size=200")
    for order_id in [*strange, *plain]:
        expect(page.locator(f'tr[data-order-id="{order_id}"]')).to_have_count(0)
    page.get_by_role("switch", name="Archived Orders").click()
    page.wait_for_url("**archived=1**")
    for order_id in [*strange, *plain]:
        expect(page.locator(f'tr[data-order-id="{order_id}"]')).to_be_visible()
    _preview(page, strange[0], shows="MUG-BLUE")

    page.goto(f"{demo.url}/c/demo/posting/reconcile/")
    press(page, "Compare")
    page.wait_for_url(re.compile(r"/posting/reconcile/\d+/"))
    told = page.get_by_text(re.compile(r"invoices posted here, \d+ in SQL Account"))
    expect(told).to_be_visible(timeout=60_000)
    for order_id in [*strange, *plain]:
        expect(page.locator("tr[data-kind]", has_text=order_id)).to_have_count(0)


def _preview(page: Page, order_id: str, *, shows: str) -> None:
    page.get_by_role("link", name=order_id, exact=True).click()
    page.get_by_role("link", name="Invoice preview").click()
    expect(page.get_by_role("main")).to_contain_text(shows)


def _both_runs_can_be_exported(page: Page, ids: list[str]) -> None:
    link = page.get_by_role("link", name="XLSX").get_attribute("href")
    origin = page.url.partition("/c/")[0]
    answer = page.request.get(f"{origin}{link}")
    sheet = load_workbook(BytesIO(answer.body()), read_only=True).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert sorted(str(row[0]) for row in rows) == sorted(ids)
    assert all(row[5] and row[8] for row in rows), "each with its invoice and total"


def test_a_parcel_lost_after_it_was_posted_is_taken_off_the_books_from_its_page(
    demo: Demo, desktop: Page
) -> None:
    page = desktop
    (order_id,) = make(demo, "lazada-my", 1, status="shipped", sku="MUG-BLUE", lines=1)
    log_in(page, demo, "books")
    await_rows(page, demo, "shipped", [order_id])
    _open(page, order_id)
    press(page, "Post Order")
    agree(page, "Post Order")
    expect(page.get_by_text("posted", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Post Order")).to_have_count(0)

    event(demo, order_id, "lose")
    await_rows(page, demo, "others", [order_id])
    _open(page, order_id)
    expect(page.get_by_role("main")).to_contain_text("Changed since it was posted")
    press(page, "Post Order")
    expect(page.get_by_role("dialog")).to_contain_text("1 was posted before")
    agree(page, "Post Order")
    expect(page.get_by_role("button", name="Post Order")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_contain_text("Changed since it was posted")
    assert len(effects(demo, order_id, "sqlaccount")) >= 2


def test_other_books_behind_the_same_keys_stop_the_posting_until_somebody_says_yes(
    demo: Demo, desktop: Page
) -> None:
    page = desktop
    (order_id,) = make(demo, "lazada-my", 1, status="shipped", sku="MUG-BLUE", lines=1)
    log_in(page, demo, "books")
    await_rows(page, demo, "shipped", [order_id])
    later = {"name": "Harian 2027 Sdn. Bhd.", "register": "202701000001"}
    demo.sandbox("POST", "/books", {"company": later})
    _open(page, order_id)
    press(page, "Post Order")
    agree(page, "Post Order")
    page.goto(f"{demo.url}/c/demo/posting/")
    expect(page.get_by_role("main")).to_contain_text("Other books answer than before")
    assert effects(demo, order_id, "sqlaccount") == []
    page.goto(f"{demo.url}/c/demo/posting/books/")
    asked = page.get_by_role("alert")
    expect(asked).to_contain_text("These are other books than before: Harian Trading Sdn. Bhd.")
    press(page, f"Connect to {later['name']}")
    expect(page.get_by_text(f"{later['name']} is connected")).to_be_visible()
    await_posted(page, demo, order_id)
    assert effects(demo, order_id, "sqlaccount") == ["invoice_create"]

    demo.sandbox("POST", "/books", {"company": None})
    page.goto(f"{demo.url}/c/demo/posting/books/")
    press(page, "Connect")
    press(page, "Connect to Harian Trading Sdn. Bhd.")
    expect(page.get_by_text("Harian Trading Sdn. Bhd. is connected")).to_be_visible()


def await_posted(page: Page, demo: Demo, order_id: str) -> None:
    """Wait until the order is archived."""
    for _ in range(120):
        page.goto(f"{demo.url}/c/demo/orders/?tab=shipped&archived=1&size=200")
        if page.locator(f'tr[data-order-id="{order_id}"]').count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{order_id} was not posted")


def _open(page: Page, order_id: str) -> None:
    page.get_by_role("link", name=order_id, exact=True).click()
    page.wait_for_url(re.compile(r"/orders/\d+/"))
