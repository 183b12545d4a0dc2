"""Several orders that a code fits, as a page offers them."""

from __future__ import annotations

from typing import Any

from crossdock.orders.find import Found


def told_choice(found: Found) -> dict[str, Any]:
    """One of them, for the page's script."""
    order = found.order
    return {
        "order": order.pk,
        "id": order.channel_order_id,
        "store": order.store.name,
        "units": order.units,
    }
