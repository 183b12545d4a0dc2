"""What push messages call things: other words than the calls', and not for every change."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock_sandbox.world import reversals as words
from crossdock_sandbox.world.reversals import CANCEL, RETURN, Reverse, ReverseLine

OF_PACKAGES: Mapping[str, str] = {
    "ready_to_ship_pending": "READY_TO_SHIP_PENDING",
    "ready_to_ship": "READY_TO_SHIP",
    "shipped": "TRANSIT_TO_SHIP",
    "delivered": "DELIVERED",
    "failed_delivery": "DELIVER_FAILED",
    "shipped_back": "ON_THE_WAY_BACK_TO_SHIPPER",
    "shipped_back_success": "INFO_ST_DOMESTIC_BACK_TO_SHIPPER",
    "lost_by_3pl": "LOST_BY_3PL",
    "damaged_by_3pl": "DAMAGE_BY_3PL",
    "package_scrapped": "PACKAGE_SCRAPPED",
}
"""Item status → what message type 14 says of its package."""

_OF_CANCELLATIONS = {words.INITIATED: "CANCEL_INIT", words.CANCELLED: "CANCEL_SUCCESS"}
_OF_RETURNS = {
    words.INITIATED: "RTM_INIT",
    words.WITHDRAWN: "RTM_CANCELED",
    words.REFUSED: "RTM_CANCELED",
    words.SENT_BACK: "RTM_SHIPPING_BACK",
    words.INSPECTING: "RTM_RECEIVE_ITEM",
}
_OF_REFUNDS = {
    words.INITIATED: "REFUND_INIT",
    words.DISPUTED: "REFUND_PENDING",
    words.PAYING: "REFUND_PENDING",
    words.PAID: "REFUND_SUCCESS",
    words.NOT_PAID: "REFUND_REJECTED",
}


def of_reverse(reverse: Reverse, line: ReverseLine) -> str:
    """What message type 10 says of a request's line; "" where nothing is pushed."""
    if reverse.kind == CANCEL:
        return _OF_CANCELLATIONS.get(line.status, "")
    if reverse.kind == RETURN:
        arrived = line.status == words.SENT_BACK and line.ofc_status == words.ARRIVED
        return "RTM_RECEIVE_ITEM" if arrived else _OF_RETURNS.get(line.status, "")
    return _OF_REFUNDS.get(line.status, "")
