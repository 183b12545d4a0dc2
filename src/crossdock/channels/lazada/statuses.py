"""Lazada's item statuses → our stages. An item is a unit; an order has no status of its own."""

from collections.abc import Mapping
from types import MappingProxyType

from crossdock.rules.facts import Stage

WORDS: Mapping[str, Stage] = MappingProxyType(
    {
        "unpaid": Stage.UNPAID,
        "pending": Stage.TO_PACK,
        "topack": Stage.TO_PACK,
        "repacked": Stage.TO_PACK,
        "packed": Stage.PACKED,
        "toship": Stage.PACKED,
        "ready_to_ship_pending": Stage.READY,
        "ready_to_ship": Stage.READY,
        "shipped": Stage.SHIPPED,
        "shipping": Stage.SHIPPED,
        "delivered": Stage.DELIVERED,
        "confirmed": Stage.COMPLETED,
        "canceled": Stage.CANCELLED,
        "cancelled": Stage.CANCELLED,
        "returned": Stage.RETURNED,
        "failed": Stage.FAILED,
        "failed_delivery": Stage.FAILED,
        "shipped_back": Stage.FAILED,
        "shipped_back_success": Stage.FAILED,
        "shipped_back_failed": Stage.FAILED,
        "lost": Stage.FAILED,
        "lost_by_3pl": Stage.FAILED,
        "damaged_by_3pl": Stage.FAILED,
        "package_scrapped": Stage.FAILED,
    }
)
"""Old names (``shipping``, ``lost``, ``failed``) still come from old orders."""

SCANS: Mapping[str, Stage] = MappingProxyType(
    {
        "damage_by_3pl": Stage.FAILED,
        "deliver_failed": Stage.FAILED,
        "on_the_way_back_to_shipper": Stage.FAILED,
        "info_st_domestic_delivery_failed": Stage.FAILED,
        "info_st_domestic_return_at_transit_hub": Stage.FAILED,
        "info_st_domestic_return_with_last_mile_3pl": Stage.FAILED,
        "info_st_domestic_back_to_shipper": Stage.FAILED,
        "info_st_domestic_package_return_attempt_failed": Stage.FAILED,
        "info_st_domestic_package_return_failed_pickup_pending": Stage.FAILED,
        "info_st_domestic_package_returned_failed": Stage.FAILED,
        "info_st_domestic_package_returned": Stage.RETURNED,
        "info_st_domestic_warehouse_returned": Stage.RETURNED,
        "info_st_domestic_shipper_received": Stage.RETURNED,
        "info_st_domestic_pickup_sign_in_success": Stage.SHIPPED,
        "info_st_domestic_sc_sign_in_success": Stage.SHIPPED,
        "info_st_domestic_ib_success_first_mile_hub": Stage.SHIPPED,
        "info_st_domestic_ob_success_first_mile_hub": Stage.SHIPPED,
        "info_st_domestic_ib_success_in_sort_center": Stage.SHIPPED,
        "info_st_domestic_ob_success_in_sort_center": Stage.SHIPPED,
        "info_st_domestic_package_stationed_in": Stage.SHIPPED,
        "info_st_domestic_package_stationed_out": Stage.SHIPPED,
        "info_st_domestic_out_for_delivery": Stage.SHIPPED,
        "info_st_domestic_1st_attempt_failed": Stage.SHIPPED,
        "info_st_domestic_redelivery": Stage.SHIPPED,
    }
)
"""Words of the courier's scans, which Lazada documents for its push messages alone, and which orders and
items were seen to carry all the same: on the way out they say no more than "shipped", on the way back
that the item will not reach the buyer. One that is not here is unknown: nobody knows which way the
parcel goes."""


def stage_of(word: str) -> Stage:
    """Where an item with this word stands, in small letters or large ones."""
    known = word.lower()
    return WORDS.get(known) or SCANS.get(known, Stage.UNKNOWN)
