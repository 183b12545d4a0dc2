"""Reading TikTok Shop's orders: what they hold, how they are found, page by page."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox, start_sandbox
from tests.sandbox.tiktok_app import TikTokApp

SEARCH = "/order/202309/orders/search"
_LINE = {
    "id": str, "product_id": str, "sku_id": str, "seller_sku": str, "product_name": str, "sku_name": str,
    "sku_image": str, "display_status": str, "package_status": str, "package_id": str, "tracking_number": str,
    "shipping_provider_id": str, "shipping_provider_name": str, "currency": str, "original_price": str,
    "sale_price": str, "seller_discount": str, "platform_discount": str, "item_tax": list, "is_gift": bool,
    "is_dangerous_good": bool, "needs_prescription": bool,
}  # fmt: skip
_ORDER = {
    "id": str, "status": str, "create_time": int, "update_time": int, "paid_time": int, "rts_sla_time": int,
    "tts_sla_time": int, "shipping_due_time": int, "collection_due_time": int, "is_on_hold_order": bool, "is_cod": bool,
    "is_buyer_request_cancel": bool, "fulfillment_type": str, "shipping_type": str, "delivery_type": str,
    "delivery_option_id": str, "warehouse_id": str, "user_id": str, "tracking_number": str, "shipping_provider": str,
    "packages": list, "payment": dict, "recipient_address": dict, "line_items": list, "order_type": str,
    "has_updated_recipient_address": bool, "buyer_message": str, "fulfillment_priority_level": int,
}  # fmt: skip


def _pages(app: TikTokApp, body: dict[str, Any], size: int, **query: str) -> list[list[str]]:
    """Every page's order ids."""
    pages, token = [], ""
    while True:
        more = {"page_token": token} if token else {}
        data = app.post(SEARCH, body, page_size=str(size), **query, **more)
        pages.append([one["id"] for one in data["orders"]])
        token = data["next_page_token"]
        if not token:
            return pages


def test_an_order_holds_every_field_with_its_type(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", lines=2)
    (listed,) = tiktok.post(SEARCH, page_size="1")["orders"]
    order = tiktok.order(order_id)
    assert {name: type(order.get(name)) for name in _ORDER} == _ORDER
    for line in order["line_items"]:
        assert {name: type(line.get(name)) for name in _LINE} == _LINE
    assert set(order) - set(listed) == {
        "payment_method_code",
        "payment_card_type",
        "payment_auth_code",
    }
    assert "split_or_combine_tag" not in order


def test_three_units_of_one_sku_are_three_lines_without_a_quantity(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", lines=3, sku="MUG-BLUE")
    lines = tiktok.order(order_id)["line_items"]
    assert len({line["id"] for line in lines}) == 3
    assert {(line["sku_id"], line["seller_sku"]) for line in lines} == {
        (lines[0]["sku_id"], "MUG-BLUE")
    }
    assert not [line for line in lines if "quantity" in line]
    truth = played.truth("tiktok-my")[order_id]
    assert [line["line_id"] for line in truth["lines"]] == [line["id"] for line in lines]


def test_payments_add_up_and_the_billed_total_is_the_sellers_revenue(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    ids = played.orders(40, "tiktok-my")
    truth, seen = played.truth("tiktok-my"), {"seller": 0, "platform": 0, "shipping": 0}
    for start in range(0, 40, 20):
        joined = ",".join(ids[start : start + 20])
        for order in tiktok.get("/order/202309/orders", ids=joined)["orders"]:
            paid = {
                name: Decimal(text) for name, text in order["payment"].items() if name != "currency"
            }
            goods, seller = paid["original_total_product_price"], paid["seller_discount"]
            assert paid["sub_total"] == goods - seller - paid["platform_discount"]
            assert (
                paid["shipping_fee"]
                == paid["original_shipping_fee"]
                - paid["shipping_fee_seller_discount"]
                - paid["shipping_fee_platform_discount"]
            )
            assert paid["total_amount"] == paid["sub_total"] + paid["shipping_fee"]
            assert Decimal(truth[order["id"]]["total"]) == goods - seller
            prices = [Decimal(line["sale_price"]) for line in order["line_items"]]
            assert sum(prices, Decimal(0)) == paid["sub_total"]
            seen["seller"] += bool(seller)
            seen["platform"] += bool(paid["platform_discount"])
            seen["shipping"] += bool(paid["shipping_fee_platform_discount"])
    assert all(seen.values())


def test_the_price_detail_tells_the_same_sums_by_line(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", lines=3)
    paid = tiktok.order(order_id)["payment"]
    detail = tiktok.get(f"/order/202407/orders/{order_id}/price_detail")
    assert detail["payment"] == paid["total_amount"]
    assert detail["sku_list_price"] == paid["original_total_product_price"]
    assert Decimal(detail["total"]) == Decimal(detail["sku_list_price"]) + Decimal(
        detail["shipping_list_price"]
    )
    for name in ("total", "payment", "subtotal_deduction_seller", "shipping_sale_price"):
        lines = sum((Decimal(line[name]) for line in detail["line_items"]), Decimal(0))
        assert lines == Decimal(detail[name]), name


def test_names_are_masked_with_the_platforms_shipping_and_clear_with_the_sellers(
    played: RunningSandbox, tiktok_sg: TikTokApp
) -> None:
    (masked,) = played.orders(1, "tiktok-sg")
    (clear,) = played.orders(1, "tiktok-sg", self_delivery=True)
    theirs, ours = tiktok_sg.order(masked), tiktok_sg.order(clear)
    assert (theirs["shipping_type"], ours["shipping_type"]) == ("TIKTOK", "SELLER")
    assert "*" in theirs["recipient_address"]["name"]
    assert "*****" in theirs["recipient_address"]["phone_number"]
    assert "*" not in "".join(
        ours["recipient_address"][name] for name in ("name", "phone_number", "full_address")
    )


@pytest.mark.parametrize("status", ["UNPAID", "ON_HOLD"])
def test_no_address_is_told_while_an_order_is_unpaid_or_on_hold(
    played: RunningSandbox, tiktok: TikTokApp, status: str
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status=status)
    order = tiktok.order(order_id)
    assert order["status"] == status
    assert "recipient_address" not in order
    assert order["is_on_hold_order"] is (status == "ON_HOLD")
    assert bool(order["packages"]) is (status == "ON_HOLD")


def test_paying_makes_a_package_and_an_hour_releases_what_is_held(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (unpaid,) = played.orders(1, "tiktok-my", status="UNPAID")
    (held,) = played.orders(1, "tiktok-my", status="ON_HOLD")
    assert "paid_time" not in tiktok.order(unpaid)
    played.event(unpaid, "pay", "tiktok")
    paid = tiktok.order(unpaid)
    assert (paid["status"], paid["is_on_hold_order"]) == ("AWAITING_SHIPMENT", False)
    assert paid["packages"]
    played.post("/advance", hours=1)
    assert tiktok.order(held)["status"] == "AWAITING_SHIPMENT"
    assert tiktok.order(held)["is_on_hold_order"] is True


def test_an_order_that_nobody_pays_for_or_ships_is_cancelled_by_the_system(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (unpaid,) = played.orders(1, "tiktok-my", status="UNPAID")
    (waiting,) = played.orders(1, "tiktok-my")
    played.post("/advance", hours=24)
    timed_out = tiktok.order(unpaid)
    assert (timed_out["status"], timed_out["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
    assert timed_out["cancel_reason"] == "system_cancel_unpaid_time_out"
    assert tiktok.order(waiting)["status"] == "AWAITING_SHIPMENT"
    played.post("/advance", hours=5 * 24)
    assert tiktok.order(waiting)["cancel_reason"] == "system_cancel_shipping_time_out"


def test_pages_hold_every_order_once_in_both_directions(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    since = int(time.time()) - 7200
    made = played.orders(23, "tiktok-my")
    for field in ("create_time", "update_time"):
        for order in ("ASC", "DESC"):
            pages = _pages(
                tiktok, {"create_time_ge": since}, 10, sort_field=field, sort_order=order
            )
            listed = [one for page in pages for one in page]
            assert len(listed) == len(set(listed))
            assert set(made) <= set(listed)
            assert {len(page) for page in pages[:-1]} == {10}
            times = [tiktok.order(one)[field] for one in listed[:12]]
            assert times == sorted(times, reverse=order == "DESC")


def test_page_tokens_hold_what_must_be_encoded(played: RunningSandbox, tiktok: TikTokApp) -> None:
    played.orders(2, "tiktok-my")
    token = tiktok.post(SEARCH, page_size="1")["next_page_token"]
    assert {"/", "+", "="} <= set(token)
    assert tiktok.code("POST", SEARCH, {}, page_size="1", page_token="nonsense") == 36009004


def test_filters_are_joined_by_and(
    played: RunningSandbox, tiktok: TikTokApp, tiktok_sg: TikTokApp
) -> None:
    (unpaid,) = played.orders(1, "tiktok-sg", status="UNPAID")
    (own,) = played.orders(1, "tiktok-sg", self_delivery=True)
    (asking,) = played.orders(1, "tiktok-sg")
    played.event(asking, "request_cancel", "tiktok")
    buyer = tiktok_sg.order(own)["user_id"]
    warehouse = tiktok_sg.order(own)["warehouse_id"]

    def found(**body: Any) -> set[str]:
        rows = tiktok_sg.post(SEARCH, body, page_size="100")["orders"]
        return {one["id"] for one in rows} & {unpaid, own, asking}

    assert found() == {unpaid, own, asking}
    assert found(order_status="UNPAID") == {unpaid}
    assert found(shipping_type="SELLER") == {own}
    assert found(is_buyer_request_cancel=True) == {asking}
    assert found(is_buyer_request_cancel=False) == {unpaid, own}
    assert found(buyer_user_id=buyer) == {own}
    assert found(warehouse_ids=[warehouse]) == {unpaid, own, asking}
    assert found(warehouse_ids=["1"]) == set()
    assert found(order_status="UNPAID", shipping_type="SELLER") == set()
    assert not {unpaid, own, asking} & {
        one["id"] for one in tiktok.post(SEARCH, page_size="100")["orders"]
    }


def test_windows_begin_with_their_start_and_end_before_their_end(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    created = "2026-03-02T10:15:42Z"
    (order_id,) = played.orders(1, "tiktok-my", created_at=created)
    at = tiktok.order(order_id)["create_time"]

    def found(**body: int) -> bool:
        rows = tiktok.post(SEARCH, body, page_size="100", sort_order="ASC")["orders"]
        return order_id in {one["id"] for one in rows}

    assert found(create_time_ge=at, create_time_lt=at + 1)
    assert not found(create_time_ge=at - 10, create_time_lt=at)
    assert not found(create_time_ge=at + 1)
    updated = tiktok.order(order_id)["update_time"]
    assert found(create_time_lt=at + 1, update_time_ge=updated, update_time_lt=updated + 1)
    assert not found(create_time_lt=at + 1, update_time_ge=updated + 1)


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({}, {"page_size": ""}),
        ({}, {"page_size": "0"}),
        ({}, {"page_size": "101"}),
        ({}, {"page_size": "20", "sort_field": "price"}),
        ({}, {"page_size": "20", "sort_order": "UP"}),
        ({"order_status": "SHIPPED"}, {"page_size": "20"}),
        ({"order_status": ["UNPAID"]}, {"page_size": "20"}),
        ({"create_time_ge": 1.5}, {"page_size": "20"}),
        ({"update_time_lt": True}, {"page_size": "20"}),
        ({"is_buyer_request_cancel": "true"}, {"page_size": "20"}),
        ({"warehouse_ids": "1"}, {"page_size": "20"}),
    ],
)
def test_wrong_values_are_named(tiktok: TikTokApp, body: Any, query: dict[str, str]) -> None:
    answer = tiktok.answer("POST", SEARCH, body, **{k: v for k, v in query.items() if v})
    wrong = next(iter(body), None) or next((k for k in reversed(query) if k), "page_size")
    assert answer["code"] == 36009004
    assert wrong in answer["message"]


def test_the_detail_takes_fifty_ids_and_leaves_unknown_ones_out(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    ids = played.orders(50, "tiktok-my")
    for version in ("202309", "202507"):
        path = f"/order/{version}/orders"
        assert len(tiktok.get(path, ids=",".join(ids))["orders"]) == 50
        assert tiktok.code("GET", path, ids=",".join([*ids, ids[0]])) == 36009004
        assert tiktok.code("GET", path) == 36009004
    assert tiktok.get("/order/202309/orders", ids="577009999999999999")["orders"] == []
    other = TikTokApp(played, "tiktok-sg")
    assert other.get("/order/202309/orders", ids=ids[0])["orders"] == []


def test_a_changed_address_is_flagged(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    assert tiktok.order(order_id)["has_updated_recipient_address"] is False
    played.event(order_id, "change_address", "tiktok")
    assert tiktok.order(order_id)["has_updated_recipient_address"] is True


def test_the_control_tells_what_the_api_tells(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    for ship in (False, True):
        if ship:
            tiktok.ship(order_id)
        order, truth = tiktok.order(order_id), played.truth("tiktok-my")[order_id]
        (package,) = truth["packages"]
        assert truth["status"] == order["status"]
        assert package["package_id"] == order["packages"][0]["id"]
        assert package["tracking_number"] == order["tracking_number"]
        assert package["shipment_provider"] == order["shipping_provider"]
        assert package["status"] == order["line_items"][0]["package_status"]


def test_a_page_and_the_truth_of_thousands_of_orders_are_whole() -> None:
    full = start_sandbox()
    try:
        full.unlimited()
        full.orders(5_000, "tiktok-my", lines=1)
        app = TikTokApp(full)
        body = {"order_status": "AWAITING_SHIPMENT", "update_time_ge": int(time.time()) - 86400}
        told = app.post(SEARCH, body, page_size="100", sort_field="update_time", sort_order="ASC")
        assert (told["total_count"], len(told["orders"])) == (5_000, 100)
        assert len(full.truth("tiktok-my")) == 5_000
    finally:
        full.close()
