"""The main job, end to end, in a browser: from New Order to an invoice in SQL Account."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pypdfium2
import zxingcpp
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo, go_to_tab, log_in


def test_five_orders_walk_from_new_order_to_an_invoice_each(demo: Demo, desktop: Page) -> None:
    page = desktop
    ids = demo.sandbox("POST", "/orders", {"channel": "lazada", "shop": "lazada-my", "count": 5})[
        "order_ids"
    ]
    log_in(page, demo, "owner")
    _await_rows(page, demo, "New Order", ids)

    _tick(page, ids)
    page.get_by_role("button", name="Pack", exact=True).click()
    _await_finished(page)
    _await_rows(page, demo, "To Process", ids)

    _tick(page, ids)
    page.get_by_role("button", name="To Ship", exact=True).click()
    _await_finished(page)
    _await_rows(page, demo, "To Ship", ids)

    _tick(page, ids)
    page.get_by_role("button", name="Print AWB", exact=True).click()
    link = page.get_by_role("link", name="Open the AWB PDF")
    expect(link).to_be_visible(timeout=60_000)
    pdf = page.request.get(f"{demo.url}{link.get_attribute('href')}").body()
    truth = _truth(demo, ids)
    trackings = {package["tracking_number"] for order in truth for package in order["packages"]}
    assert sorted(_barcodes(pdf)) == sorted(trackings)
    assert len(pypdfium2.PdfDocument(pdf)) == 5

    for order_id in ids:
        demo.sandbox("POST", f"/orders/lazada/{order_id}/event", {"event": "pick_up"})
    _await_rows(page, demo, "Shipped", ids)

    demo.sandbox("POST", "/latency", {"system": "sqlaccount", "ms": 800})
    _tick(page, ids)
    page.get_by_role("button", name="Post Order", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Post Order").click()
    expect(page.get_by_role("link", name="Posting status: Posting in progress")).to_be_visible()
    done = page.get_by_role("link", name="Posting status: Posting completed")
    expect(done).to_be_visible(timeout=60_000)
    expect(done).to_have_count(1)
    _await_finished(page)
    demo.sandbox("POST", "/latency", {"system": "sqlaccount", "ms": 0})

    rows = demo.sandbox("GET", "/ledger?system=sqlaccount")["calls"]
    created = [row for row in rows if row["effect"] == "invoice_create" and row["order_id"] in ids]
    assert sorted(row["document"] for row in created if row["accepted"]) == sorted(ids)
    assert len(created) == 5

    page.goto(f"{demo.url}/c/demo/orders/?tab=shipped")
    expect(page.locator(f'tr[data-order-id="{ids[0]}"]')).to_have_count(0)
    page.get_by_role("switch", name="Archived Orders").click()
    page.wait_for_url("**archived=1**")
    for order in truth:
        row = page.locator(f'tr[data-order-id="{order["order_id"]}"]')
        expect(row).to_be_visible()
    _billed_totals_agree(page, demo, truth)


def _tick(page: Page, ids: list[str]) -> None:
    for order_id in ids:
        page.get_by_role("checkbox", name=f"Select order {order_id}").check()


def _await_finished(page: Page) -> None:
    expect(page.locator("#progress section.finished").first).to_be_visible(timeout=60_000)


def _await_rows(page: Page, demo: Demo, tab: str, ids: list[str]) -> None:
    """Look at a tab until all these orders are on it."""
    for _ in range(60):
        page.goto(f"{demo.url}/c/demo/orders/?size=200")
        go_to_tab(page, tab)
        here = page.locator("tr[data-order-id]").evaluate_all(
            "rows => rows.map(row => row.dataset.orderId)"
        )
        if set(ids) <= set(here):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{ids} did not all come to {tab}; there: {here}")


def _truth(demo: Demo, ids: list[str]) -> list[dict[str, Any]]:
    orders = demo.sandbox("GET", "/orders?channel=lazada&shop=lazada-my")["orders"]
    return [order for order in orders if order["order_id"] in ids]


def _barcodes(pdf: bytes) -> list[str]:
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        image = document[number].render(scale=3).to_pil()
        found += [code.text for code in zxingcpp.read_barcodes(image)]
    return found


def _billed_totals_agree(page: Page, demo: Demo, truth: list[dict[str, Any]]) -> None:
    for order in truth:
        page.goto(f"{demo.url}/c/demo/orders/?tab=shipped&archived=1&q={order['order_id']}")
        page.get_by_role("link", name=order["order_id"]).click()
        shown = page.locator("dt", has_text="Billed total").locator("+ dd").inner_text()
        assert Decimal(re.sub(r"[^\d.]", "", shown)) == Decimal(order["total"])
