"""Shipping at Shopee: how it is said, and that nothing is shipped twice."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.channels.contract import Parcel
from crossdock.channels.errors import Unclear
from crossdock.channels.shipping import HowToShip, Method
from crossdock.channels.shopee import fulfilment, ways
from tests.channels.shopee.samples import holds
from tests.channels.shopee.stage import Call, Played, bad, good

SLOT = {"date": 1772500000, "time_text": "10-12", "pickup_time_id": "t1"}
HOME = {"address_id": 5, "address": "1 Jalan A", "address_flag": ["pickup_address"],
        "time_slot_list": [{**SLOT, "date": 1772600000, "pickup_time_id": "t2"}, SLOT]}  # fmt: skip
FARM = {"address_id": 6, "address": "2 Jalan B", "address_flag": [], "time_slot_list": [SLOT]}


def offers(shopee: Played, *addresses: dict[str, Any], **needed: list[str]) -> None:
    shopee.says(
        "logistics/get_shipping_parameter",
        good(
            info_needed=needed,
            pickup={"address_list": list(addresses)},
            dropoff={
                "branch_list": [{"branch_id": 44, "address": "Branch"}],
                "slug_list": [{"slug": "fm", "slug_name": "FamilyMart"}],
            },
        ),
    )


def ship(shopee: Played, how: HowToShip | None = None, *numbers: str) -> Any:
    shopee.answers.setdefault("logistics/ship_order", lambda _: good())
    return fulfilment.ship(shopee.shop(), Parcel("S1", numbers or ("A",), how=how))


def test_an_unsplit_order_is_shipped_without_naming_its_package(shopee: Played) -> None:
    holds(shopee, "A")
    told = ship(shopee, HowToShip(Method.DROPOFF))
    assert (told.ok, told.done) == (True, ("A",))
    assert shopee.sent("logistics/ship_order") == [{"order_sn": "S1", "dropoff": {}}]
    assert shopee.asked("logistics/get_shipping_parameter") == []


def test_every_package_of_a_split_order_is_named_also_when_one_alone_is_meant(
    shopee: Played,
) -> None:
    holds(shopee, "A", "B")
    ship(shopee, HowToShip(Method.DROPOFF, branch_id="44"), "B")
    body = {"order_sn": "S1", "package_number": "B", "dropoff": {"branch_id": 44}}
    assert shopee.sent("logistics/ship_order") == [body]


def test_a_pick_up_takes_the_default_address_and_its_first_free_slot(shopee: Played) -> None:
    holds(shopee, "A")
    offers(shopee, FARM, HOME, pickup=["address_id", "pickup_time_id"], dropoff=[])
    assert ship(shopee, HowToShip(Method.PICKUP)).ok
    assert shopee.sent("logistics/ship_order")[0]["pickup"] == {
        "address_id": 5,
        "pickup_time_id": "t1",
    }


def test_an_address_without_a_free_slot_is_refused_in_words(shopee: Played) -> None:
    holds(shopee, "A")
    offers(shopee, {**HOME, "time_slot_list": None}, pickup=["address_id", "pickup_time_id"])
    told = ship(shopee, HowToShip(Method.PICKUP))
    assert (told.ok, told.left) == (False, ("A",))
    assert "no free slot" in told.words
    assert shopee.sent("logistics/ship_order") == []


def test_a_parcel_of_the_seller_s_own_courier_goes_with_its_number(shopee: Played) -> None:
    holds(shopee, "A")
    ship(shopee, HowToShip(Method.OWN_COURIER, tracking_number="T1"))
    assert shopee.sent("logistics/ship_order") == [
        {"order_sn": "S1", "non_integrated": {"tracking_number": "T1"}}
    ]


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        ({"dropoff": []}, {"dropoff": {}}),
        ({"dropoff": ["branch_id"]}, {"dropoff": {"branch_id": 44}}),
        ({"dropoff": ["slug"]}, {"dropoff": {"slug": "fm"}}),
        ({"pickup": ["address_id"]}, {"pickup": {"address_id": 5, "pickup_time_id": "t1"}}),
        ({"non_integrated": []}, {"non_integrated": {}}),
    ],
)
def test_the_only_way_that_leaves_nothing_open_is_taken(
    shopee: Played, needed: dict[str, list[str]], said: dict[str, Any]
) -> None:
    holds(shopee, "A")
    offers(shopee, HOME, **needed)
    assert ship(shopee).ok
    assert shopee.sent("logistics/ship_order") == [{"order_sn": "S1", **said}]


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        ({"dropoff": [], "pickup": []}, "pickup or dropoff"),
        ({"pickup": ["address_id"]}, "at which address"),
        ({"non_integrated": ["tracking_no"]}, "tracking number"),
        ({}, "no way to ship"),
    ],
)
def test_what_must_be_chosen_is_said(
    shopee: Played, needed: dict[str, list[str]], words: str
) -> None:
    holds(shopee, "A")
    offers(shopee, HOME, FARM, **needed)
    told = ship(shopee)
    assert not told.ok
    assert words in told.words
    assert shopee.sent("logistics/ship_order") == []


@pytest.mark.parametrize(
    "state",
    [
        {"is_shipment_arranged": True},
        {"fulfillment_status": "LOGISTICS_REQUEST_CREATED"},
        {"fulfillment_status": "LOGISTICS_PICKUP_DONE"},
    ],
)
def test_a_package_that_is_arranged_is_not_shipped_again(
    shopee: Played, state: dict[str, Any]
) -> None:
    holds(shopee, "A", **state)
    told = ship(shopee, HowToShip(Method.DROPOFF))
    assert (told.ok, told.already) == (False, True)
    assert shopee.sent("logistics/ship_order") == []


def test_a_missed_pick_up_is_arranged_anew_and_never_shipped(shopee: Played) -> None:
    holds(shopee, "A", fulfillment_status="LOGISTICS_PICKUP_RETRY")
    offers(shopee, HOME, pickup=["address_id", "pickup_time_id"])
    shopee.says("logistics/update_shipping_order", good())
    assert ship(shopee).ok
    pickup = {"address_id": 5, "pickup_time_id": "t1"}
    assert shopee.sent("logistics/update_shipping_order") == [{"order_sn": "S1", "pickup": pickup}]
    assert shopee.sent("logistics/ship_order") == []


def test_one_package_s_refusal_stops_no_other(shopee: Played) -> None:
    holds(shopee, "A", "B")

    def told(call: Call) -> dict[str, Any]:
        is_first = call.body["package_number"] == "A"
        return bad("logistics.ship_order_not_ready_to_ship", "Not ready.") if is_first else good()

    shopee.says("logistics/ship_order", told)
    answer = ship(shopee, HowToShip(Method.DROPOFF), "A", "B")
    assert (answer.ok, answer.done, answer.left) == (False, ("B",), ("A",))
    assert answer.words == "Not ready. (logistics.ship_order_not_ready_to_ship)"


@pytest.mark.parametrize(
    ("error", "message", "already", "again"),
    [
        ("logistics.package_already_shipped", "shipped", True, False),
        ("logistics.error_param", "Order has been shipped.", True, False),
        ("logistics.error_param", "The order is being allocated, please wait a bit", False, True),
        ("logistics.ship_order_unsupport_pickup", "no pick-up", False, False),
    ],
)
def test_refusals_of_a_shipment_are_told_apart(
    shopee: Played, error: str, message: str, already: bool, again: bool
) -> None:
    holds(shopee, "A")
    shopee.says("logistics/ship_order", bad(error, message))
    told = ship(shopee, HowToShip(Method.DROPOFF))
    assert (told.ok, told.already, told.again) == (False, already, again)


def test_a_shipment_whose_answer_says_nothing_is_unclear(shopee: Played) -> None:
    holds(shopee, "A")
    shopee.says("logistics/ship_order", bad("logistics.error_timeout", "time out"))
    with pytest.raises(Unclear):
        ship(shopee, HowToShip(Method.DROPOFF))


def test_the_ways_tell_addresses_slots_and_whether_a_number_is_wanted(shopee: Played) -> None:
    holds(shopee, "A")
    empty = {**FARM, "time_slot_list": []}
    offers(shopee, HOME, empty, pickup=["address_id", "pickup_time_id"], non_integrated=["tracking_no"])  # fmt: skip
    found = ways.ways_to_ship(shopee.shop(), Parcel("S1", ("A",)))
    assert (found.logistics_id, found.logistics_name) == ("20021", "Standard Delivery")
    assert found.methods == (Method.PICKUP, Method.OWN_COURIER)
    assert [(one.place_id, one.is_default, one.has_free_slot) for one in found.addresses] == [
        ("5", True, True),
        ("6", False, False),
    ]
    assert found.wants_tracking_number


def test_a_package_that_shopee_does_not_know_is_not_shipped(shopee: Played) -> None:
    holds(shopee, "A")
    told = ship(shopee, HowToShip(Method.DROPOFF), "B")
    assert not told.ok
    assert shopee.sent("logistics/ship_order") == []
