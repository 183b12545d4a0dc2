"""A manager's answers: cancellations, returns to each of their ends, and a parcel that was brought by
the seller."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

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

pytestmark = pytest.mark.long

ENDS = {
    "Goods back": (
        ["Take back", "Received"],
        ["Take back", "Refuse goods"],
        ["Refund"],
        ["Reject"],
    ),
    "Refund only": (["Refund"], ["Dispute"]),
}
"""What the buyer asks for → the moves that lead to each end."""


def test_buyers_cancellations_are_accepted_and_rejected(demo: Demo, desktop: Page) -> None:
    page = desktop
    accepted, rejected = ids = make(demo, "lazada-my", 2, status="packed")
    for order_id in ids:
        event(demo, order_id, "request_cancel")
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-cancel", ids)

    tick(page, [accepted])
    press(page, "Accept")
    agree(page, "Accept")
    expect(page.locator(f'tr[data-order-id="{accepted}"]')).to_have_count(0)
    assert status(demo, "lazada-my", accepted) == "canceled"
    assert effects(demo, accepted) == ["accept_cancel"]

    page.get_by_role("link", name=rejected).click()
    page.wait_for_url(re.compile(r"/orders/\d+/"))
    press(page, "Reject")
    page.get_by_role("dialog").get_by_label("Reason").select_option(index=1)
    agree(page, "Reject")
    expect(page.locator("ol.timeline")).to_contain_text("Cancellation rejected")
    expect(page.locator("#order-head")).to_contain_text("To Process")
    assert status(demo, "lazada-my", rejected) == "packed"
    assert effects(demo, rejected) == ["reject_cancel"]


def test_a_return_comes_to_each_of_its_ends(demo: Demo, desktop: Page) -> None:
    page = desktop
    ids = make(demo, "lazada-my", 12, status="delivered", lines=1)
    for order_id in ids:
        event(demo, order_id, "request_return")
    log_in(page, demo, "manager")
    await_rows(page, demo, "to-return", ids)
    of_kind = {
        kind: page.locator("tr[data-order-id]", has_text=kind).evaluate_all(
            "(rows, ids) => rows.filter(row => ids.includes(row.dataset.orderId))"
            ".map(row => [row.dataset.orderId, row.dataset.href])",
            ids,
        )
        for kind in ENDS
    }
    for kind, ends in ENDS.items():
        assert len(of_kind[kind]) >= len(ends), "the buyers ask for one kind only"
        for moves, (order_id, path) in zip(ends, of_kind[kind], strict=False):
            page.goto(f"{demo.url}{path}")
            for place, move in enumerate(moves):
                if place:
                    sent_back(page, demo, order_id, move)
                make_move(page, move)
            said = [effect for effect in effects(demo, order_id) if effect.endswith("_return")]
            refused = moves[-1] in ("Refuse goods", "Reject", "Dispute")
            assert said[-1] == ("reject_return" if refused else "accept_return"), moves
            expect(page.locator("#returns")).to_contain_text(f": {moves[-1].lower()}")


def test_a_self_delivered_order_is_marked_as_delivered(demo: Demo, desktop: Page) -> None:
    page = desktop
    ids = make(demo, "lazada-sg", 1, status="ready_to_ship", self_delivery=True)
    log_in(page, demo, "packer")
    await_rows(page, demo, "self-deliver", ids)
    tick(page, ids)
    press(page, "Mark as Delivered")
    await_finished(page)
    await_rows(page, demo, "delivered", ids)
    assert status(demo, "lazada-sg", ids[0]) == "delivered"
    assert effects(demo, ids[0]) == ["deliver"]
