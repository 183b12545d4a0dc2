"""Arranging the shipment of packages: one, many, and what only other regions may do."""

from __future__ import annotations

import re
from typing import Any

from crossdock_sandbox.stand import now
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.packages import NOT_OF_SHOP, holders
from crossdock_sandbox.tiktok.places import PROVIDERS
from crossdock_sandbox.world.purchases import Purchase, Step

BAD_PARAMETER = 21001001
MOST = 50
"""Packages of one batch; the platform's own maximum is not published."""
_NUMBER = re.compile(r"[A-Za-z0-9\-_./]{4,50}")
_ON_HOLD = Failure(21011044, "The order is on hold.")
CANCELLED = Failure(21011041, "The order is cancelled.")
DELIVERED = Failure(21011027, "The package is already delivered.")
_REFUSALS = {
    Step.UNPAID: NOT_OF_SHOP,
    Step.HELD: _ON_HOLD,
    Step.ARRANGED: Failure(21011020, "The package is already shipped."),
    Step.SHIPPED: Failure(21011020, "The package is already shipped."),
    Step.DELIVERED: DELIVERED,
    Step.COMPLETED: DELIVERED,
    Step.CANCELLED: CANCELLED,
}


def ship(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/{package_id}/ship"""
    _ship(call, call.ids["package_id"], call.body)
    return {}


def ship_many(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/ship: what failed stands in ``errors``, else there is none"""
    wanted = Fields(call.body.values, BAD_PARAMETER).objects("packages", MOST)
    if not wanted:
        raise Failure(BAD_PARAMETER, "Invalid parameter: packages is required")
    errors = []
    for one in wanted:
        package_id = one.text("id")
        try:
            _ship(call, package_id, one)
        except Failure as failure:
            errors.append(package_error(failure, package_id))
    return {"errors": errors} if errors else {}


def package_error(failure: Failure, package_id: str) -> dict[str, Any]:
    """One of ``data.errors`` of a batch call."""
    return {
        "code": failure.code,
        "message": failure.message,
        "detail": {"package_id": package_id},
    }


def _ship(call: Call, package_id: str, asked: Fields) -> None:
    """Arrange the shipment of a package: of every order in it."""
    orders = holders(call, package_id)
    try:
        if not orders:
            raise NOT_OF_SHOP
        tracking, provider = _how(call, orders[0], Fields(asked.values, BAD_PARAMETER))
        for order in orders:
            _check_step(call, order)
    except Failure as failure:
        for order_id in [order.order_id for order in orders] or [""]:
            call.witness(order_id, "ship", str(failure.code))
        raise
    number = tracking or orders[0].parcel.tracking
    call.book.arrange(orders[0], tracking=number, provider=provider)
    for order in orders:
        order.settle(now(), at_once=True)
        order.move(Step.ARRANGED, now())
        call.witness(order.order_id, "ship")
        call.book.save(order)


def _how(call: Call, order: Purchase, asked: Fields) -> tuple[str, str]:
    """(tracking number, courier) of the seller's own shipment; with the platform's, nothing.

    ``handover_method`` and ``pickup_slot`` are ignored in these markets.
    """
    asked.one_of("handover_method", ("PICKUP", "DROP_OFF"), "")
    if slot := asked.object("pickup_slot"):
        slot.integer("start_time"), slot.integer("end_time")
    own = asked.object("self_shipment")
    if not order.seller_delivers:
        return "", ""
    if own is None:
        raise asked.refused("self_shipment", "is required: the seller ships this package")
    return checked_number(call, order, own)


def checked_number(call: Call, order: Purchase, own: Fields) -> tuple[str, str]:
    """(tracking number, courier's name) of a seller's shipment."""
    number, provider = own.text("tracking_number"), own.text("shipping_provider_id")
    if provider not in PROVIDERS:
        raise Failure(21004012, "The shipping provider is invalid.")
    if not _NUMBER.fullmatch(number):
        raise Failure(21011022, "The tracking number is invalid.")
    for other in call.book.orders.values():
        if other.parcel.tracking == number and other.parcel is not order.parcel:
            raise Failure(21011025, "The tracking number is used already.")
    return number, PROVIDERS[provider]


def _check_step(call: Call, order: Purchase) -> None:
    if order.cancel_id:
        raise Failure(21011007, "A line has an open cancellation request: answer that first.")
    again = order.step is Step.ARRANGED and call.book.stand.takes_duplicates("tiktok")
    if order.step in _REFUSALS and not again:
        raise _REFUSALS[order.step]


def mark(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/orders/{order_id}/packages: not in these regions"""
    raise _wrong_region(call, "ship")


def create_packages(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages: not in these regions"""
    raise _wrong_region(call, "pack")


def services(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/orders/{order_id}/shipping_services/query: not in these regions"""
    raise Failure(21008106, f"The region {call.seller.region} does not support this call.")


def _wrong_region(call: Call, effect: str) -> Failure:
    failure = Failure(21008106, f"The region {call.seller.region} does not support this call.")
    order_id = call.ids.get("order_id", "") or call.body.text("order_id", "")
    call.witness(order_id, effect, str(failure.code))
    return failure
