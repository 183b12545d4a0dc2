"""The same day at Shopee and TikTok Shop as at Lazada: packed, shipped, labelled, answered, delivered."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.walking import (
    agree,
    await_finished,
    await_rows,
    effects,
    event,
    make,
    make_move,
    press,
    sent_back,
    status,
    tick,
)
from tests.pictures.drawn import drawn

pytestmark = pytest.mark.long

CHANNELS = ("shopee", "tiktok")
GIVING_IN = {"Refund", "Take back"}
"""The moves that ask for nothing more."""


@pytest.mark.parametrize("channel", CHANNELS)
def test_orders_are_packed_shipped_and_labelled(demo: Demo, desktop: Page, channel: str) -> None:
    page, shop = desktop, f"{channel}-my"
    log_in(page, demo, "packer")
    ids = make(demo, shop, 3)
    await_rows(page, demo, "new-order", ids)
    tick(page, ids)
    press(page, "Pack")
    await_finished(page)
    await_rows(page, demo, "to-process", ids)
    tick(page, ids)
    press(page, "To Ship")
    dialog = page.get_by_role("dialog")
    page.locator("#progress section, dialog[open]").first.wait_for()
    while dialog.count():
        for choice in dialog.locator("input[type=radio]").all():
            name = choice.get_attribute("name")
            if not dialog.locator(f'input[name="{name}"]:checked').count():
                choice.check()
        agree(page, "To Ship")
    await_finished(page)
    await_rows(page, demo, "to-ship", ids)
    assert all(effects(demo, order_id, channel).count("ship") == 1 for order_id in ids)
    tick(page, ids)
    press(page, "Print AWB")
    link = page.get_by_role("link", name="Open the AWB PDF").first
    link.wait_for(timeout=60_000)
    answer = page.request.get(f"{demo.url}{link.get_attribute('href')}")
    with pypdfium2.PdfDocument(answer.body()) as pdf:
        assert len(pdf) == 3


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_buyers_cancellation_is_accepted_and_another_one_rejected(
    demo: Demo, desktop: Page, channel: str
) -> None:
    page, shop = desktop, f"{channel}-my"
    accepted, rejected = ids = make(demo, shop, 2)
    for order_id in ids:
        event(demo, order_id, "request_cancel", channel)
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-cancel", ids)
    tick(page, [accepted])
    press(page, "Accept")
    agree(page, "Accept")
    assert "CANCEL" in status(demo, shop, accepted).upper()
    await_rows(page, demo, "to-cancel", [rejected])
    page.get_by_role("link", name=rejected, exact=True).click()
    page.wait_for_url(re.compile(r"/orders/\d+/"))
    press(page, "Reject")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    if dialog.locator("select").count():
        dialog.locator("select").select_option(index=1)
    agree(page, "Reject")
    expect(page.locator("ol.timeline")).to_contain_text("Cancellation rejected")
    assert "CANCEL" not in status(demo, shop, rejected).upper()


@pytest.mark.parametrize("channel", CHANNELS)
def test_returns_are_taken_back_and_refunded(demo: Demo, desktop: Page, channel: str) -> None:
    page, shop = desktop, f"{channel}-my"
    delivered = {"shopee": "TO_CONFIRM_RECEIVE", "tiktok": "DELIVERED"}[channel]
    ids = make(demo, shop, 3, status=delivered, lines=1)
    for order_id in ids:
        event(demo, order_id, "request_return", channel)
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-return", ids)
    paths = [page.locator(f'tr[data-order-id="{one}"]').get_attribute("data-href") for one in ids]
    made: list[str] = []
    for path in paths:
        page.goto(f"{demo.url}{path}")
        offered = [
            one for one in page.locator("#returns button").all_inner_texts() if one in GIVING_IN
        ]
        move = next((one for one in offered if one not in made), offered[0])
        made.append(move)
        make_move(page, move)
        expect(page.locator("#returns")).to_contain_text(f": {move.lower()}")
    assert set(made) <= GIVING_IN


REFUSING = {
    "shopee": ("Offer", "Dispute"),
    "tiktok": ("Offer", "Reject"),
}
"""Moves that bargain or refuse, each on a return of its own."""


@pytest.mark.parametrize("channel", CHANNELS)
def test_returns_are_bargained_over_refused_and_disputed(
    demo: Demo, desktop: Page, channel: str
) -> None:
    page, shop = desktop, f"{channel}-my"
    delivered = {"shopee": "TO_CONFIRM_RECEIVE", "tiktok": "DELIVERED"}[channel]
    ids = make(demo, shop, 9, status=delivered, lines=1)
    for order_id in ids:
        event(demo, order_id, "request_return", channel)
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-return", ids)
    paths = {
        one: page.locator(f'tr[data-order-id="{one}"]').get_attribute("data-href") for one in ids
    }
    for move in REFUSING[channel]:
        _open_one_that_offers(page, demo, paths, move)
        make_move(page, move)
        expect(page.locator("#returns")).to_contain_text(f": {move.lower()}")


def test_goods_that_came_back_to_a_tiktok_shop_are_taken_or_refused(
    demo: Demo, desktop: Page
) -> None:
    page, shop = desktop, "tiktok-my"
    ids = make(demo, shop, 9, status="DELIVERED", lines=1)
    for order_id in ids:
        event(demo, order_id, "request_return", "tiktok")
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-return", ids)
    paths = {
        one: page.locator(f'tr[data-order-id="{one}"]').get_attribute("data-href") for one in ids
    }
    for move in ("Received", "Refuse goods"):
        order_id = _open_one_that_offers(page, demo, paths, "Take back")
        make_move(page, "Take back")
        expect(page.locator("#returns")).to_contain_text(": take back")
        sent_back(page, demo, order_id, move, "tiktok")
        make_move(page, move)
        expect(page.locator("#returns")).to_contain_text(f": {move.lower()}")


def test_a_refund_at_shopee_that_was_wrong_is_claimed_back_and_the_claim_withdrawn(
    demo: Demo, desktop: Page
) -> None:
    page, shop = desktop, "shopee-my"
    ids = make(demo, shop, 9, status="TO_CONFIRM_RECEIVE", lines=1)
    for order_id in ids:
        event(demo, order_id, "request_return", "shopee")
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-return", ids)
    paths = [page.locator(f'tr[data-order-id="{one}"]').get_attribute("data-href") for one in ids]
    dispute = page.locator("#returns").get_by_role("button", name="Dispute", exact=True)
    for path in paths:
        page.goto(f"{demo.url}{path}")
        make_move(page, "Refund")
        expect(page.locator("#returns")).to_contain_text(": refund")
        if _comes_up(page, dispute):
            break
    for move in ("Dispute", "Withdraw dispute"):
        make_move(page, move)
        expect(page.locator("#returns")).to_contain_text(f": {move.lower()}")


def _comes_up(page: Page, button: Locator) -> bool:
    """Whether a move comes up within the time that an answer takes to be read."""
    for _ in range(6):
        page.reload()
        if button.count():
            return True
        page.wait_for_timeout(500)
    return False


def _open_one_that_offers(page: Page, demo: Demo, paths: dict[str, str | None], move: str) -> str:
    """Open the first of these orders whose return offers this move, and take it off the list; its id."""
    seen: set[str] = set()
    for order_id, path in list(paths.items()):
        page.goto(f"{demo.url}{path}")
        offered = page.locator("#returns button").all_inner_texts()
        if move in offered:
            del paths[order_id]
            return order_id
        seen |= set(offered)
    raise AssertionError(f"no return offers {move}; there are {sorted(seen)}")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_self_delivered_order_is_marked_as_delivered(
    demo: Demo, desktop: Page, channel: str
) -> None:
    page, shop = desktop, f"{channel}-sg"
    on_its_way = {"shopee": "SHIPPED", "tiktok": "AWAITING_COLLECTION"}[channel]
    (order_id,) = make(demo, shop, 1, status=on_its_way, self_delivery=True)
    log_in(page, demo, "packer")
    await_rows(page, demo, "self-deliver", [order_id])
    _tell_that_nobody_was_there(page, order_id)
    await_rows(page, demo, "self-deliver", [order_id])
    expect(page.locator(f'tr[data-order-id="{order_id}"]')).to_contain_text("not delivered 1×")
    tick(page, [order_id])
    press(page, "Mark as Delivered")
    await_finished(page)
    await_rows(page, demo, "delivered", [order_id])
    if channel == "shopee":
        row = page.locator(f'tr[data-order-id="{order_id}"]')
        expect(row).to_contain_text("Delivered (marked here)")
        assert effects(demo, order_id, channel) == []
    else:
        assert status(demo, shop, order_id) == "DELIVERED"


def _tell_that_nobody_was_there(page: Page, order_id: str) -> None:
    """The driver came back with the parcel, and a photo of the door."""
    page.get_by_role("link", name=order_id, exact=True).click()
    page.get_by_role("link", name="How it went …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Not delivered: it will be tried again").check()
    dialog.get_by_label("Why it was not delivered").select_option("nobody was there")
    picture = {"name": "door.png", "mimeType": "image/png", "buffer": drawn()}
    dialog.get_by_label("Photo").set_input_files(picture)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not delivered: nobody was there").first).to_be_visible()
