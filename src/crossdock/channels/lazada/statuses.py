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
