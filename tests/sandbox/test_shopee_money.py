"""Shopee's money and listings: escrows that add up, released payments, items and models."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp


def decimal(value: float) -> Decimal:
    return Decimal(str(value))


def income(app: ShopeeApp, order_sn: str) -> dict[str, Any]:
    return dict(app.get("payment/get_escrow_detail", order_sn=order_sn)["order_income"])


def test_an_escrow_adds_up_for_every_kind_of_order(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    truth = played.truth("shopee-my")
    made = played.orders(40, "shopee-my", status="COMPLETED")
    truth = played.truth("shopee-my")
    vouchers = 0
    for order_sn in made:
        told = income(shopee, order_sn)
        sums = {name: decimal(value) for name, value in told.items() if isinstance(value, int | float)}  # fmt: skip
        billed = sums["order_discounted_price"] - sums["voucher_from_seller"]
        assert billed == Decimal(truth[order_sn]["total"])
        fees = sums["commission_fee"] + sums["service_fee"] + sums["seller_transaction_fee"]
        assert fees > 0
        assert sums["escrow_amount"] == billed - fees + sums["final_shipping_fee"]
        assert sums["final_shipping_fee"] == (
            sums["buyer_paid_shipping_fee"]
            + sums["shopee_shipping_rebate"]
            - sums["actual_shipping_fee"]
        )
        spread = [decimal(one["discount_from_voucher_seller"]) for one in told["items"]]
        assert sum(spread) == sums["voucher_from_seller"]
        vouchers += bool(told["voucher_from_seller"])
    assert vouchers


def test_items_of_an_escrow_are_line_totals(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", lines=3, sku="TEA-OOL-100")
    (item,) = income(shopee, order_sn)["items"]
    assert (item["quantity_purchased"], item["original_price"]) == (3, 82.05)
    (line,) = shopee.order(order_sn, "item_list")["item_list"]
    assert decimal(item["discounted_price"]) == 3 * decimal(line["model_discounted_price"])
    assert item["line_item_id"] == line["line_item_id"]


def test_a_sellers_voucher_is_told_by_the_escrow_alone(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    for order_sn in played.orders(30, "shopee-my"):
        voucher = decimal(income(shopee, order_sn)["voucher_from_seller"])
        if voucher:
            break
    else:
        pytest.fail("no order has a voucher")
    items = shopee.order(order_sn, "item_list")["item_list"]
    goods = sum(
        decimal(one["model_discounted_price"]) * one["model_quantity_purchased"] for one in items
    )
    assert goods - voucher == Decimal(played.truth("shopee-my")[order_sn]["total"])


def test_a_cancelled_order_brings_nothing(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="CANCELLED")
    assert income(shopee, order_sn)["escrow_amount"] == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_many_escrows_come_as_an_array_by_get_and_by_post(
    played: RunningSandbox, shopee: ShopeeApp, method: str
) -> None:
    made = played.orders(2, "shopee-my")
    name = "payment/get_escrow_detail_batch"
    if method == "GET":
        told = shopee.get(name, order_sn_list=",".join(made))
    else:
        told = shopee.post(name, {"order_sn_list": made})
    assert [one["escrow_detail"]["order_sn"] for one in told] == made
    many = ["26010100000000"] * 51
    assert shopee.error("POST", name, {"order_sn_list": many}) == "exceed_max_limit"
    assert shopee.error("GET", name, order_sn_list="26010100000000") == "order_not_found"


def test_money_is_released_when_an_order_is_completed(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="TO_CONFIRM_RECEIVE")
    since = int(time.time())
    played.event(order_sn, "complete", "shopee")
    query = {"release_time_from": since - 5, "release_time_to": since + 10}
    rows = shopee.get("payment/get_escrow_list", page_size=100, **query)["escrow_list"]
    (row,) = [one for one in rows if one["order_sn"] == order_sn]
    assert row["payout_amount"] == income(shopee, order_sn)["escrow_amount"]
    assert row["escrow_release_time"] >= since
    assert shopee.error("GET", "payment/get_escrow_list") == "error_param"


def test_items_are_listed_by_their_status(shopee: ShopeeApp) -> None:
    found, offset = [], 0
    while True:
        told = shopee.get(
            "product/get_item_list", offset=offset, page_size=10, item_status=["NORMAL", "UNLIST"]
        )
        found += told["item"]
        if not told["has_next_page"]:
            break
        offset = told["next_offset"]
    assert len(found) == told["total_count"]
    none = shopee.get("product/get_item_list", offset=0, page_size=10, item_status="BANNED")
    assert none["item"] == []
    assert shopee.error("GET", "product/get_item_list", offset=0, page_size=10) == "error_param"


def test_every_sku_that_is_ordered_is_listed_under_the_same_ids(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    for sku in ("TOWEL-L-G", "TEA-OOL-100"):
        (order_sn,) = played.orders(1, "shopee-my", sku=sku)
        (line,) = shopee.order(order_sn, "item_list")["item_list"]
        (item,) = shopee.get("product/get_item_base_info", item_id_list=line["item_id"])[
            "item_list"
        ]
        models = shopee.get("product/get_model_list", item_id=line["item_id"])
        if line["model_id"]:
            (model,) = [one for one in models["model"] if one["model_id"] == line["model_id"]]
            assert model["model_sku"] == sku
            options = [tier["option_list"] for tier in models["tier_variation"]]
            chosen = [
                one[place]["option"]
                for one, place in zip(options, model["tier_index"], strict=True)
            ]
            assert ",".join(chosen) == line["model_name"]
            assert (item["has_model"], "price_info" in item) == (True, False)
        else:
            assert (item["item_sku"], item["has_model"], models["model"]) == (sku, False, [])
            assert item["price_info"][0]["currency"] == "MYR"
