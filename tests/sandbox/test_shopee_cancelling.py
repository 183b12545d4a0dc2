"""Shopee's cancellations: the seller's own, and the answer to the buyer's."""

from __future__ import annotations

import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp

CANCEL, ANSWER = "order/cancel_order", "order/handle_buyer_cancellation"


@pytest.mark.parametrize(
    ("status", "package"),
    [("READY_TO_SHIP", "LOGISTICS_INVALID"), ("PROCESSED", "LOGISTICS_REQUEST_CANCELED")],
)
def test_a_seller_cancels_before_the_courier_has_come(
    played: RunningSandbox, shopee: ShopeeApp, status: str, package: str
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status=status)
    assert shopee.order(order_sn)["can_full_cancel_order"] is True
    body = {"order_sn": order_sn, "cancel_reason": "CUSTOMER_REQUEST"}
    assert shopee.post(CANCEL, body)["update_time"] > 0
    told = shopee.order(order_sn, "cancel_by", "cancel_reason", "buyer_cancel_reason", "item_list")
    assert (told["order_status"], told["cancel_by"]) == ("CANCELLED", "seller")
    assert told["cancel_reason"] == "Customer Request"
    assert told["item_list"][0]["active_qty"] == 0
    assert shopee.package(order_sn)["fulfillment_status"] == package
    assert shopee.error("POST", CANCEL, body) == "order.error_limit"
    rows = [row for row in played.ledger("cancel") if row["order_id"] == order_sn]
    assert [row["accepted"] for row in rows] == [True, False]


def test_out_of_stock_names_the_items(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", sku="TOWEL-L-G")
    body = {"order_sn": order_sn, "cancel_reason": "OUT_OF_STOCK"}
    assert shopee.error("POST", CANCEL, body) == "error_param"
    (item,) = shopee.order(order_sn, "item_list")["item_list"]
    wrong = [{"item_id": item["item_id"], "model_id": 0}]
    assert shopee.error("POST", CANCEL, {**body, "item_list": wrong}) == "error_param"
    named = [{"item_id": item["item_id"], "model_id": item["model_id"]}]
    assert shopee.error("POST", CANCEL, {**body, "item_list": named}) == ""


@pytest.mark.parametrize("status", ["UNPAID", "SHIPPED", "COMPLETED"])
def test_other_orders_cannot_be_cancelled(
    played: RunningSandbox, shopee: ShopeeApp, status: str
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status=status)
    assert shopee.order(order_sn)["can_full_cancel_order"] is False
    body = {"order_sn": order_sn, "cancel_reason": "CUSTOMER_REQUEST"}
    assert shopee.error("POST", CANCEL, body) == "order.error_limit"


def test_one_reason_is_for_some_countries_only(
    played: RunningSandbox, shopee: ShopeeApp, shopee_sg: ShopeeApp
) -> None:
    for app, error in ((shopee, ""), (shopee_sg, "error_param")):
        (order_sn,) = played.orders(1, app.shop)
        body = {"order_sn": order_sn, "cancel_reason": "UNDELIVERABLE_AREA"}
        assert app.error("POST", CANCEL, body) == error
    assert (
        shopee.error("POST", CANCEL, {"order_sn": "x", "cancel_reason": "BORED"}) == "error_param"
    )


@pytest.mark.parametrize("status", ["READY_TO_SHIP", "PROCESSED"])
@pytest.mark.parametrize("operation", ["ACCEPT", "REJECT"])
def test_a_buyers_cancellation_is_answered(
    played: RunningSandbox, shopee: ShopeeApp, status: str, operation: str
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status=status)
    body = {"order_sn": order_sn, "operation": operation}
    assert shopee.error("POST", ANSWER, body) == "order.cancel_order_invalid_status"
    played.event(order_sn, "request_cancel", "shopee")
    told = shopee.order(order_sn, "buyer_cancel_reason", "item_list")
    assert (told["order_status"], told["buyer_cancel_reason"]) == ("IN_CANCEL", "Change of mind")
    assert told["item_list"][0]["cancel_requested_qty"] > 0
    way = {"order_sn": order_sn, "dropoff": {}}
    assert shopee.error("POST", "logistics/ship_order", way) != ""
    assert shopee.post(ANSWER, body)["update_time"] > 0
    after = shopee.order(order_sn, "cancel_by")
    expected = ("CANCELLED", "buyer") if operation == "ACCEPT" else (status, "")
    assert (after["order_status"], after["cancel_by"]) == expected
    effect = "accept_cancel" if operation == "ACCEPT" else "reject_cancel"
    rows = [row for row in played.ledger(effect) if row["order_id"] == order_sn]
    assert [row["accepted"] for row in rows] == [False, True]


def test_a_buyer_who_was_refused_cannot_ask_again(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    played.event(order_sn, "request_cancel", "shopee")
    shopee.post(ANSWER, {"order_sn": order_sn, "operation": "REJECT"})
    answer = played.control.post(
        f"/orders/shopee/{order_sn}/event", json={"event": "request_cancel"}
    )
    assert answer.status_code == 409


def test_no_answer_within_a_day_is_a_yes(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="PROCESSED")
    played.event(order_sn, "request_cancel", "shopee")
    shopee.pass_time(25)
    assert shopee.order(order_sn)["order_status"] == "CANCELLED"


def test_a_buyer_cancels_what_was_not_paid(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="UNPAID")
    played.event(order_sn, "request_cancel", "shopee")
    assert shopee.order(order_sn, "cancel_by")["cancel_by"] == "buyer"


def test_the_value_of_a_partial_cancellation_is_a_text(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", lines=2, sku="MUG-BLUE")
    (item,) = shopee.order(order_sn, "item_list")["item_list"]
    asked = {
        "item_id": item["item_id"],
        "model_id": item["model_id"],
        "model_quantity": 1,
    }
    body = {"order_sn": order_sn, "partial_cancel_item_list": [asked]}
    told = shopee.answer("POST", "order/get_estimate_cancel_value", body)
    assert told["cancel_value_price"] == f"{item['model_discounted_price']:.2f}"
    partly = {"order_sn": order_sn, "cancel_reason": "CUSTOMER_REQUEST", **body}
    assert shopee.error("POST", CANCEL, partly) == "order.error_limit"
