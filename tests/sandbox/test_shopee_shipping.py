"""Shopee's shipments: parameters, arranging, numbers, own couriers, and a second try."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp

SHIP = "logistics/ship_order"
STANDARD, DROP_OFF, OWN = 20021, 20022, 20099


def made(played: RunningSandbox, app: ShopeeApp, channel: int) -> str:
    """An order of a logistics channel that is ready to ship."""
    for order_sn in played.orders(12, app.shop):
        if app.package(order_sn)["logistics_channel_id"] == channel:
            return order_sn
    raise AssertionError(f"no order of channel {channel}")


def effects(played: RunningSandbox, order_sn: str, effect: str) -> list[bool]:
    """Whether the calls of one kind about an order were accepted."""
    return [row["accepted"] for row in played.ledger(effect) if row["order_id"] == order_sn]


def test_a_pick_up_asks_for_an_address_and_a_free_slot(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    order_sn = made(played, shopee, STANDARD)
    told = shopee.get("logistics/get_shipping_parameter", order_sn=order_sn)
    needed = {"pickup": ["address_id", "pickup_time_id"], "dropoff": []}
    assert told["info_needed"] == needed
    first, second = told["pickup"]["address_list"]
    assert first["address_flag"] == ["default_address", "pickup_address"]
    assert [slot["flags"] for slot in first["time_slot_list"]].count(["recommended"]) == 1
    assert second["time_slot_list"] is None


def test_a_drop_off_asks_for_a_branch(played: RunningSandbox, shopee: ShopeeApp) -> None:
    order_sn = made(played, shopee, DROP_OFF)
    told = shopee.get("logistics/get_shipping_parameter", order_sn=order_sn)
    assert told["info_needed"] == {"dropoff": ["branch_id"]}
    assert all(branch["branch_id"] for branch in told["dropoff"]["branch_list"])
    shopee.ship(order_sn)
    assert shopee.order(order_sn)["order_status"] == "PROCESSED"


def test_an_offered_method_without_questions_takes_an_empty_object(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    order_sn = made(played, shopee, STANDARD)
    assert shopee.error("POST", SHIP, {"order_sn": order_sn, "dropoff": {}}) == ""


def test_the_number_comes_a_little_later(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    assert shopee.package(order_sn)["is_shipment_arranged"] is False
    played.post("/latency", system="shopee", async_ms=600_000)
    shopee.ship(order_sn)
    package = shopee.package(order_sn)
    assert package["is_shipment_arranged"] is True
    assert (package["fulfillment_status"], package["tracking_number"]) == ("LOGISTICS_READY", "")
    assert shopee.order(order_sn)["order_status"] == "READY_TO_SHIP"
    number = shopee.get("logistics/get_tracking_number", order_sn=order_sn)
    assert (number["tracking_number"], bool(number["hint"])) == ("", True)
    assert shopee.error("GET", "logistics/get_shipping_parameter", order_sn=order_sn) != ""
    played.event(order_sn, "pick_up", "shopee")
    assert shopee.order(order_sn)["order_status"] == "SHIPPED"
    assert shopee.package(order_sn)["tracking_number"].startswith("SPXMY")


def test_a_number_that_is_due_is_there(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    shopee.ship(order_sn)
    number = shopee.get("logistics/get_tracking_number", order_sn=order_sn)["tracking_number"]
    package = shopee.package(order_sn)
    assert package["tracking_number"] == number != ""
    assert package["fulfillment_status"] == "LOGISTICS_REQUEST_CREATED"
    told = shopee.get("logistics/get_tracking_info", order_sn=order_sn)
    assert [one["logistics_status"] for one in told["tracking_info"]] == ["ORDER_CREATED"]


def test_an_order_is_shipped_once(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    body = {"order_sn": order_sn, **shopee.way(order_sn)}
    errors = [shopee.error("POST", SHIP, body) for _ in range(2)]
    assert errors == ["", "logistics.package_already_shipped"]
    assert effects(played, order_sn, "ship") == [True, False]
    played.post("/strict", system="shopee", duplicates="take")
    number = shopee.package(order_sn)["tracking_number"]
    assert shopee.error("POST", SHIP, body) == ""
    assert effects(played, order_sn, "ship") == [True, False, True]
    assert shopee.package(order_sn)["tracking_number"] == number


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"pickup": None}, "logistics.error_param"),
        ({"dropoff": {}}, "logistics.ship_order_only_support_one_type"),
        ({"package_number": "OFG1"}, "logistics.ship_order_not_need_pacakge_number"),
        ({"package_number": ""}, "error_param"),
        ({"pickup": {}}, "logistics.ship_order_need_address_pickup_time"),
        ({"pickup": {"address_id": 1, "pickup_time_id": "1_9"}}, "logistics.error_param"),
        (
            {"pickup": {"address_id": 3000110, "pickup_time_id": "soon"}},
            "logistics.ship_order_pickup_time_invalid",
        ),
        ({"pickup": {"address_id": 3000110, "pickup_time_id": "1000_9"}}, "logistics.error_param"),
        (
            {"pickup": None, "non_integrated": {"tracking_number": "X"}},
            "logistics.ship_order_unsupport_non_integrated",
        ),
    ],
)
def test_a_shipment_that_is_asked_for_wrongly_is_refused(
    played: RunningSandbox, shopee: ShopeeApp, change: dict[str, Any], error: str
) -> None:
    order_sn = made(played, shopee, STANDARD)
    body = {"order_sn": order_sn, **shopee.way(order_sn), **change}
    body = {name: value for name, value in body.items() if value is not None}
    assert shopee.error("POST", SHIP, body) == error
    assert effects(played, order_sn, "ship") == [False]
    assert shopee.order(order_sn)["order_status"] == "READY_TO_SHIP"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("UNPAID", "logistics.ship_order_not_ready_to_ship"),
        ("PENDING", "logistics.ship_order_not_ready_to_ship"),
        ("RETRY_SHIP", "logistics.ship_order_not_ready_to_ship"),
        ("SHIPPED", "logistics.package_already_shipped"),
        ("CANCELLED", "logistics.error_param"),
    ],
)
def test_only_what_is_ready_is_shipped(
    played: RunningSandbox, shopee: ShopeeApp, status: str, error: str
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status=status)
    assert shopee.error("POST", SHIP, {"order_sn": order_sn, "dropoff": {}}) == error


def test_an_own_courier_has_the_parcel_at_once(
    played: RunningSandbox, shopee_sg: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-sg", self_delivery=True)
    told = shopee_sg.get("logistics/get_shipping_parameter", order_sn=order_sn)
    assert told["info_needed"] == {"non_integrated": ["tracking_no"]}
    wrong = {"order_sn": order_sn, "non_integrated": {}}
    assert shopee_sg.error("POST", SHIP, wrong) == "logistics.ship_order_need_tracking_number"
    shopee_sg.ship(order_sn)
    package = shopee_sg.package(order_sn)
    assert package["fulfillment_status"] == "LOGISTICS_PICKUP_DONE"
    assert (package["tracking_number"], package["shipping_carrier"]) == (
        f"OWN{order_sn}",
        "Seller Own Fleet",
    )
    assert shopee_sg.order(order_sn)["order_status"] == "SHIPPED"
    body = {"order_list": [{"order_sn": order_sn, "tracking_number": f"OWN{order_sn}"}]}
    told = shopee_sg.answer("POST", "logistics/create_shipping_document", body)
    assert told["response"]["result_list"][0]["fail_error"] == "logistics.package_can_not_print"


def test_nobody_can_say_that_an_own_courier_has_delivered(
    played: RunningSandbox, shopee_sg: ShopeeApp
) -> None:
    """The failure looks like a success."""
    (order_sn,) = played.orders(1, "shopee-sg", self_delivery=True)
    shopee_sg.ship(order_sn)
    body = {"order_sn": order_sn, "logistics_status": "logistics_delivery_done"}
    told = shopee_sg.post("logistics/update_tracking_status", body)
    assert told == {"update_result": "failed"}
    assert shopee_sg.order(order_sn)["order_status"] == "SHIPPED"
    assert effects(played, order_sn, "deliver") == [False]
    played.event(order_sn, "deliver", "shopee")
    assert shopee_sg.order(order_sn)["order_status"] == "TO_CONFIRM_RECEIVE"


def test_an_order_that_the_seller_delivers_never_waits_for_a_courier(
    played: RunningSandbox,
) -> None:
    answer = played.control.post(
        "/orders",
        json={
            "channel": "shopee", "shop": "shopee-sg", "status": "PROCESSED", "self_delivery": True,
        },
    )  # fmt: skip
    assert answer.status_code == 409
    assert "never PROCESSED" in answer.json()["error"]


def test_many_packages_of_one_channel_are_shipped_at_once(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    orders = [made(played, shopee, STANDARD) for _ in range(2)]
    other = made(played, shopee, DROP_OFF)
    numbers = [shopee.package(one)["package_number"] for one in (*orders, other)]
    packages = [{"package_number": one} for one in (*numbers, "OFG1")]
    told = shopee.post("logistics/get_mass_shipping_parameter", {"package_list": packages})
    assert [row["package_number"] for row in told["success_list"]] == numbers[:2]
    assert [row["package_number"] for row in told["fail_list"]] == [numbers[2], "OFG1"]
    body = {"package_list": packages, **shopee.way(orders[0])}
    answer = shopee.answer("POST", "logistics/mass_ship_order", body)
    assert "response" not in answer
    assert [row["package_number"] for row in answer["success_list"]] == numbers[:2]
    assert all(row["fail_reason"] for row in answer["fail_list"])
    found = shopee.post("logistics/get_mass_tracking_number", {"package_list": packages})
    given = {row["package_number"]: row["tracking_number"] for row in found["success_list"]}
    assert [bool(given[one]) for one in numbers] == [True, True, False]
    assert effects(played, other, "ship") == [False]


def test_many_packages_of_an_own_courier_have_their_numbers_in_a_list(
    played: RunningSandbox, shopee_sg: ShopeeApp
) -> None:
    orders = played.orders(2, "shopee-sg", self_delivery=True)
    packages = [shopee_sg.package(one)["package_number"] for one in orders]
    numbers = [
        {"package_number": one, "tracking_number": f"T{place}"}
        for place, one in enumerate(packages)
    ]
    body = {
        "package_list": [{"package_number": one} for one in packages],
        "non_integrated": {"tracking_number": numbers},
    }
    answer = shopee_sg.answer("POST", "logistics/mass_ship_order", body)
    assert answer["fail_list"] == []
    assert [shopee_sg.package(one)["tracking_number"] for one in orders] == ["T0", "T1"]


def test_batch_shipping_is_for_another_region(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    body = {"order_list": [{"order_sn": order_sn}], "dropoff": {}}
    assert shopee.error("POST", "logistics/batch_ship_order", body) == "logistics.error_param"
    assert effects(played, order_sn, "ship") == [False]


def test_a_courier_who_did_not_come_is_asked_again(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="RETRY_SHIP")
    assert shopee.package(order_sn)["fulfillment_status"] == "LOGISTICS_PICKUP_RETRY"
    pickup = shopee.way(order_sn)["pickup"]
    name, body = "logistics/update_shipping_order", {"order_sn": order_sn, "pickup": pickup}
    told = shopee.answer("POST", name, body)
    assert (told["error"], "response" in told) == ("", False)
    assert shopee.order(order_sn)["order_status"] == "PROCESSED"
    assert shopee.error("POST", name, body) == "logistics.order_not_ready_to_update"
    assert effects(played, order_sn, "ship") == [True, False]


@pytest.mark.parametrize(
    ("events", "status", "package", "last"),
    [
        (("pick_up",), "SHIPPED", "LOGISTICS_PICKUP_DONE", "PICKED_UP"),
        (("pick_up", "deliver"), "TO_CONFIRM_RECEIVE", "LOGISTICS_DELIVERY_DONE", "DELIVERED"),
        (("pick_up", "lose"), "CANCELLED", "LOGISTICS_LOST", "LOST"),
        (("pick_up", "send_back"), "CANCELLED", "LOGISTICS_DELIVERY_FAILED", "RETURNED"),
        (("pick_up", "deliver", "complete"), "COMPLETED", "LOGISTICS_DELIVERY_DONE", "DELIVERED"),
    ],
)
def test_couriers_and_buyers_bring_an_order_on(
    played: RunningSandbox,
    shopee: ShopeeApp,
    events: tuple[str, ...],
    status: str,
    package: str,
    last: str,
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    shopee.ship(order_sn)
    for event in events:
        played.event(order_sn, event, "shopee")
    assert shopee.order(order_sn)["order_status"] == status
    assert shopee.package(order_sn)["fulfillment_status"] == package
    told = shopee.get("logistics/get_tracking_info", order_sn=order_sn)
    assert told["tracking_info"][0]["logistics_status"] == last


def test_an_order_that_is_never_shipped_is_cancelled(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (ready,) = played.orders(1, "shopee-my")
    (retry,) = played.orders(1, "shopee-my", status="RETRY_SHIP")
    shopee.pass_time(24 * 6)
    told = shopee.order(ready, "cancel_by", "cancel_reason")
    assert (told["order_status"], told["cancel_by"]) == ("CANCELLED", "system")
    assert shopee.package(ready)["fulfillment_status"] == "LOGISTICS_INVALID"
    assert shopee.package(retry)["fulfillment_status"] == "LOGISTICS_PICKUP_FAILED"


def test_channels_and_addresses_are_listed(shopee: ShopeeApp, shopee_sg: ShopeeApp) -> None:
    rows = shopee_sg.get("logistics/get_channel_list")["logistics_channel_list"]
    assert {STANDARD, DROP_OFF, OWN} <= {row["logistics_channel_id"] for row in rows}
    parents = {row["logistics_channel_id"]: row["mask_channel_id"] for row in rows}
    assert parents[parents[STANDARD]] == 0
    addresses = shopee.get("logistics/get_address_list")["address_list"]
    assert "PICK_UP_ADDRESS" in addresses[0]["address_type"]
