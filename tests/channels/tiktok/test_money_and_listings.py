"""What the shop is paid, and what it sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.channels.errors import Refused
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import ORDER_STATEMENT, PRODUCTS_SEARCH
from crossdock.rules.facts import Settlement
from tests.channels.tiktok.stage import Played, bad, good
from tests.contract.stage import OnStage

PATH = ORDER_STATEMENT.format("1")


def statement(sign: int, **more: Any) -> dict[str, Any]:
    """A statement whose costs come with this sign."""

    def cost(value: str) -> str:
        return str(sign * Decimal(value))

    fees = {
        "platform_commission_amount": cost("3.00"),
        "affiliate_commission_amount": cost("2.00"),
        "affiliate_commission_amount_before_pit": cost("2.10"),
        "some_new_fee_amount": cost("0.50"),
    }
    return {
        "order_id": "1",
        "currency": "MYR",
        "revenue_amount": "55.00",
        "shipping_cost_amount": cost("4.00"),
        "fee_and_tax_amount": cost("6.00"),
        "settlement_amount": "45.00",
        "sku_transactions": [
            {"fee_tax_breakdown": {"fee": fees, "tax": {"sst_amount": cost("0.25")}}}
        ],
        **more,
    }


def settled(tiktok: Played, told: dict[str, Any]) -> Settlement | None:
    tiktok.says(PATH, good(**told))
    return CHANNEL.settlements(tiktok.shop(), ["1"]).get("1")


@pytest.mark.parametrize("sign", [-1, 1])
def test_costs_are_taken_off_whichever_sign_they_come_with(tiktok: Played, sign: int) -> None:
    told = settled(tiktok, statement(sign))
    assert told is not None
    assert (told.amount, told.shipping, told.is_final) == (Decimal("45.00"), Decimal("-4.00"), True)
    fees = {fee.name: fee.amount for fee in told.fees}
    assert fees == {
        "platform commission": Decimal("-3.00"),
        "affiliate commission": Decimal("-2.00"),
        "some new fee": Decimal("-0.50"),
        "sst": Decimal("-0.25"),
        "other fees and taxes": Decimal("-0.25"),
    }
    assert Decimal("55.00") + told.shipping + sum(fees.values()) == told.amount


def test_a_subsidy_that_exceeds_the_costs_stays_a_gain(tiktok: Played) -> None:
    told = settled(
        tiktok,
        statement(-1, shipping_cost_amount="1.00", fee_and_tax_amount="-6", settlement_amount="50"),
    )
    assert told is not None
    assert told.shipping == Decimal("1.00")


def test_an_adjustment_keeps_the_sums_whole(tiktok: Played) -> None:
    told = settled(tiktok, statement(-1, settlement_amount="44.00"))
    assert told is not None
    assert told.shipping == Decimal("-4.00")
    total = Decimal("55.00") + told.shipping + sum(fee.amount for fee in told.fees)
    assert total == told.amount


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"settlement_amount": "0", "sku_transactions": []},
        {"settlement_amount": "", "sku_transactions": [{}]},
        {"settlement_amount": "0.00", "revenue_amount": "0", "total_count": 0},
    ],
)
def test_zeros_without_a_transaction_are_no_settlement(
    tiktok: Played, told: dict[str, Any]
) -> None:
    assert settled(tiktok, told) is None


def test_an_order_that_was_paid_back_is_settled_with_nothing(tiktok: Played) -> None:
    told = settled(tiktok, statement(-1, settlement_amount="0", revenue_amount="10.00"))
    assert told is not None
    assert told.amount == 0


def test_an_unknown_order_is_left_out_and_a_wrong_signature_is_told(tiktok: Played) -> None:
    tiktok.says(PATH, bad(25007006, "not found"))
    tiktok.says(ORDER_STATEMENT.format("2"), good(**statement(-1)))
    assert set(CHANNEL.settlements(tiktok.shop(), ["1", "2"])) == {"2"}
    tiktok.says(PATH, (401, bad(106001, "Invalid sign")))
    with pytest.raises(Refused):
        CHANNEL.settlements(tiktok.shop(), ["1"])


def test_an_order_of_the_sandbox_is_settled_after_its_completion_only(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.shipped(shop, order_id)
    assert CHANNEL.settlements(shop, [order_id]) == {}
    for event in ("pick_up", "deliver", "complete"):
        stage.event(order_id, event)
    stage.sandbox.post("/advance", hours=48)
    told = CHANNEL.settlements(stage.shop(), [order_id])[order_id]
    assert told.fees
    assert all(fee.amount < 0 for fee in told.fees)


def test_a_listing_is_a_sku_and_lives_with_its_product(tiktok: Played) -> None:
    skus = [
        {"id": "11", "seller_sku": "MUG-BLUE", "status_info": {"status": "NORMAL"}},
        {"id": "12", "seller_sku": "", "status_info": {"status": "DEACTIVATED"}},
    ]
    products = [
        {"id": "1", "title": "Mug", "status": "ACTIVATE", "skus": skus},
        {"id": "2", "title": "Old mug", "status": "SELLER_DEACTIVATED", "skus": skus[:1]},
    ]
    tiktok.says(PRODUCTS_SEARCH, good(products=products, next_page_token="t"), good())
    page = CHANNEL.listings(tiktok.shop(), None)
    assert [(one.variation_id, one.sku, one.is_live) for one in page.listings] == [
        ("11", "MUG-BLUE", True),
        ("12", "", False),
        ("11", "MUG-BLUE", False),
    ]
    last = CHANNEL.listings(tiktok.shop(), page.next)
    assert (last.listings, last.next) == ((), None)
    assert tiktok.calls[1].query["page_token"] == "t"
