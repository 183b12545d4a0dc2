"""What people do on the orders page, again and again."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "08d763f8cfc0000000030001a2d5b8a20000000049454e44ae426082"
)


def make(demo: Demo, shop: str, count: int, **more: Any) -> list[str]:
    """Orders of one of the sandbox's shops, such as ``lazada-my``."""
    body = {"channel": shop.partition("-")[0], "shop": shop, "count": count, **more}
    return list(demo.sandbox("POST", "/orders", body)["order_ids"])


def event(demo: Demo, order_id: str, name: str, channel: str = "lazada") -> None:
    """Have something happen to an order out there."""
    demo.sandbox("POST", f"/orders/{channel}/{order_id}/event", {"event": name})


def effects(demo: Demo, order_id: str, channel: str = "lazada") -> list[str]:
    """What calls of ours did to an order."""
    rows = demo.sandbox("GET", f"/ledger?system={channel}&order={order_id}")["calls"]
    return [row["effect"] for row in rows if row["accepted"]]


def await_rows(page: Page, demo: Demo, tab: str, ids: list[str], seconds: int = 100) -> None:
    """Look at a tab (as its address says it) until all these orders are on it."""
    here: list[str] = []
    for _ in range(seconds * 2):
        page.goto(f"{demo.url}/c/demo/orders/?tab={tab}&size=200")
        here = page.locator("tr[data-order-id]").evaluate_all(
            "rows => rows.map(row => row.dataset.orderId)"
        )
        if set(ids) <= set(here):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{ids} did not all come to {tab}; there: {here}")


def tick(page: Page, ids: list[str]) -> None:
    """Select these orders."""
    for order_id in ids:
        page.get_by_role("checkbox", name=f"Select order {order_id}").check()


def press(page: Page, name: str) -> None:
    """Press a button of the page."""
    page.get_by_role("button", name=name, exact=True).click()


def agree(page: Page, verb: str) -> None:
    """Say yes in the dialog, whose button repeats the verb, and wait until it is done."""
    page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()
    await_finished(page)


def await_finished(page: Page) -> None:
    """Wait for the newest batch."""
    newest = page.locator("#progress section").first
    expect(newest).to_have_class("card batch finished", timeout=60_000)


def status(demo: Demo, shop: str, order_id: str) -> str:
    """The platform's word for an order."""
    orders = demo.sandbox("GET", f"/orders?channel={shop.partition('-')[0]}&shop={shop}")["orders"]
    return next(str(one["status"]) for one in orders if one["order_id"] == order_id)


def make_move(page: Page, move: str) -> None:
    """Press a move's button, fill in what the marketplace asks for, and send it."""
    press(page, move)
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    if dialog.locator("select").count():
        reasons = dialog.locator("select option")
        dialog.locator("select").select_option(index=min(1, reasons.count() - 1))
    if dialog.locator("textarea").count():
        dialog.locator("textarea").fill("As agreed with the buyer.")
    if dialog.locator("input[type=email]").count():
        dialog.locator("input[type=email]").fill("returns@acme.test")
    if dialog.locator("input[type=number]").count():
        dialog.locator("input[type=number]").fill("1.00")
    if dialog.locator("input[type=file]").count():
        picture = {"name": "photo.png", "mimeType": "image/png", "buffer": PIXEL}
        dialog.locator("input[type=file]").set_input_files(picture)
    agree(page, move)


def sent_back(page: Page, demo: Demo, order_id: str, move: str, channel: str = "lazada") -> None:
    """The buyer's parcel reaches the seller; the next move comes up."""
    for name in ("send_back",) if channel == "tiktok" else ("send_back", "deliver"):
        event(demo, order_id, name, channel)
    button = page.get_by_role("button", name=move, exact=True)
    for _ in range(60):
        page.reload()
        if button.count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{move} never came up for {order_id}")
