"""Which of the chosen orders have their AWB printed already, when last, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crossdock.orders.models import Order
from crossdock.work.models import Attempt, State


@dataclass(frozen=True, slots=True)
class Reprint:
    """An order whose label lies somewhere already."""

    order_id: str
    times: int
    last_at: datetime | None
    person: str
    """Who printed it last; "" where that is not known."""


def printed_before(orders: Sequence[Order]) -> list[Reprint]:
    """Those of these orders that were printed before, in the order given; one query for all."""
    printed = [order for order in orders if order.printed_count]
    if not printed:
        return []
    last = {
        attempt.order_id: str(attempt.person or "")
        for attempt in Attempt.objects.filter(
            order__in=printed, action="print_awb", state=State.DONE
        )
        .order_by("order", "-pk")
        .distinct("order")
        .select_related("person")
    }
    return [
        Reprint(
            order.channel_order_id, order.printed_count, order.printed_at, last.get(order.pk, "")
        )
        for order in printed
    ]
