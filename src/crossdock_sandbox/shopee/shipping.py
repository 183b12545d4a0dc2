"""Arranging shipments: one order, many packages, and again after the courier did not come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crossdock_sandbox.shopee.book import is_arranged
from crossdock_sandbox.shopee.channels import channel_of
from crossdock_sandbox.shopee.clockwork import at
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.orders import find
from crossdock_sandbox.shopee.places import branches, pickup_addresses
from crossdock_sandbox.shopee.shipping_parameters import (
    check_package,
    chosen_packages,
    failed_package,
)
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.purchases import Purchase, Step
from crossdock_sandbox.world.shops import Shop

_METHODS = ("pickup", "dropoff", "non_integrated")
_LONGEST = 64


@dataclass(frozen=True)
class Way:
    """How a shipment is to be arranged."""

    method: str
    details: Fields
    tracking: str


def ship_order(call: Call) -> None:
    """/api/v2/logistics/ship_order: exactly one method; there is no payload"""
    order_sn = call.given.text("order_sn")
    try:
        order = find(call, order_sn)
        if call.given.text("package_number", ""):
            raise Failure(
                "logistics.ship_order_not_need_pacakge_number",
                "The order is not split: package_number is not needed.",
            )
        check_package(order, call.given)
        _arrange(call, order, _way(call.given))
    except Failure as failure:
        call.witness(order_sn, "ship", failure.error)
        raise


def mass_ship_order(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/mass_ship_order: both lists stand beside the envelope's fields"""
    way = _way(call.given)
    good, failed, _ = chosen_packages(call)
    for row in failed:
        order = call.book.holder(call.of_shop, row["package_number"])
        call.witness(order.order_id if order else "", "ship", row["fail_reason"])
    shipped = []
    for order in good:
        try:
            _arrange(call, order, _of_package(way, order))
            shipped.append({"package_number": order.parcel.parcel_id})
        except Failure as failure:
            call.witness(order.order_id, "ship", failure.error)
            failed.append(failed_package(order.parcel.parcel_id, failure))
    return {"success_list": shipped, "fail_list": failed}


def batch_ship_order(call: Call) -> None:
    """/api/v2/logistics/batch_ship_order: for one channel of BR only"""
    refusal = Failure(
        "logistics.error_param", "Batch ship order only supports logistics channel 90003."
    )
    for one in call.given.objects("order_list", 150):
        call.witness(one.text("order_sn"), "ship", refusal.error)
    raise refusal


def update_shipping_order(call: Call) -> None:
    """/api/v2/logistics/update_shipping_order: another time, after the courier did not come"""
    order_sn = call.given.text("order_sn")
    try:
        order = find(call, order_sn)
        check_package(order, call.given)
        pickup = call.given.object("pickup")
        if pickup is None:
            raise wrong("pickup is a required field")
        again = order.step is Step.ARRANGED and call.book.stand.takes_duplicates("shopee")
        if not again and (order.step is not Step.RETRY or order.arranging):
            raise Failure("logistics.order_not_ready_to_update", "Package cannot be rescheduled.")
        _check_pickup(call.seller, pickup)
    except Failure as failure:
        call.witness(order_sn, "ship", failure.error)
        raise
    _ask_courier(call, order, Way("pickup", pickup, order.parcel.tracking))
    call.witness(order_sn, "ship")


def _way(given: Fields) -> Way:
    chosen = [(name, given.object(name)) for name in _METHODS if given.object(name) is not None]
    if not chosen:
        raise Failure(
            "logistics.error_param", "One of pickup, dropoff and non_integrated is required."
        )
    if len(chosen) > 1:
        raise Failure(
            "logistics.ship_order_only_support_one_type", "Only one shipping method can be given."
        )
    method, details = chosen[0]
    numbers = details.values.get("tracking_number") if details else None
    number = "" if details is None or isinstance(numbers, list) else _number(details)
    return Way(method, details or Fields({}), number)


def _number(details: Fields) -> str:
    number = details.text("tracking_number", "")
    if len(number) > _LONGEST:
        raise wrong(f"tracking_number should hold at most {_LONGEST} characters")
    return number


def _of_package(way: Way, order: Purchase) -> Way:
    """In a mass call each package of a seller's own courier has its number in a list."""
    for one in way.details.objects("tracking_number") if way.method == "non_integrated" else []:
        if one.text("package_number") == order.parcel.parcel_id:
            return Way(way.method, way.details, _number(one))
    return way


def _arrange(call: Call, order: Purchase, way: Way) -> None:
    _check_step(call, order)
    _check_way(call.seller, order, way)
    if way.method == "non_integrated":
        _hand_to_own_courier(call, order, way)
    else:
        _ask_courier(call, order, way)
    call.witness(order.order_id, "ship")


def _check_step(call: Call, order: Purchase) -> None:
    arranged = is_arranged(order) or order.step is Step.ARRANGED
    if arranged and order.live:
        own_again = order.seller_delivers and order.step is Step.SHIPPED
        waiting = order.step in (Step.TO_SHIP, Step.ARRANGED)
        if call.book.stand.takes_duplicates("shopee") and (own_again or waiting):
            return
        raise Failure("logistics.package_already_shipped", "The package has been shipped already.")
    if order.step is Step.TO_SHIP and not order.cancel_id:
        return
    if order.step in (Step.TO_SHIP, Step.CANCELLED):
        raise Failure("logistics.error_param", "The order status is not ready to ship.")
    raise Failure("logistics.ship_order_not_ready_to_ship", "The package is not ready to ship.")


def _check_way(shop: Shop, order: Purchase, way: Way) -> None:
    needed = channel_of(order).info_needed.get(way.method)
    if needed is None:
        raise Failure(
            f"logistics.ship_order_unsupport_{way.method}",
            f"The channel does not support {way.method}.",
        )
    if "tracking_no" in needed and not way.tracking:
        raise Failure(
            "logistics.ship_order_need_tracking_number", "The tracking number is required."
        )
    if way.method == "pickup":
        _check_pickup(shop, way.details)
    if "branch_id" in needed:
        wanted = way.details.integer("branch_id", 0)
        if not wanted:
            raise Failure("logistics.ship_order_need_branch_id", "The branch id is required.")
        if wanted not in [one["branch_id"] for one in branches(shop)]:
            raise Failure("logistics.error_param", "The branch id is invalid.")


def _check_pickup(shop: Shop, pickup: Fields) -> None:
    address = pickup.integer("address_id", 0)
    slot = pickup.text("pickup_time_id", "")
    if not address or not slot:
        raise Failure(
            "logistics.ship_order_need_address_pickup_time",
            "The address id and the pickup time id are required.",
        )
    known = {one["address_id"]: one["time_slot_list"] for one in pickup_addresses(shop)}
    if address not in known:
        raise Failure("logistics.error_param", "The address id is invalid.")
    day, _, hour = slot.partition("_")
    if not day.isdigit() or not hour.isdigit():
        raise Failure("logistics.ship_order_pickup_time_invalid", "The pickup time is invalid.")
    if slot not in [one["pickup_time_id"] for one in known[address] or []]:
        raise Failure(
            "logistics.error_param", "Selected pickup timeslot is unavailable. Please reselect."
        )


def _ask_courier(call: Call, order: Purchase, way: Way) -> None:
    """The courier gives a number a little later; a second time the number stays."""
    _keep_choice(order, way)
    call.book.arrange(order, tracking=way.tracking or order.parcel.tracking)
    order.touch(now())
    call.book.save(order)
    shop, order_sn = order.shop, order.order_id
    at(order.parcel.arranging_ends, lambda: call.book.order(shop, order_sn))


def _hand_to_own_courier(call: Call, order: Purchase, way: Way) -> None:
    """A seller's own courier has it at once."""
    present = now()
    _keep_choice(order, way)
    order.parcel.tracking = way.tracking
    order.times["arranged"] = int(present.timestamp())
    if order.step is Step.TO_SHIP:
        order.move(Step.SHIPPED, present)
    order.touch(present)
    call.book.save(order)


def _keep_choice(order: Purchase, way: Way) -> None:
    names = ("address_id", "pickup_time_id", "branch_id")
    chosen = {name: way.details.values[name] for name in names if name in way.details.values}
    order.more["shipment"] = {"method": way.method, **chosen}
