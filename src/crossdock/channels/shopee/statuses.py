"""Shopee's order and package statuses → our stages.

The order's word decides, but while it says READY_TO_SHIP its packages tell whether shipment has
been arranged: ``stage_of`` is where the two meet. How the packages of a split order add up to the
order's word is not documented, so that each part of one goes by its own package: ``stage_in``.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from crossdock.rules.facts import Stage

WORDS: Mapping[str, Stage] = MappingProxyType(
    {
        "UNPAID": Stage.UNPAID,
        "PENDING": Stage.HELD,
        "READY_TO_SHIP": Stage.TO_PACK,
        "INVOICE_PENDING": Stage.HELD,
        "RETRY_SHIP": Stage.PACKED,
        "PROCESSED": Stage.READY,
        "SHIPPED": Stage.SHIPPED,
        "TO_CONFIRM_RECEIVE": Stage.DELIVERED,
        "TO_RETURN": Stage.DELIVERED,
        "COMPLETED": Stage.COMPLETED,
        "IN_CANCEL": Stage.CANCEL_REQUESTED,
        "CANCELLED": Stage.CANCELLED,
    }
)

PACKAGE_WORDS: Mapping[str, Stage] = MappingProxyType(
    {
        "LOGISTICS_READY": Stage.TO_PACK,
        "LOGISTICS_REQUEST_CREATED": Stage.READY,
        "LOGISTICS_PICKUP_RETRY": Stage.PACKED,
        "LOGISTICS_PICKUP_DONE": Stage.SHIPPED,
        "LOGISTICS_DELIVERY_DONE": Stage.DELIVERED,
        "LOGISTICS_INVALID": Stage.CANCELLED,
        "LOGISTICS_REQUEST_CANCELED": Stage.CANCELLED,
        "LOGISTICS_PICKUP_FAILED": Stage.FAILED,
        "LOGISTICS_DELIVERY_FAILED": Stage.FAILED,
        "LOGISTICS_LOST": Stage.FAILED,
    }
)
"""The words that say more of a package than its order does; before them an order's own word counts."""

_ARRANGED = "LOGISTICS_REQUEST_CREATED"
_READY = "LOGISTICS_READY"
_ON_ITS_WAY = frozenset({"READY_TO_SHIP", "RETRY_SHIP", "PROCESSED", "SHIPPED"})
"""While an order says one of these, its packages may stand at different places."""


def is_dead(package_status: str) -> bool:
    """Whether a package will not reach the buyer."""
    return not PACKAGE_WORDS.get(package_status, Stage.UNKNOWN).is_live


def stage_of(order_status: str, package_statuses: Iterable[str], *, arranged: bool) -> Stage:
    """The stage of an order: READY_TO_SHIP counts as arranged (To Ship) when Shopee says so,
    or when every live package is REQUEST_CREATED already."""
    stage = WORDS.get(order_status, Stage.UNKNOWN)
    if order_status != "READY_TO_SHIP":
        return stage
    live = [status for status in package_statuses if not is_dead(status)]
    all_created = bool(live) and all(status == _ARRANGED for status in live)
    return Stage.READY if arranged or all_created else stage


def stage_in(order_status: str, package_status: str, *, arranged: bool, is_split: bool) -> Stage:
    """The stage of what travels in one package of an order.

    ``arranged``: the package's ``is_shipment_arranged``; with READY it means that Shopee has taken
    the shipment, and is making the tracking number.
    """
    of_order = stage_of(order_status, (package_status,), arranged=arranged)
    of_package = PACKAGE_WORDS.get(package_status)
    if of_package is None:
        return of_order
    if order_status == "CANCELLED":
        return of_package if of_package is Stage.FAILED else of_order
    if is_split and order_status in _ON_ITS_WAY:
        return Stage.READY if package_status == _READY and arranged else of_package
    if order_status == "READY_TO_SHIP" and of_package in (Stage.SHIPPED, Stage.DELIVERED):
        # Channels of the seller's own fleet leave the order's word where it was (Brazil).
        return of_package
    return of_order
