"""Reading many orders at Shopee, whatever it keeps back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from crossdock.channels.contract import Shop
from crossdock.channels.errors import Refused
from crossdock.channels.shopee import orders
from crossdock.rules.facts import OrderFacts, Stage
from tests.channels.shopee.samples import ORDER, escrow, holds, knows, order, plain
from tests.channels.shopee.stage import Call, Played, bad, good


def test_one_unknown_order_never_hides_the_others(shopee: Played) -> None:
    known = [order(order_sn=f"S{number}", order_status="UNPAID") for number in range(7)]
    knows(shopee, *known)
    wanted = [one["order_sn"] for one in known]
    fetched = orders.fetch(shopee.shop(), [*wanted[:3], "S99", *wanted[3:]])
    assert [one.order_id for one in fetched.orders] == wanted
    assert fetched.missing == ("S99",)


def test_a_wrong_signature_is_not_tried_order_by_order(shopee: Played) -> None:
    shopee.says("order/get_order_detail", bad("error_sign", "Wrong sign."))
    with pytest.raises(Refused):
        orders.fetch(shopee.shop(), ["S1", "S2", "S3", "S4"])
    assert len(shopee.calls) == 1


def told(facts: OrderFacts) -> str:
    return "; ".join(one.words for one in facts.problems)


def batch(told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {**good(), "response": [{"escrow_detail": plain(one)} for one in told.values()]}


@pytest.mark.parametrize("way", ["GET", "POST", "one by one"])
def test_escrows_are_read_however_the_batch_wants_to_be_called(shopee: Played, way: str) -> None:
    names = [f"S{number}" for number in range(3)]
    knows(shopee, *(order(order_sn=one, package_list=[]) for one in names))
    told = {one: {**escrow(voucher_from_seller=2), "order_sn": one} for one in names}

    def at_once(call: Call) -> dict[str, Any]:
        offline = bad("error_param", "Permission denied. The request path is incorrect.")
        return batch(told) if way == ("GET" if call.body is None else "POST") else offline

    shopee.says("payment/get_escrow_detail_batch", at_once)
    shopee.says(
        "payment/get_escrow_detail",
        lambda call: good(**plain(told[call.values["order_sn"]])),
    )
    fetched = orders.fetch(shopee.shop(), names)
    assert [one.voucher_beyond_lines for one in fetched.orders] == [Decimal(2)] * 3
    assert [one.problems for one in fetched.orders] == [()] * 3
    singles = len(shopee.asked("payment/get_escrow_detail"))
    assert singles == (3 if way == "one by one" else 0)


def test_an_order_whose_escrow_is_kept_back_arrives_and_says_so(shopee: Played) -> None:
    knows(shopee, ORDER)
    holds(shopee, "OFG1001")
    shopee.says("payment/get_escrow_detail", bad("order_not_found", "no such order"))
    fetched = orders.fetch(shopee.shop(), [ORDER["order_sn"]])
    assert len(fetched.orders) == 1
    assert "vouchers are not known: no such order" in told(fetched.orders[0])


def test_nothing_is_asked_of_the_escrow_of_cancelled_orders(shopee: Played) -> None:
    knows(shopee, order(order_sn="S1", order_status="CANCELLED", package_list=[]))
    assert orders.fetch(shopee.shop(), ["S1"]).orders[0].problems == ()
    assert shopee.asked("payment/get_escrow_detail") == []


def test_the_vouchers_of_an_unpaid_order_are_known_where_its_escrow_is_told(shopee: Played) -> None:
    knows(shopee, order(order_sn="S1", order_status="UNPAID", package_list=[]))
    told = plain({**escrow(voucher_from_seller=2), "order_sn": "S1"})
    shopee.says("payment/get_escrow_detail", good(**told))
    fetched = orders.fetch(shopee.shop(), ["S1"])
    assert [one.voucher_beyond_lines for one in fetched.orders] == [Decimal(2)]


def test_an_unpaid_order_without_an_escrow_is_no_problem(shopee: Played) -> None:
    knows(shopee, order(order_sn="S1", order_status="UNPAID", package_list=[]))
    shopee.says("payment/get_escrow_detail", bad("order_not_found", "no such order"))
    assert orders.fetch(shopee.shop(), ["S1"]).orders[0].problems == ()


def test_couriers_of_the_seller_are_asked_for_once_in_a_while(shopee: Played) -> None:
    knows(shopee, order(order_status="CANCELLED"))
    own = {"logistics_channel_id": 20021, "logistics_capability": {"seller_logistics": True}}
    shopee.says("logistics/get_channel_list", good(logistics_channel_list=[own]))
    holds(shopee, "OFG1001")
    for _ in range(3):
        (facts,) = orders.fetch(shopee.shop(), [ORDER["order_sn"]]).orders
        assert facts.seller_delivers
    assert len(shopee.asked("logistics/get_channel_list")) == 1


def test_orders_arrive_also_where_the_couriers_are_kept_back(shopee: Played) -> None:
    knows(shopee, order(order_status="SHIPPED"))
    holds(shopee, "OFG1001")
    shopee.says("payment/get_escrow_detail", good(order_sn="S1", order_income={"x": 1}))
    shopee.says("logistics/get_channel_list", bad("error_api_permission", "Not for this app."))
    fetched = orders.fetch(shopee.shop(), [ORDER["order_sn"]])
    assert not fetched.orders[0].seller_delivers
    assert "Not for this app." in told(fetched.orders[0])


def test_every_call_for_a_shop_waits_for_its_turn(shopee: Played) -> None:
    turns: list[int] = []
    shop: Shop = replace(shopee.shop(), await_turn=lambda: turns.append(1))
    knows(shopee, order(order_sn="S1"))
    holds(shopee, "OFG1001")
    shopee.says("payment/get_escrow_detail", good(order_sn="S1", order_income={"x": 1}))
    (facts,) = orders.fetch(shop, ["S1"]).orders
    assert facts.lines[0].stage is Stage.TO_PACK
    assert len(turns) == len(shopee.calls)
