"""What a seller with a fleet of his own reports: delivered, not delivered, proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock_sandbox.stand import now
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.packages import NOT_OF_SHOP, holders
from crossdock_sandbox.tiktok.shipping import (
    BAD_PARAMETER,
    CANCELLED,
    DELIVERED,
    MOST,
    package_error,
)
from crossdock_sandbox.world.purchases import Purchase, Step

_TYPES = ("DELIVERY_SUCCESS", "DELIVERY_FAILED", "UPDATE_POD")
_REASONS = (
    "INVALID_ADDRESS", "UNABLE_RECEIVE", "UNABLE_CONTACT_BUYER", "BUYER_REFUSED", "DELAY_DELIVERY",
    "PACKAGE_LOST", "PACKAGE_DAMAGE", "FORCE_MAJEURE", "OTHER",
)  # fmt: skip
_ENDS = {"BUYER_REFUSED": "sent_back", "PACKAGE_LOST": "lost", "PACKAGE_DAMAGE": "damaged"}
"""The failures after which nobody tries again, and the parcel's fate."""
_KEYS = {"sent_back": "Failed Delivery", "lost": "package_lost", "damaged": "package_damaged"}
_ON_THE_WAY = (Step.ARRANGED, Step.SHIPPED)


def deliver(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/deliver"""
    wanted = Fields(call.body.values, BAD_PARAMETER).objects("packages", MOST)
    if not wanted:
        raise Failure(BAD_PARAMETER, "Invalid parameter: packages is required")
    errors = []
    for one in wanted:
        package_id = one.text("id")
        orders = holders(call, package_id)
        try:
            _deliver(call, orders, one)
        except Failure as failure:
            for order_id in [order.order_id for order in orders] or [""]:
                call.witness(order_id, "deliver", str(failure.code))
            errors.append(package_error(failure, package_id))
    return {"errors": errors} if errors else {}


def _deliver(call: Call, orders: Sequence[Purchase], asked: Fields) -> None:
    """The parcel's fate is that of every order in it."""
    kind = asked.one_of("delivery_type", _TYPES)
    reason = asked.one_of("fail_delivery_reason", _REASONS, "")
    asked.one_of("file_type", ("IMG", "PDF"), "")
    if kind == "DELIVERY_FAILED" and not reason:
        raise asked.refused("fail_delivery_reason", "is required")
    if not orders:
        raise NOT_OF_SHOP
    for order in orders:
        if not order.seller_delivers:
            raise Failure(10007014, "The order is not shipped by the seller's own fleet.")
        _check(order, kind)
    for order in orders:
        _happen(order, kind, reason)
        call.witness(order.order_id, "deliver")
        call.book.save(order)


def _check(order: Purchase, kind: str) -> None:
    if order.step is Step.CANCELLED:
        raise CANCELLED
    if kind == "UPDATE_POD":
        if order.step not in (Step.DELIVERED, Step.COMPLETED):
            raise Failure(21011003, "The package is not delivered yet.")
    elif order.step in (Step.DELIVERED, Step.COMPLETED):
        raise DELIVERED
    elif order.step not in _ON_THE_WAY:
        raise Failure(21011043, "The order is not shipped yet.")


def _happen(order: Purchase, kind: str, reason: str) -> None:
    if kind == "DELIVERY_SUCCESS":
        order.times.setdefault("collected", int(now().timestamp()))
        order.move(Step.DELIVERED, now())
    elif reason in _ENDS:
        order.parcel.fate = _ENDS[reason]
        order.cancel(now(), who="SYSTEM", reason=_KEYS[order.parcel.fate])
    elif reason:
        order.times["attempted"] = int(now().timestamp())
