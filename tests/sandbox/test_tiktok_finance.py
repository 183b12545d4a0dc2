"""Settlements, products and warehouses of TikTok Shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_SORT = {"sort_field": "statement_time"}
_BY_ORDER = {"sort_field": "order_create_time"}


def _settled(played: RunningSandbox, shop: str = "tiktok-my", **more: Any) -> str:
    (order_id,) = played.orders(1, shop, status="DELIVERED", **more)
    played.event(order_id, "complete", "tiktok")
    played.post("/advance", hours=24)
    return order_id


def _sum(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def test_an_order_is_settled_the_day_after_it_is_completed(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status="DELIVERED")
    path = f"/finance/202501/orders/{order_id}/statement_transactions"

    def waits() -> bool:
        rows = tiktok.get("/finance/202507/orders/unsettled", page_size="100", **_BY_ORDER)
        return order_id in {row["order_id"] for row in rows["transactions"]}

    played.event(order_id, "complete", "tiktok")
    assert tiktok.get(path)["sku_transactions"] == []
    assert waits()
    played.post("/advance", hours=24)
    assert tiktok.get(path)["sku_transactions"]
    assert not waits()


@pytest.mark.parametrize(("shop", "own"), [("tiktok-my", False), ("tiktok-sg", True)])
def test_a_settlement_is_revenue_minus_shipping_minus_fees_in_every_part(
    played: RunningSandbox, shop: str, own: bool
) -> None:
    order_id = _settled(played, shop, lines=4, self_delivery=own)
    app = TikTokApp(played, shop)
    data = app.get(f"/finance/202501/orders/{order_id}/statement_transactions")
    assert Decimal(data["revenue_amount"]) == Decimal(played.truth(shop)[order_id]["total"])
    assert (Decimal(data["shipping_cost_amount"]) < 0) is own
    for one in (data | {"fee_tax_amount": data["fee_and_tax_amount"]}, *data["sku_transactions"]):
        assert Decimal(one["settlement_amount"]) == (
            Decimal(one["revenue_amount"])
            - Decimal(one["shipping_cost_amount"])
            - Decimal(one["fee_tax_amount"])
        )
    rows = data["sku_transactions"]
    for name in ("settlement_amount", "revenue_amount", "shipping_cost_amount"):
        assert _sum(rows, name) == Decimal(data[name])
    assert sum(int(row["quantity"]) for row in rows) == 4
    for row in rows:
        parts = row["fee_tax_breakdown"]
        fees = [*parts["fee"].values(), *parts["tax"].values()]
        assert sum(map(Decimal, fees)) == Decimal(row["fee_tax_amount"])
        for total, breakdown in (
            ("revenue_amount", "revenue_breakdown"),
            ("shipping_cost_amount", "shipping_cost_breakdown"),
        ):
            assert sum(map(Decimal, row[breakdown].values())) == Decimal(row[total])


def test_a_refund_takes_its_revenue_and_its_fees_away(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status="DELIVERED")
    body = {
        "order_id": order_id,
        "return_type": "REFUND",
        "return_reason": "ecom_order_delivered_refund_and_return_reason_damaged",
    }
    tiktok.post("/return_refund/202309/returns", body)
    played.event(order_id, "complete", "tiktok")
    played.post("/advance", hours=24)
    data = tiktok.get(f"/finance/202501/orders/{order_id}/statement_transactions")
    assert (data["revenue_amount"], data["fee_and_tax_amount"]) == ("0", "0")


def test_statements_add_their_transactions_up(played: RunningSandbox, tiktok: TikTokApp) -> None:
    ids = {_settled(played) for _ in range(3)}
    (statement,) = tiktok.get("/finance/202309/statements", page_size="1", **_SORT)["statements"]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert statement["statement_time"] == int(midnight.timestamp())
    path = f"/finance/202501/statements/{statement['id']}/statement_transactions"
    rows, token = [], ""
    while True:
        more = {"page_token": token} if token else {}
        data = tiktok.get(path, page_size="2", **_BY_ORDER, **more)
        rows += data["transactions"]
        token = data["next_page_token"]
        if not token:
            break
    assert ids <= {row["order_id"] for row in rows}
    assert len(rows) == data["total_count"]
    assert _sum(rows, "settlement_amount") == Decimal(statement["settlement_amount"])
    assert _sum(rows, "fee_tax_amount") == Decimal(statement["fee_amount"])
    assert data["total_settlement_amount"] == statement["settlement_amount"]
    settled = tiktok.get("/finance/202309/withdrawals", types="SETTLE,WITHDRAW")["withdrawals"]
    assert settled[0]["amount"] == statement["settlement_amount"]


def test_statements_are_sorted_and_cut_by_time(played: RunningSandbox, tiktok: TikTokApp) -> None:
    _settled(played)
    path = "/finance/202309/statements"
    assert tiktok.code("GET", path) == 36009004
    tomorrow = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
    assert tiktok.get(path, statement_time_ge=str(tomorrow), **_SORT)["statements"] == []
    assert tiktok.get(path, statement_time_lt=str(tomorrow), **_SORT)["statements"]
    assert tiktok.get(path, payment_status="FAILED", **_SORT)["statements"] == []
    paid = tiktok.get("/finance/202605/payments", sort_field="create_time")
    assert paid["payments"] == []
    assert tiktok.code("GET", "/finance/202309/withdrawals", types="GIFT") == 36009004


def test_products_are_found_by_code_id_and_page(
    tiktok: TikTokApp, tiktok_sg: TikTokApp, played: RunningSandbox
) -> None:
    path, listed, token = "/product/202502/products/search", [], ""
    while True:
        more = {"page_token": token} if token else {}
        data = tiktok.post(path, page_size="7", **more)
        listed += data["products"]
        token = data["next_page_token"]
        if not token:
            break
    assert len(listed) == len({one["id"] for one in listed}) == data["total_count"] == 30
    (mug,) = tiktok.post(path, {"seller_skus": ["MUG-BLUE"]}, page_size="5")["products"]
    (order_id,) = played.orders(1, "tiktok-my", sku="MUG-BLUE")
    line = tiktok.order(order_id)["line_items"][0]
    assert (line["product_id"], line["sku_id"]) == (mug["id"], mug["skus"][0]["id"])
    by_id = tiktok.post(path, {"sku_ids": [line["sku_id"]]}, page_size="5")["products"]
    assert [one["id"] for one in by_id] == [mug["id"]]
    until = {"update_time_ge": mug["update_time"], "update_time_le": mug["update_time"]}
    assert tiktok.post(path, until, page_size="5")["total_count"] == 30
    assert tiktok.post(path, {"status": "DRAFT"}, page_size="5")["total_count"] == 0
    assert tiktok_sg.post(path, page_size="5")["total_count"] == 36


def test_stock_is_set_for_every_warehouse_of_a_sku(tiktok_sg: TikTokApp) -> None:
    path, asked = "/product/202309/products/search", {"seller_skus": ["TEA-OOL-100"]}
    (tea,) = tiktok_sg.post(path, asked, page_size="1")["products"]
    (sku,) = tea["skus"]
    place = sku["inventory"][0]["warehouse_id"]
    update = f"/product/202309/products/{tea['id']}/inventory/update"
    body = {"skus": [{"id": sku["id"], "inventory": [{"warehouse_id": place, "quantity": 7}]}]}
    assert tiktok_sg.post(update, body) == {}
    (tea,) = tiktok_sg.post(path, asked, page_size="1")["products"]
    assert tea["skus"][0]["inventory"][0]["quantity"] == 7
    elsewhere = {"skus": [{"id": sku["id"], "inventory": [{"warehouse_id": "1", "quantity": 1}]}]}
    assert tiktok_sg.post(update, elsewhere)["errors"]


def test_warehouses_lead_to_couriers_of_the_seller_only(
    tiktok: TikTokApp, tiktok_sg: TikTokApp
) -> None:
    warehouses = tiktok.get("/logistics/202309/warehouses")["warehouses"]
    assert [one["type"] for one in warehouses] == ["SALES_WAREHOUSE", "RETURN_WAREHOUSE"]
    path = f"/logistics/202309/warehouses/{warehouses[0]['id']}/delivery_options"
    (option,) = tiktok.get(path)["delivery_options"]
    couriers = f"/logistics/202309/delivery_options/{option['id']}/shipping_providers"
    assert tiktok.code("GET", couriers) == 36009004
    assert tiktok_sg.code("GET", path) == 36009004
