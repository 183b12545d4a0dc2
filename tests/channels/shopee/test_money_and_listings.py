"""What Shopee pays, and what a shop sells there."""

from __future__ import annotations

from decimal import Decimal

from crossdock.channels.shopee import catalogue, money
from tests.channels.shopee.samples import knows, order
from tests.channels.shopee.stage import Played, bad, good


def test_a_settlement_adds_up_and_names_what_shopee_keeps(shopee: Played) -> None:
    done = order(order_sn="S1", order_status="COMPLETED")
    knows(shopee, done)
    income = {"escrow_amount": 26.5, "commission_fee": 2, "service_fee": 1.25, "voucher_from_seller": 1,
              "buyer_paid_shipping_fee": 5, "actual_shipping_fee": 5}  # fmt: skip
    shopee.says("payment/get_escrow_detail", good(order_sn="S1", order_income=income))
    told = money.settlements(shopee.shop(), ["S1"])["S1"]
    assert (told.amount, told.is_final, told.shipping) == (Decimal("26.5"), True, Decimal(0))
    assert {fee.name: fee.amount for fee in told.fees} == {
        "commission_fee": Decimal(-2),
        "service_fee": Decimal("-1.25"),
        "other": Decimal("-0.25"),
    }


def test_an_order_without_an_escrow_has_no_settlement(shopee: Played) -> None:
    knows(shopee, order(order_sn="S1", order_status="CANCELLED"), order(order_sn="S2"))
    shopee.says("payment/get_escrow_detail", bad("order_not_found"))
    assert money.settlements(shopee.shop(), ["S1", "S2"]) == {}


def test_listings_name_every_model_by_its_options(shopee: Played) -> None:
    shopee.says(
        "product/get_item_list",
        lambda call: good(
            item=[{"item_id": 1 if call.values["offset"] == "0" else 2}],
            has_next_page=call.values["offset"] == "0",
            next_offset=1,
        ),
    )
    shopee.says(
        "product/get_item_base_info",
        lambda call: good(
            item_list=[
                {"item_id": int(call.values["item_id_list"]), "item_name": "Mug", "item_sku": "MUG",
                 "item_status": "NORMAL", "has_model": call.values["item_id_list"] == "1"}
            ]
        ),
    )  # fmt: skip
    shopee.says(
        "product/get_model_list",
        good(
            tier_variation=[{"option_list": [{"option": "Red"}, {"option": "Blue"}]}],
            model=[{"model_id": 7, "model_sku": "MUG-B", "tier_index": [1]}, {"model_id": 8, "model_sku": ""}],
        ),
    )  # fmt: skip
    first = catalogue.listings(shopee.shop(), None)
    assert [(one.variation_id, one.sku, one.variation) for one in first.listings] == [
        ("7", "MUG-B", "Blue"),
        ("8", "MUG", ""),
    ]
    assert ("item_status", "UNLIST") in shopee.calls[0].query
    last = catalogue.listings(shopee.shop(), first.next)
    assert [(one.product_id, one.variation_id) for one in last.listings] == [("2", "")]
    assert last.next is None
