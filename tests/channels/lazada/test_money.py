"""What Lazada pays, to the cent; and what a shop sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.lazada.catalogue import _of_product
from crossdock.channels.lazada.money import _settlement
from crossdock.rules.invoice import billed_total
from tests.contract.stage import OnStage


def row(kind: int, name: str, amount: str, **more: str) -> dict[str, str]:
    return {
        "fee_type": str(kind),
        "fee_name": name,
        "amount": amount,
        "paid_status": "Paid",
        **more,
    }


ROWS = [
    row(13, "Item Price Credit", "39.90"),
    row(118, "Promotional Charges Vouchers", "-3.00"),
    row(16, "Commission", "-1.20"),
    row(16, "Commission", "-0.10"),
    row(8, "Shipping Fee (Paid By Customer)", "4.90"),
    row(7, "Shipping Fee Paid by Seller", "-5.40"),
    row(999, "Shipping Fee Voucher", "0.50"),
    row(777, "Moon tax", "-0.01"),
]


def test_rows_are_goods_shipping_and_fees_under_their_own_names() -> None:
    told = _settlement("44", "MYR", ROWS)
    assert told is not None
    assert told.amount == Decimal("35.59")
    assert told.shipping == Decimal("0.00")
    assert [(fee.name, fee.amount) for fee in told.fees] == [
        ("Commission", Decimal("-1.30")),
        ("Moon tax", Decimal("-0.01")),
    ]
    assert told.is_final


def test_what_is_not_paid_out_yet_may_still_change() -> None:
    told = _settlement("44", "MYR", [*ROWS, row(3, "Payment Fee", "-1.00", paid_status="Not paid")])
    assert told is not None
    assert not told.is_final


def test_an_amount_that_cannot_be_read_settles_nothing() -> None:
    assert _settlement("44", "MYR", [*ROWS, row(3, "Payment Fee", "some")]) is None


@given(
    st.lists(
        st.tuples(st.integers(1, 200), st.text(max_size=20), st.decimals("-999", "999", places=2)),
        max_size=20,
    )
)
def test_goods_shipping_and_fees_always_make_the_amount(rows: list[Any]) -> None:
    told = _settlement("1", "MYR", [row(kind, name, str(amount)) for kind, name, amount in rows])
    assert told is not None
    goods = sum((amount for kind, _, amount in rows if kind in (13, 14, 118)), Decimal(0))
    fees = sum((fee.amount for fee in told.fees), Decimal(0))
    assert goods + told.shipping + fees == told.amount


def test_settled_goods_are_what_was_billed(stage: OnStage) -> None:
    shop = stage.shop()
    orders = stage.orders(6, status="delivered")
    told = stage.known.settlements(shop, [*orders, stage.orders(1)[0]])
    assert set(told) == set(orders)
    for order_id in orders:
        fees = sum((fee.amount for fee in told[order_id].fees), Decimal(0))
        goods = told[order_id].amount - told[order_id].shipping - fees
        assert goods == billed_total(stage.read(shop, order_id))
        assert told[order_id].currency == "MYR"


def test_a_returned_order_has_no_goods_left(stage: OnStage) -> None:
    order_id = stage.orders(1, status="returned")[0]
    told = stage.known.settlements(stage.shop(), [order_id])[order_id]
    assert told.amount == told.shipping + sum((fee.amount for fee in told.fees), Decimal(0))


def test_every_product_is_listed_once_and_in_its_own_words(singapore: OnStage) -> None:
    shop, found, cursor = singapore.shop(), [], None
    while True:
        page = singapore.known.listings(shop, cursor)
        found += page.listings
        cursor = page.next
        if cursor is None:
            break
    assert len({one.variation_id for one in found}) == len(found) == 36
    towel = next(one for one in found if one.sku == "TOWEL-M-W")
    assert (towel.name, towel.variation) == ("Bamboo towel", "Size:M, Color family:White")
    assert towel.is_live


def test_a_product_that_cannot_be_bought_is_listed_as_such() -> None:
    sku = {"SkuId": 2, "SellerSku": "A", "Status": "inactive"}
    product = {"item_id": 1, "status": "Active", "attributes": {"name": "A"}, "skus": [sku, "odd"]}
    (listing,) = _of_product(product)
    assert (listing.product_id, listing.variation_id, listing.is_live) == ("1", "2", False)
