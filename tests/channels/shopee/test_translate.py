"""Shopee's JSON as facts: what is read, what is told apart, and that nothing loses an order."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.errors import Unreadable
from crossdock.channels.shopee.statuses import stage_in
from crossdock.channels.shopee.translate import order_facts
from crossdock.rules.facts import Problem, Stage, Touches
from crossdock.rules.invoice import billed_total
from tests.channels.shopee.samples import ORDER, escrow, item, order, package


def test_the_sheets_order_is_read_whole() -> None:
    facts = order_facts(ORDER, {}, None)
    assert facts.problems == ()
    (line,), (parcel,) = facts.lines, facts.packages
    assert (line.line_id, line.sku, line.quantity) == ("111-222-0", "MUG-R", 2)
    assert (line.unit_price, line.package_id) == (Decimal("15.5"), "OFG1001")
    assert (parcel.logistics_id, parcel.shipment_provider) == ("20021", "Standard Delivery")
    assert (facts.stage, line.stage) == (Stage.TO_PACK, Stage.TO_PACK)
    assert facts.buyer_total == Decimal("35.5")
    assert billed_total(facts) == Decimal(31)
    assert facts.ship_by == datetime.fromtimestamp(1772503400, UTC)
    assert facts.address.city == "Klang"


def test_a_package_s_own_detail_says_more_than_the_order() -> None:
    detail = {
        "package_number": "OFG1001",
        "fulfillment_status": "LOGISTICS_READY",
        "tracking_number": "SPX1",
        "is_shipment_arranged": True,
    }
    facts = order_facts(ORDER, {"OFG1001": detail}, None)
    assert facts.packages[0].tracking_number == "SPX1"
    assert {facts.stage, facts.lines[0].stage} == {Stage.READY}


def test_a_line_is_named_by_its_line_item_where_there_is_one() -> None:
    facts = order_facts(order(item(line_item_id=7001)), {}, None)
    assert facts.lines[0].line_id == "7001"


def test_two_lines_that_cannot_be_told_apart_keep_ids_of_their_own() -> None:
    facts = order_facts(order(item(), item()), {}, None)
    assert [line.line_id for line in facts.lines] == ["111-222-0", "111-222-0/2"]


def test_the_item_s_sku_serves_where_the_model_has_none() -> None:
    facts = order_facts(order(item(model_sku="")), {}, None)
    assert facts.lines[0].sku == "MUG"


def test_each_part_of_a_split_order_goes_by_its_own_package() -> None:
    split = order(
        item(item_id=1, order_item_id=1),
        item(item_id=2, order_item_id=2),
        package_list=[
            package("B", "LOGISTICS_READY", {"item_id": 2, "model_id": 222, "model_quantity": 2}),
            package(
                "A", "LOGISTICS_PICKUP_DONE", {"item_id": 1, "model_id": 222, "model_quantity": 2}
            ),
        ],
        order_status="PROCESSED",
    )
    facts = order_facts(split, {}, None)
    assert [(line.package_id, line.stage) for line in facts.lines] == [
        ("A", Stage.SHIPPED),
        ("B", Stage.TO_PACK),
    ]


def test_an_item_that_is_split_over_packages_is_a_line_in_each() -> None:
    held = {"item_id": 111, "model_id": 222}
    split = order(
        package_list=[
            package("B", "LOGISTICS_READY", {**held, "model_quantity": 1}),
            package("A", "LOGISTICS_READY", {**held, "model_quantity": 1}),
        ]
    )
    facts = order_facts(split, {}, None)
    assert [(line.line_id, line.package_id, line.quantity) for line in facts.lines] == [
        ("111-222-0", "A", 1),
        ("111-222-0/2", "B", 1),
    ]
    assert billed_total(facts) == Decimal(31)


def test_cancelled_units_no_longer_count() -> None:
    facts = order_facts(order(item(cancelled_qty=1)), {}, None)
    assert (facts.lines[0].quantity, billed_total(facts)) == (1, Decimal("15.5"))
    facts = order_facts(order(item(cancelled_qty=2), item(item_id=5)), {}, None)
    assert [line.stage for line in facts.lines] == [Stage.CANCELLED, Stage.TO_PACK]


def test_the_seller_s_vouchers_come_from_the_escrow() -> None:
    told = escrow(voucher_from_seller=Decimal("3.30"), voucher_from_shopee=2)
    facts = order_facts(ORDER, {}, told)
    assert (facts.voucher_seller, facts.voucher_platform) == (Decimal("3.30"), Decimal(2))
    assert billed_total(facts) == Decimal("27.70")


def test_a_bundle_s_price_comes_from_the_escrow_s_line_totals_to_the_cent() -> None:
    bundle = item(model_discounted_price=0, model_quantity_purchased=3)
    row = {"item_id": 111, "model_id": 222, "discounted_price": 10, "quantity_purchased": 3}
    facts = order_facts(order(bundle), {}, escrow(row, voucher_from_seller=1))
    assert facts.problems == ()
    assert facts.lines[0].unit_price == Decimal("3.3333")
    assert billed_total(facts) == Decimal(9)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 100_000)), min_size=1, max_size=6))
def test_however_a_bundle_is_divided_the_order_adds_up_exactly(
    lines: list[tuple[int, int]],
) -> None:
    items = [
        item(item_id=number, model_discounted_price=0, model_quantity_purchased=quantity)
        for number, (quantity, _) in enumerate(lines)
    ]
    told = [
        {"item_id": number, "model_id": 222, "discounted_price": Decimal(cents) / 100}
        for number, (_, cents) in enumerate(lines)
    ]
    facts = order_facts(order(*items), {}, escrow(*told))
    assert billed_total(facts) == Decimal(sum(cents for _, cents in lines)) / 100
    assert abs(facts.voucher_beyond_lines) < Decimal("0.01")


def test_a_bundle_whose_items_are_told_in_one_sum_leaves_the_priced_ones_alone() -> None:
    lines = (
        item(),
        item(model_discounted_price=0, promotion_group_id=4, model_quantity_purchased=1),
    )
    row = {"item_id": 111, "model_id": 222, "discounted_price": Decimal("36.9")}
    facts = order_facts(order(*lines), {}, escrow(row))
    assert [line.unit_price for line in facts.lines] == [Decimal("15.5"), Decimal("5.9")]


def test_a_gift_costs_nothing_and_is_no_problem() -> None:
    gift = item(model_discounted_price=0, item_id=9)
    row = {"item_id": 9, "model_id": 222, "discounted_price": 0}
    facts = order_facts(order(gift), {}, escrow(row))
    assert (facts.lines[0].unit_price, facts.problems) == (Decimal(0), ())


def test_orders_by_the_seller_s_own_courier_are_known_by_their_channel() -> None:
    assert order_facts(ORDER, {}, None, {"20021"}).seller_delivers
    assert not order_facts(ORDER, {}, None, {"20099"}).seller_delivers


def test_a_parcel_that_got_lost_failed_and_was_not_just_cancelled() -> None:
    lost = order(order_status="CANCELLED", package_list=[package("A", "LOGISTICS_LOST")])
    assert order_facts(lost, {}, None).lines[0].stage is Stage.FAILED


def test_an_order_of_the_seller_s_own_fleet_is_shipped_though_its_word_stays() -> None:
    stage = stage_in("READY_TO_SHIP", "LOGISTICS_PICKUP_DONE", arranged=True, is_split=False)
    assert stage is Stage.SHIPPED


def test_a_buyer_who_asks_to_cancel_is_heard_in_his_own_words() -> None:
    asked = order(order_status="IN_CANCEL", buyer_cancel_reason="Changed my mind")
    facts = order_facts(asked, {}, None)
    assert (facts.cancel_requested, facts.cancel_words) == (True, "Changed my mind")
    assert facts.lines[0].stage is Stage.CANCEL_REQUESTED


def test_an_unreadable_field_is_named_and_the_order_arrives_all_the_same() -> None:
    odd = order(item(model_discounted_price="free"), ship_by_date="soon", order_status="TELEPORTED")
    facts = order_facts(odd, {}, None)
    assert facts.order_id == "260301ABCD1234"
    assert facts.problems == (
        Problem(Touches.MONEY, "model_discounted_price is no amount: 'free'"),
        Problem(Touches.LINES, "Shopee's word 'TELEPORTED' is not known"),
        Problem(Touches.NOTHING, "ship_by_date is no time: 'soon'"),
    )
    assert facts.lines[0].stage is Stage.UNKNOWN


def test_an_order_without_an_id_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        order_facts(order(order_sn=""), {}, None)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals()
    | st.sampled_from(["", "1e999999", "NaN", "-", "99999999999999999999", "\x00"])
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
_INCOME = ["voucher_from_seller", "voucher_from_shopee", "items", "buyer_paid_shipping_fee"]


def some(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(names)), json_values, max_size=4)


@given(
    some([name for name in ORDER if name != "order_sn"]),
    some(
        [
            "cancelled_qty",
            "returned_qty",
            "line_item_id",
            "promotion_group_id",
            *ORDER["item_list"][0],
        ]
    ),
    some(["tracking_number", *ORDER["package_list"][0]]),
    some(["fulfillment_status", "is_shipment_arranged", "ship_by_date", "logistics_channel_id"]),
    some(_INCOME),
)
def test_no_field_however_odd_loses_an_order(
    head: dict[str, Any],
    in_item: dict[str, Any],
    in_package: dict[str, Any],
    detail: dict[str, Any],
    income: dict[str, Any],
) -> None:
    odd = order(item(**in_item), item(item_id=3, model_discounted_price=0))
    odd |= {"package_list": [{**ORDER["package_list"][0], **in_package}], **head}
    facts = order_facts(odd, {"OFG1001": detail}, escrow(**income))
    assert facts.order_id == "260301ABCD1234"
    if "item_list" not in head:
        assert len(facts.lines) == 2
    assert len({line.line_id for line in facts.lines}) == len(facts.lines)
    assert billed_total(facts).is_finite()


def test_a_cancelled_order_tells_who_cancelled_it_and_why() -> None:
    told = order(order_status="CANCELLED", cancel_by="system", cancel_reason="Failed Delivery")
    facts = order_facts(told, {}, None)
    assert facts.cancel_words == "cancelled by the marketplace: Failed Delivery"
    assert order_facts(order(order_status="CANCELLED"), {}, None).cancel_words == ""
