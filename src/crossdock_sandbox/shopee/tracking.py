"""Tracking numbers, and where parcels are."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.shopee.book import parcel_status
from crossdock_sandbox.shopee.failures import Failure
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.orders import find
from crossdock_sandbox.shopee.package_json import tracking_number
from crossdock_sandbox.shopee.shipping_parameters import check_package, failed_package
from crossdock_sandbox.world.purchases import Purchase

_OPTIONAL = ("plp_number", "first_mile_tracking_number", "last_mile_tracking_number")
_UPDATES = ("logistics_pickup_done", "logistics_delivery_done", "logistics_delivery_failed")
_EVENTS = (
    ("arranged", "ORDER_CREATED", "The shipment has been arranged."),
    ("not_collected", "PICKUP_RETRY", "The courier did not pick the parcel up."),
    ("collected", "PICKED_UP", "The parcel has been picked up by the courier."),
    ("delivered", "DELIVERED", "The parcel has been delivered."),
)
_ENDS = {
    "lost": ("LOST", "The parcel has been lost."),
    "sent_back": ("RETURNED", "The parcel goes back to the seller."),
    "not_collected": ("FAILED_PICKED_UP", "The parcel was not picked up."),
}


def _not_there() -> Failure:
    return Failure("logistics.invalid_error", "The order is not exist.")


def number(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_tracking_number: "" while the courier has not answered"""
    order = find(call, call.given.text("order_sn"), _not_there)
    check_package(order, call.given)
    optional = call.given.listed("response_optional_fields")
    return {**_number(order), **{name: "" for name in _OPTIONAL if name in optional}}


def numbers(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_mass_tracking_number"""
    found, failed = [], []
    for one in call.given.objects("package_list", 50):
        package = one.text("package_number")
        order = call.book.holder(call.of_shop, package)
        if order is None:
            refusal = Failure("logistics.package_not_exist", "The package is not exist.")
            failed.append(failed_package(package, refusal))
        else:
            found.append({"package_number": package, **_number(order)})
    return {"success_list": found, "fail_list": failed}


def _number(order: Purchase) -> dict[str, Any]:
    given = tracking_number(order)
    hint = "" if given else "The tracking number is not generated yet, please try again later."
    return {"tracking_number": given, "hint": hint, "pickup_code": ""}


def info(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_tracking_info"""
    order = find(call, call.given.text("order_sn"), _not_there)
    check_package(order, call.given)
    if "arranged" not in order.times:
        raise Failure(
            "logistics.error_status_limit", "The order status does not support tracking yet."
        )
    return {
        "order_sn": order.order_id,
        "package_number": order.parcel.parcel_id,
        "logistics_status": parcel_status(order),
        "tracking_info": _events(order),
    }


def _events(order: Purchase) -> list[dict[str, Any]]:
    """Newest first."""
    events = [(order.times[name], status, text) for name, status, text in _EVENTS if name in order.times]  # fmt: skip
    if order.parcel.fate in _ENDS:
        events.append((order.times.get("cancelled", 0), *_ENDS[order.parcel.fate]))
    return [
        {"update_time": moment, "description": text, "logistics_status": status, "return_code": ""}
        for moment, status, text in reversed(events)
    ]


def update_status(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/update_tracking_status: for three channels of BR; elsewhere it fails

    The failure looks like a success: only ``update_result`` tells.
    """
    order_sn = call.given.text("order_sn")
    call.given.one_of("logistics_status", _UPDATES)
    find(call, order_sn, _not_there)
    call.witness(order_sn, "deliver", "the channel does not take tracking updates")
    return {"update_result": "failed"}
