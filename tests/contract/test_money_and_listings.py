"""What the shop is paid, and what it sells."""

from __future__ import annotations

from decimal import Decimal

from tests.contract.stage import OnStage


def test_a_finished_order_tells_what_the_seller_gets(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.shipped(shop, order_id)
    for event in ("pick_up", "deliver", "complete"):
        stage.event(order_id, event)
    stage.sandbox.post("/advance", hours=48)
    told = stage.known.settlements(stage.shop(), [order_id])[order_id]
    total = Decimal(stage.truth(order_id)["total"])
    assert told.currency == stage.truth(order_id)["currency"]
    assert Decimal(0) < told.amount <= total + told.shipping
    assert total + told.shipping + sum((fee.amount for fee in told.fees), Decimal(0)) == told.amount


def test_an_order_that_nobody_knows_has_no_settlement(stage: OnStage) -> None:
    made = stage.orders(1)[0]
    stranger = made[:-1] + ("1" if made[-1] != "1" else "2")
    assert stranger not in stage.known.settlements(stage.shop(), [stranger])


def test_the_listings_hold_every_sku_that_is_ordered(stage: OnStage) -> None:
    shop, skus, cursor = stage.shop(), set(), None
    for _ in range(100):
        page = stage.known.listings(shop, cursor)
        skus |= {listing.sku for listing in page.listings}
        cursor = page.next
        if cursor is None:
            break
    ordered = {line["sku"] for one in stage.orders(20) for line in stage.truth(one)["lines"]}
    assert ordered <= skus
