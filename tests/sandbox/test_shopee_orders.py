"""Shopee's orders and packages: windows, pages, filters, and fields that are asked for."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox, start_sandbox
from tests.sandbox.shopee_app import ShopeeApp

DAY = 86400
OPTIONAL = (
    "buyer_user_id", "buyer_username", "estimated_shipping_fee", "recipient_address", "actual_shipping_fee",
    "goods_to_declare", "note", "note_update_time", "item_list", "pay_time", "dropshipper", "dropshipper_phone",
    "split_up", "buyer_cancel_reason", "cancel_by", "cancel_reason", "actual_shipping_fee_confirmed", "buyer_cpf_id",
    "fulfillment_flag", "pickup_done_time", "package_list", "shipping_carrier", "payment_method", "total_amount",
    "invoice_data", "order_chargeable_weight_gram", "payment_info",
)  # fmt: skip


def listed(app: ShopeeApp, since: int, until: int, **more: Any) -> list[dict[str, Any]]:
    """All rows of a window, page by page."""
    rows: list[dict[str, Any]] = []
    query = {"time_range_field": "create_time", "page_size": "2", **more}
    while True:
        told = app.get("order/get_order_list", time_from=since, time_to=until, **query)
        rows += told["order_list"]
        assert (told["next_cursor"] != "") is told["more"]
        if not told["more"]:
            return rows
        query["cursor"] = told["next_cursor"]


def window() -> tuple[int, int]:
    present = int(time.time())
    return present - DAY, present + 5


@pytest.mark.parametrize("days", [0, 15.01])
def test_a_window_is_at_most_fifteen_days_wide(shopee: ShopeeApp, days: float) -> None:
    until = int(time.time())
    told = shopee.answer(
        "GET",
        "order/get_order_list",
        time_range_field="create_time",
        time_from=until - int(days * DAY),
        time_to=until,
        page_size=10,
    )
    assert told["error"] == "order.order_list_invalid_time"


def test_every_order_is_on_one_page(played: RunningSandbox, shopee: ShopeeApp) -> None:
    made = played.orders(5, "shopee-my", created_at="2026-03-02T10:15:42Z")
    at = 1772446542
    rows = listed(shopee, at, at + 10)
    assert sorted(row["order_sn"] for row in rows) == sorted(made)
    assert set(rows[0]) == {"order_sn", "booking_sn"}
    assert listed(shopee, at + 1, at + 10) == []


@pytest.mark.parametrize("size", ["0", "101", "x"])
def test_a_page_has_1_to_100_rows(shopee: ShopeeApp, size: str) -> None:
    since, until = window()
    query = {"time_range_field": "create_time", "time_from": since, "time_to": until}
    assert shopee.error("GET", "order/get_order_list", page_size=size, **query) == "error_param"


def test_an_order_that_changes_is_met_again_by_its_update_time(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", created_at="2026-01-01T00:00:00Z")
    since = int(time.time())
    played.event(order_sn, "change_address", "shopee")
    rows = listed(shopee, since, since + 10, time_range_field="update_time")
    assert order_sn in [row["order_sn"] for row in rows]


def test_a_list_can_be_narrowed_to_a_status_of_those_that_may_be_asked_for(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (unpaid,) = played.orders(1, "shopee-my", status="UNPAID")
    (shipped,) = played.orders(1, "shopee-my", status="SHIPPED")
    since, until = window()
    rows = listed(
        shopee, since, until, order_status="UNPAID", response_optional_fields="order_status"
    )
    assert {row["order_status"] for row in rows} == {"UNPAID"}
    found = [row["order_sn"] for row in rows]
    assert (unpaid in found, shipped in found) == (True, False)
    query = {
        "time_range_field": "create_time", "time_from": since, "time_to": until, "page_size": 5,
        "order_status": "RETRY_SHIP",
    }  # fmt: skip
    assert shopee.error("GET", "order/get_order_list", **query) == "error_param"


def test_a_held_order_is_pending_only_for_who_knows_of_it(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="PENDING")
    assert shopee.order(order_sn)["order_status"] == "READY_TO_SHIP"
    told = shopee.order(order_sn, request_order_status_pending="true")
    assert (told["order_status"], told["pending_terms"]) == ("PENDING", ["SYSTEM_PENDING"])
    assert shopee.package(order_sn)["fulfillment_status"] == "LOGISTICS_NOT_START"
    refusal = shopee.answer("GET", "logistics/get_shipping_parameter", order_sn=order_sn)
    assert "allocated" in refusal["message"]


def test_optional_fields_are_there_only_when_they_are_named(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    plain = shopee.order(order_sn)
    assert not set(plain) & set(OPTIONAL)
    assert {"order_sn", "region", "currency", "cod", "order_status", "message_to_seller",
            "create_time", "update_time", "days_to_ship", "ship_by_date", "booking_sn", "advance_package",
            "can_full_cancel_order", "can_partial_cancel_order",
            "buyer_preference_for_partial_cancellation"} == set(plain)  # fmt: skip
    assert set(shopee.order(order_sn, *OPTIONAL)) == set(plain) | set(OPTIONAL)
    assert set(shopee.order(order_sn, "edt", "international_label")) - set(plain) == {
        "edt_from", "edt_to", "is_international",
    }  # fmt: skip


def test_lists_may_be_joined_or_repeated(played: RunningSandbox, shopee: ShopeeApp) -> None:
    made = played.orders(2, "shopee-my")
    for given in (",".join(made), made):
        told = shopee.get("order/get_order_detail", order_sn_list=given)
        assert [one["order_sn"] for one in told["order_list"]] == made


def test_what_is_unknown_among_known_orders_is_a_warning(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    told = shopee.answer(
        "GET", "order/get_order_detail", order_sn_list=f"{order_sn},26010100000000"
    )
    assert told["error"] == ""
    assert [one["order_sn"] for one in told["response"]["order_list"]] == [order_sn]
    assert "26010100000000" in told["warning"][0]
    alone = shopee.answer("GET", "order/get_order_detail", order_sn_list="26010100000000")
    assert alone["error"] == "error_not_found"
    many = ",".join(["26010100000000"] * 51)
    assert shopee.error("GET", "order/get_order_detail", order_sn_list=many) == "error_param"


def test_another_shops_order_is_not_found(
    played: RunningSandbox, shopee: ShopeeApp, shopee_sg: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    error = shopee_sg.error("GET", "order/get_order_detail", order_sn_list=order_sn)
    assert error == "error_not_found"


def test_prices_of_lines_are_for_one_unit(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", lines=3, sku="TEA-OOL-100")
    told = shopee.order(order_sn, "item_list", "total_amount")
    (item,) = told["item_list"]
    assert (item["model_quantity_purchased"], item["model_original_price"]) == (3, 27.35)
    assert (item["model_id"], item["model_sku"], item["item_sku"]) == (0, "", "TEA-OOL-100")
    price = Decimal(str(item["model_discounted_price"]))
    truth = played.truth("shopee-my")[order_sn]
    assert Decimal(truth["lines"][0]["price"]) == price
    assert truth["lines"][0]["line_id"] == str(item["line_item_id"])


def test_whole_amounts_are_json_integers(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", sku="MUG-BLUE")
    body = shopee.call(
        "GET",
        "order/get_order_detail",
        order_sn_list=order_sn,
        response_optional_fields="item_list",
    ).text
    assert '"model_original_price":18,' in body


def test_a_variation_has_its_sku_at_the_model(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", sku="TOWEL-L-G")
    (item,) = shopee.order(order_sn, "item_list")["item_list"]
    assert (item["model_sku"], item["model_name"]) == ("TOWEL-L-G", "L,Grey")
    assert item["model_id"] > 2**32
    picture = shopee.client.get(item["image_info"]["image_url"])
    assert picture.content.startswith(b"\x89PNG")


def test_the_buyer_is_masked(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    told = shopee.order(order_sn, "recipient_address", "buyer_username")
    address = told["recipient_address"]
    for name in ("name", "phone", "full_address"):
        assert "*" in address[name]
    assert address["region"] == "MY"
    assert "*" in told["buyer_username"]


def test_an_unpaid_order_has_no_time_and_no_total(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="UNPAID")
    told = shopee.order(order_sn, "pay_time", "total_amount", "package_list")
    assert (told["pay_time"], told["total_amount"], told["ship_by_date"]) == (None, 0, 0)
    assert told["package_list"][0]["logistics_status"] == "LOGISTICS_NOT_START"
    played.event(order_sn, "pay", "shopee")
    paid = shopee.order(order_sn, "pay_time", "total_amount")
    assert paid["order_status"] == "READY_TO_SHIP"
    assert paid["pay_time"] > 0
    assert paid["total_amount"] > 0


def test_the_truth_is_what_the_api_shows(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="PROCESSED")
    truth, package = played.truth("shopee-my")[order_sn], shopee.package(order_sn)
    assert truth["packages"] == [
        {
            "package_id": package["package_number"],
            "tracking_number": package["tracking_number"],
            "shipment_provider": package["shipping_carrier"],
            "status": package["fulfillment_status"],
            "order_ids": [order_sn],
        }
    ]


def test_a_note_is_kept_and_moves_the_update_time(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    told = shopee.answer("POST", "order/set_note", {"order_sn": order_sn, "note": "gift wrap"})
    assert "response" not in told
    assert shopee.order(order_sn, "note")["note"] == "gift wrap"
    assert [row["accepted"] for row in played.ledger("note") if row["order_id"] == order_sn] == [True]  # fmt: skip


def test_splitting_is_refused(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my", lines=2)
    parts = {"order_sn": order_sn, "package_list": [{"item_list": []}, {"item_list": []}]}
    assert shopee.error("POST", "order/split_order", parts) == "order.order_cannot_split"
    error = shopee.error("POST", "order/unsplit_order", {"order_sn": order_sn})
    assert error == "order.order_cannot_undo_split"


def test_invoices_of_buyers_are_for_other_regions(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    told = shopee.answer(
        "POST", "order/get_buyer_invoice_info", {"queries": [{"order_sn": order_sn}]}
    )
    assert "does not support" in told["invoice_info_list"][0]["error"]


def test_what_waits_for_shipment_is_listed(played: RunningSandbox, shopee: ShopeeApp) -> None:
    ready, retry, done = (
        played.orders(1, "shopee-my", status=status)[0]
        for status in ("READY_TO_SHIP", "RETRY_SHIP", "PROCESSED")
    )
    rows, cursor = [], ""
    while True:
        told = shopee.get("order/get_shipment_list", page_size=3, cursor=cursor)
        rows += told["order_list"]
        cursor = told["next_cursor"]
        if not told["more"]:
            break
    found = [row["order_sn"] for row in rows]
    assert (ready in found, retry in found, done in found) == (True, True, False)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("package_status", "status"), [(1, "PENDING"), (2, "RETRY_SHIP"), (3, "PROCESSED")]
)
def test_packages_are_found_by_their_state(
    played: RunningSandbox, shopee: ShopeeApp, package_status: int, status: str
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status=status)
    rows, cursor = [], ""
    while True:
        told = shopee.post(
            "order/search_package_list",
            {
                "filter": {"package_status": package_status},
                "pagination": {"page_size": 5, "cursor": cursor},
                "sort": {"sort_type": 2, "ascending": False},
            },
        )
        rows += told["packages_list"]
        cursor = told["pagination"]["next_cursor"]
        if not told["pagination"]["more"]:
            break
    assert order_sn in [row["order_sn"] for row in rows]
    assert len(rows) == told["pagination"]["total_count"]
    assert told["sort"] == {"sort_type": 2, "ascending": False}


def test_a_filter_that_nothing_fits_gives_an_empty_list(shopee: ShopeeApp) -> None:
    body = {"filter": {"logistics_channel_ids": [1]}, "pagination": {"page_size": 1}}
    told = shopee.post("order/search_package_list", body)
    assert (told["packages_list"], told["pagination"]["more"]) == ([], False)
    assert shopee.error("POST", "order/search_package_list", {}) == "error_param"


def test_an_unknown_package_is_not_found(played: RunningSandbox, shopee: ShopeeApp) -> None:
    error = shopee.error("GET", "order/get_package_detail", package_number_list="OFG1")
    assert error == "error_not_found"


@pytest.mark.long
def test_everything_survives_a_restart(tmp_path: Path) -> None:
    first = start_sandbox(data=tmp_path, orders=10)
    app = ShopeeApp(first)
    first.unlimited()
    (order_sn,) = first.orders(1, "shopee-my")
    app.ship(order_sn)
    app.post("order/set_note", {"order_sn": order_sn, "note": "gift"})
    _, return_sn = app.returned()
    fields = ("note", "item_list", "package_list")
    before = (app.order(order_sn, *fields), app.a_return(return_sn), first.truth("shopee-my"))
    first.close()
    second = start_sandbox(data=tmp_path, orders=10)
    app = ShopeeApp(second, token=app.token)
    after = (app.order(order_sn, *fields), app.a_return(return_sn), second.truth("shopee-my"))
    second.close()
    for told in (before, after):
        for item in (*told[0]["item_list"], *told[1]["item"]):
            item.pop("image_info", None), item.pop("images", None)
        told[1].pop("image")
    assert after == before
