"""Correcting the tracking number of a parcel that the seller sent: within 72 hours, and once."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.stand import now
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.packages import NOT_OF_SHOP, holder
from crossdock_sandbox.tiktok.shipping import BAD_PARAMETER, CANCELLED, DELIVERED, checked_number
from crossdock_sandbox.world.purchases import Purchase, Step

_SECONDS = 72 * 3600
_REFUSALS = {
    Step.HELD: Failure(21011044, "The order is on hold."),
    Step.TO_SHIP: Failure(21011043, "The order is not shipped yet."),
    Step.DELIVERED: DELIVERED,
    Step.COMPLETED: DELIVERED,
    Step.CANCELLED: CANCELLED,
}


def of_order(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/orders/{order_id}/shipping_info/update"""
    order = call.book.order(call.of_shop, call.ids["order_id"])
    return _update(call, order if order and order.paid_at else None, call.body)


def of_package(call: Call) -> dict[str, Any]:
    """/fulfillment/{v}/packages/{package_id}/shipping_info/update: 202610 wraps it in a list"""
    order, asked = holder(call, call.ids["package_id"]), call.body
    if call.version == "202610":
        given = Fields(call.body.values, BAD_PARAMETER).objects("shipping_info_list", 1)
        if not given:
            raise Failure(BAD_PARAMETER, "Invalid parameter: shipping_info_list is required")
        asked = given[0]
    return _update(call, order, asked)


def _update(call: Call, order: Purchase | None, asked: Fields) -> dict[str, Any]:
    try:
        if order is None:
            raise NOT_OF_SHOP
        _check(order)
        number, courier = checked_number(call, order, Fields(asked.values, BAD_PARAMETER))
    except Failure as failure:
        call.witness(order.order_id if order else "", "renumber", str(failure.code))
        raise
    order.parcel.tracking, order.parcel.provider = number, courier
    for one in call.book.together(order):
        one.times["renumbered"] = int(time.time())
        one.touch(now())
        call.witness(one.order_id, "renumber")
        call.book.save(one)
    return {}


def _check(order: Purchase) -> None:
    if order.step in _REFUSALS:
        raise _REFUSALS[order.step]
    if not order.seller_delivers:
        raise Failure(21011004, "The order was not shipped by the seller.")
    if "renumbered" in order.times:
        raise Failure(21011051, "The tracking number was changed once already.")
    if time.time() - order.times.get("arranged", 0) > _SECONDS:
        raise Failure(21011050, "The tracking number can be changed within 72 hours only.")
