"""What a row of the list shows of an order, as a short mark: it changes when the row would look different."""

from __future__ import annotations

import zlib

from crossdock.orders.models import Order

FIELDS = (
    "tab", "status", "shipment_provider", "units", "buyer_total", "ship_by", "cancel_requested", "cancel_deadline",
    "return_open", "return_deadline", "printed_count", "verified_at", "address_changed_at", "archived",
    "posted_fingerprint", "our_note", "lines_known", "problem", "delivered_here_at",
)  # fmt: skip
"""Columns of an order that a row shows, one way or another."""


def version_of(order: Order) -> str:
    """The mark of an order as it is now."""
    told = "|".join(str(getattr(order, name)) for name in FIELDS)
    return f"{zlib.crc32(told.encode()):08x}"
