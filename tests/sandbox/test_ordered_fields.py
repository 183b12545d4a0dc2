"""Orders whose own answers are otherwise, as they were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.lazada_client import LazadaClient
from tests.sandbox.running import RunningSandbox, start_sandbox
from tests.sandbox.shopee_app import ShopeeApp
from tests.sandbox.tiktok_app import TikTokApp


def test_lazada_tells_ordered_fields_in_lists_and_details_of_order_and_items(
    played: RunningSandbox,
) -> None:
    fields = {
        "price": "1,299.00",
        "item_price": "1,299.00",
        "status": "INFO_ST_DOMESTIC_BACK_TO_SHIPPER",
        "order_items.1.status": "delivered",
        "address_shipping.city": None,
        "buyer_note": "__absent__",
        "new_flag": {"a": 1},
    }
    (order_id,), client = played.orders(1, lines=2, fields=fields), LazadaClient(played)
    listed = client.data("/orders/get", created_after="2020-01-01T00:00:00+08:00")["orders"]
    of_list = next(one for one in listed if str(one["order_id"]) == order_id)
    for told in (of_list, client.data("/order/get", order_id=order_id)):
        assert told["price"] == "1,299.00"
        assert told["address_shipping"]["city"] is None
        assert told["new_flag"] == {"a": 1}
        assert "buyer_note" not in told
        assert "item_price" not in told
    (batch,) = client.data("/orders/items/get", order_ids=f"[{order_id}]")
    for items in (client.items(order_id), batch["order_items"]):
        assert [item["item_price"] for item in items] == ["1,299.00"] * 2
        assert [item["status"] for item in items] == [
            "INFO_ST_DOMESTIC_BACK_TO_SHIPPER",
            "delivered",
        ]
        assert all("price" not in item and "new_flag" not in item for item in items)
    assert played.truth()[order_id]["status"] == "pending"


def test_shopee_tells_ordered_fields_and_optional_ones_where_they_are_asked_for(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    fields = {
        "order_status": "ODD_WORD",
        "advance_package": True,
        "total_amount": "12.50",
        "model_sku": "",
        "package_list": [],
        "recipient_address.name": "__absent__",
    }
    (order_sn,) = played.orders(1, "shopee-my", fields=fields)
    told = shopee.order(order_sn)
    assert (told["order_status"], told["advance_package"]) == ("ODD_WORD", True)
    assert not {"total_amount", "item_list", "package_list", "recipient_address"} & set(told)
    names = ("total_amount", "item_list", "package_list", "recipient_address")
    told = shopee.order(order_sn, *names)
    assert (told["total_amount"], told["package_list"]) == ("12.50", [])
    assert {item["model_sku"] for item in told["item_list"]} == {""}
    assert told["recipient_address"]
    assert "name" not in told["recipient_address"]
    created = told["create_time"]
    listed = shopee.get(
        "order/get_order_list", time_range_field="create_time", time_from=created - 9,
        time_to=created + 9, page_size=100, response_optional_fields="order_status",
    )["order_list"]  # fmt: skip
    assert {"order_sn": order_sn, "booking_sn": "", "order_status": "ODD_WORD"} in listed


def test_tiktok_shop_tells_ordered_fields_in_search_and_detail(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    fields = {
        "is_replacement_order": True,
        "sale_price": "0",
        "line_items.0.seller_sku": "",
        "payment.total_amount": "a lot",
        "packages.0.id": "__absent__",
    }
    (order_id,) = played.orders(1, "tiktok-my", lines=2, fields=fields)
    found = tiktok.post("/order/202309/orders/search", page_size="100")["orders"]
    of_search = next(one for one in found if one["id"] == order_id)
    for told in (of_search, tiktok.order(order_id)):
        assert told["is_replacement_order"] is True
        assert [line["sale_price"] for line in told["line_items"]] == ["0", "0"]
        assert told["line_items"][0]["seller_sku"] == ""
        assert told["line_items"][1]["seller_sku"] != ""
        assert told["payment"]["total_amount"] == "a lot"
        assert told["payment"]["currency"]
        assert told["packages"] == [{}]


@pytest.mark.long
def test_ordered_fields_survive_a_restart(tmp_path: Path) -> None:
    first = start_sandbox(data=tmp_path)
    shops = ("lazada-my", "shopee-my", "tiktok-my")
    ids = [first.orders(1, shop, fields={"odd": None})[0] for shop in shops]
    first.close()
    second = start_sandbox(data=tmp_path)
    told: list[dict[str, Any]] = [
        LazadaClient(second).data("/order/get", order_id=ids[0]),
        ShopeeApp(second).order(ids[1]),
        TikTokApp(second).order(ids[2]),
    ]
    second.close()
    assert [one["odd"] for one in told] == [None] * 3


@pytest.mark.parametrize("fields", [["price"], {"": 1}, {"a..b": 1}, "price"])
def test_fields_that_are_none_are_refused(played: RunningSandbox, fields: Any) -> None:
    body = {"channel": "lazada", "shop": "lazada-my", "fields": fields}
    answer = played.control.post("/orders", json=body)
    assert answer.status_code == 400
    assert "fields must be an object of names or dotted paths" in answer.json()["error"]
