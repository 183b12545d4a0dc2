"""TikTok Shop's order and line statuses → our stages."""

from collections.abc import Mapping
from types import MappingProxyType

from crossdock.rules.facts import Stage

WORDS: Mapping[str, Stage] = MappingProxyType(
    {
        "UNPAID": Stage.UNPAID,
        "ON_HOLD": Stage.HELD,
        "AWAITING_SHIPMENT": Stage.TO_PACK,
        "PARTIALLY_SHIPPING": Stage.PACKED,
        "AWAITING_COLLECTION": Stage.READY,
        "IN_TRANSIT": Stage.SHIPPED,
        "DELIVERED": Stage.DELIVERED,
        "COMPLETED": Stage.COMPLETED,
        "CANCELLED": Stage.CANCELLED,
        "CANCEL": Stage.CANCELLED,
    }
)
"""The webhook page spells CANCELLED as CANCEL: both are accepted."""
