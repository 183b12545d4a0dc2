"""Lazada's other calls in the sandbox: money, products, the ways of items, the calls of old."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.lazada_client import LazadaClient
from tests.sandbox.running import RunningSandbox


@pytest.fixture
def lazada(sandbox: RunningSandbox) -> LazadaClient:
    return LazadaClient(sandbox)


def today(days: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def rows(lazada: LazadaClient, order_id: str, **more: Any) -> list[dict[str, str]]:
    values = {"start_time": today(-9), "end_time": today(1), "trade_order_id": order_id, **more}
    return list(lazada.data("/finance/transaction/details/get", **values))


def test_a_delivered_order_has_rows_that_are_text_and_add_up(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1, lines=3, status="delivered")
    found = rows(lazada, order_id)
    assert all(isinstance(value, str) for row in found for value in row.values())
    goods = sum(Decimal(row["amount"]) for row in found if row["fee_type"] in ("13", "118"))
    assert goods == Decimal(lazada.sandbox.truth()[order_id]["total"])
    assert (
        rows(lazada, order_id, limit=2, offset=0) + rows(lazada, order_id, limit=2, offset=2)
        == (found[:4])
    )
    item = found[0]["orderItem_no"]
    assert {row["orderItem_no"] for row in rows(lazada, order_id, trade_order_line_id=item)} == {
        item
    }
    assert {row["fee_type"] for row in rows(lazada, order_id, trans_type=16)} == {"16"}
    assert rows(lazada, order_id, end_time=today(-8)) == []


def test_a_returned_item_pays_back_its_price_and_gets_its_commission_back(
    lazada: LazadaClient,
) -> None:
    (order_id,) = lazada.sandbox.orders(1, lines=1, status="returned")
    amounts = {row["fee_type"]: Decimal(row["amount"]) for row in rows(lazada, order_id)}
    assert amounts["13"] + amounts.get("118", Decimal(0)) + amounts["14"] == 0
    assert amounts["15"] + amounts["16"] == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"start_time": "soon", "end_time": today()}, "17"),
        ({"start_time": today(-180), "end_time": today()}, "1000012"),
        ({"start_time": today(), "end_time": today(-1)}, "1000012"),
        ({"start_time": today(), "end_time": today(), "trans_type": "x"}, "1000014"),
        ({"start_time": today(), "end_time": today(), "limit": "501"}, "19"),
        ({"start_time": today()}, "MissingParameter"),
    ],
)
def test_a_wrong_range_of_rows_is_refused(
    lazada: LazadaClient, values: dict[str, str], code: str
) -> None:
    assert lazada("/finance/transaction/details/get", **values)["code"] == code


def test_statements_sum_up_a_week(lazada: LazadaClient) -> None:
    lazada.sandbox.orders(3, status="delivered")
    found = lazada.data("/finance/payout/status/get", created_after=today(-30))
    for one in found:
        assert all(isinstance(value, str) for value in one.values())
        amount = {name: Decimal(one[name]) for name in one if name in _AMOUNTS}
        assert amount["subtotal1"] == (
            amount["item_revenue"] + amount["other_revenue_total"] - amount["fees_total"]
        )
        assert amount["subtotal2"] == amount["subtotal1"] - amount["refunds"]
        assert one["paid"] in ("0", "1")
    assert found
    assert lazada.data("/finance/payout/status/get", created_after=today(8)) == []


_AMOUNTS = {
    "item_revenue", "other_revenue_total", "fees_total", "subtotal1", "refunds", "subtotal2",
}  # fmt: skip


def test_products_are_paged_filtered_and_joined_to_items(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1)
    item = lazada.items(order_id)[0]
    found = lazada.data("/products/get", filter="live", sku_seller_list=[item["sku"]])
    (product,) = found["products"]
    (sku,) = product["skus"]
    assert str(product["item_id"]) == item["product_id"]
    assert (str(sku["SkuId"]), sku["ShopSku"]) == (item["sku_id"], item["shop_sku"])
    assert sku["SellerSku"] == item["sku"]
    first = lazada.data("/products/get", limit=50)
    assert len(first["products"]) == first["total_products"] == 30
    assert "products" not in lazada.data("/products/get", offset=50)
    assert "products" not in lazada.data("/products/get", filter="deleted")
    assert lazada("/products/get", filter="old")["code"] == "36"
    assert lazada("/products/get", limit=51)["code"] == "19"
    assert lazada("/products/get", create_after="yesterday")["code"] == "17"


def test_time_alone_brings_items_on_their_way(lazada: LazadaClient) -> None:
    sandbox = lazada.sandbox
    at = {
        status: sandbox.orders(1, status=status)[0]
        for status in ("unpaid", "ready_to_ship", "shipped", "failed_delivery", "pending")
    }
    sandbox.post("/advance", hours=25)
    truth = sandbox.truth()
    assert {status: truth[order_id]["status"] for status, order_id in at.items()} == {
        "unpaid": "canceled",
        "ready_to_ship": "shipped",
        "shipped": "shipped",
        "failed_delivery": "shipped_back",
        "pending": "pending",
    }
    sandbox.post("/advance", hours=48 + 168)
    assert sandbox.truth()[at["shipped"]]["status"] == "confirmed"
    sandbox.post("/advance", hours=24 * 15)
    assert sandbox.truth()[at["pending"]]["status"] == "canceled"


def test_a_parcel_that_failed_is_brought_back_step_by_step(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1, status="shipped")
    for reached in ("failed_delivery", "shipped_back", "shipped_back_success"):
        lazada.sandbox.event(order_id, "send_back")
        assert set(lazada.statuses(order_id)) == {reached}
    answer = lazada.sandbox.control.post(
        f"/orders/lazada/{order_id}/event", json={"event": "send_back"}
    )
    assert answer.status_code == 409


def test_an_invoice_number_is_kept(lazada: LazadaClient) -> None:
    packed, pending = (lazada.sandbox.orders(1, status=word)[0] for word in ("packed", "pending"))
    path = "/order/invoice_number/set"
    item = lazada.items(packed)[0]["order_item_id"]
    told = lazada.data(path, "POST", order_item_id=item, invoice_number="INV-7")
    assert told == {"order_item_id": item, "invoice_number": "INV-7"}
    assert lazada.items(packed)[0]["invoice_number"] == "INV-7"
    other = lazada.items(pending)[0]["order_item_id"]
    assert lazada(path, "POST", order_item_id=other, invoice_number="X")["code"] == "34"
    assert lazada(path, "POST", order_item_id=1, invoice_number="X")["code"] == "20"


def test_a_parcel_is_traced_once_it_is_ready(lazada: LazadaClient) -> None:
    packed = lazada.sandbox.orders(1, status="packed")[0]
    assert lazada.data("/logistic/order/trace", order_id=packed)["module"] == []
    delivered = lazada.sandbox.orders(1, status="delivered")[0]
    (module,) = lazada.data("/logistic/order/trace", order_id=delivered)["module"]
    (event,) = module["package_detail_info_list"][0]["logistic_detail_info_list"]
    assert (event["status_code"], event["detail_type"]) == (1400, "delivered")


def test_the_sellers_own_courier_tells_where_a_parcel_is(sandbox: RunningSandbox) -> None:
    lazada = LazadaClient(sandbox, "lazada-sg")
    path = "/order/package/sof/status/update"
    (own,) = sandbox.orders(1, "lazada-sg", self_delivery=True, status="ready_to_ship")
    (other,) = sandbox.orders(1, "lazada-sg", status="ready_to_ship")
    values = {"trackingNumber": "OWN-1", "source": "OPENAPI", "trackInfo": {"status": "out"}}
    told = lazada(path, "POST", **values, tag=lazada.items(own)[0]["package_id"])
    assert (told["success"], told["module"]["result"]) == (True, True)
    assert lazada.items(own)[0]["tracking_code"] == "OWN-1"
    told = lazada(path, "POST", **values, tag=lazada.items(other)[0]["package_id"])
    assert (told["success"], bool(told["errorCode"]["displayMessage"])) == (False, True)


def test_the_item_based_calls_of_old_still_work(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1, lines=2)
    ids = [item["order_item_id"] for item in lazada.items(order_id)]
    pack = {"shipping_provider": "", "delivery_type": "dropship", "order_item_ids": ids}
    packed = lazada.data("/order/pack", "POST", **pack)["order_items"]
    assert [one["order_item_id"] for one in packed] == ids
    package = packed[0]["package_id"]
    lazada.sandbox.post("/strict", system="lazada", duplicates="refuse")
    assert lazada("/order/pack", "POST", **pack)["code"] == "20"
    assert lazada.data("/order/repack", "POST", package_id=package)["package_id"] == package
    assert set(lazada.statuses(order_id)) == {"repacked"}
    lazada.data("/order/pack", "POST", **pack)
    document = lazada.data("/order/document/awb/pdf/get", order_item_ids=ids)["document"]
    assert base64.b64decode(document["file"]).startswith(b"%PDF")
    html = lazada.data("/order/document/get", doc_type="shippingLabel", order_item_ids=ids)
    assert html["document"]["mime_type"] == "text/html"
    ready = {"delivery_type": "dropship", "order_item_ids": ids, "shipment_provider": ""}
    assert len(lazada.data("/order/rts", "POST", **ready)["order_items"]) == 2
    assert set(lazada.statuses(order_id)) == {"ready_to_ship"}
    why = lazada.data("/order/failure_reason/get")[0]["reason_id"]
    lazada.data("/order/cancel", "POST", order_item_id=ids[0], reason_id=why)
    assert set(lazada.statuses(order_id)) == {"canceled"}
    assert lazada("/order/rts", "POST", **ready)["code"] == "50008"


def test_items_are_named_as_each_call_names_them(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1)
    alone = lazada.items(order_id)[0]
    (batch,) = lazada.data("/orders/items/get", order_ids=[int(order_id)])
    assert "show_giftwrapping_tag" in alone
    assert "show_gift_wrapping_tag" in batch["order_items"][0]


def test_the_ledger_has_a_row_an_order_however_many_packages_a_call_is_about(
    sandbox: RunningSandbox,
) -> None:
    lazada = LazadaClient(sandbox, "lazada-sg")
    (order_id,) = sandbox.orders(1, "lazada-sg", lines=2, status="pending")
    first, second = (item["order_item_id"] for item in lazada.items(order_id))
    for item in (first, second):
        request = {
            "pack_order_list": [{"order_id": int(order_id), "order_item_list": [item]}],
            "delivery_type": "dropship",
            "shipping_allocate_type": "TFS",
        }
        lazada.data("/order/fulfill/pack", "POST", packReq=request)
    packages = [{"package_id": item["package_id"]} for item in lazada.items(order_id)]
    assert len({one["package_id"] for one in packages}) == 2
    ready = lazada.data("/order/package/rts", "POST", readyToShipReq={"packages": packages})
    assert [row["item_err_code"] for row in ready["data"]["packages"]] == ["0", "0"]
    rows = [row for row in sandbox.ledger("ship") if row["order_id"] == order_id]
    assert [row["accepted"] for row in rows] == [True]
