"""The channels' newest JSON of orders, compressed, beside the rows that lists read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime

from crossdock.orders.models import Order, RawOrder


def raws_of(orders: Iterable[Order]) -> dict[int, bytes]:
    """Order pk → the channel's newest JSON of it; those of which none is kept are left out."""
    rows = RawOrder.objects.filter(order__in=[order.pk for order in orders])
    return {row.order_id: zlib.decompress(row.body) for row in rows}


def keep_raw(raws: Iterable[tuple[Order, bytes]], fetched_at: datetime) -> None:
    """Keep what the channel sent of these orders; in the caller's transaction."""
    RawOrder.objects.bulk_create(
        [
            RawOrder(
                company_id=order.company_id,
                order=order,
                body=zlib.compress(raw, 1),
                fetched_at=fetched_at,
            )
            for order, raw in raws
            if raw
        ],
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["body", "fetched_at"],
    )
