"""Shopee's order and package statuses → our stages.

The order's word decides, but while it says READY_TO_SHIP its packages tell whether shipment has
been arranged: ``stage_of`` is where the two meet.
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

_ARRANGED = "LOGISTICS_REQUEST_CREATED"
_DEAD = frozenset({"LOGISTICS_INVALID", "LOGISTICS_REQUEST_CANCELED"})


def stage_of(order_status: str, package_statuses: Iterable[str], *, arranged: bool) -> Stage:
    """The stage of an order: READY_TO_SHIP counts as arranged (To Ship) when Shopee says so,
    or when every live package is REQUEST_CREATED already."""
    stage = WORDS.get(order_status, Stage.UNKNOWN)
    if order_status != "READY_TO_SHIP":
        return stage
    live = [status for status in package_statuses if status not in _DEAD]
    all_created = bool(live) and all(status == _ARRANGED for status in live)
    return Stage.READY if arranged or all_created else stage
