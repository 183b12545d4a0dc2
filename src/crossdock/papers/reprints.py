"""Which of the chosen orders have their AWB printed already, when last, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crossdock.companies.models import Person
from crossdock.orders.models import Order


@dataclass(frozen=True, slots=True)
class Reprint:
    """An order whose label lies somewhere already."""

    order_id: str
    times: int
    last_at: datetime | None
    person: str
    """Who printed it last; "" where that is not known."""


def printed_before(orders: Sequence[Order], since: datetime | None = None) -> list[Reprint]:
    """Those of these orders that were printed before, in the order given; one query for all. ``since``:
    only those printed again after this moment."""
    printed = [
        order
        for order in orders
        if order.printed_count and (not since or not order.printed_at or order.printed_at > since)
    ]
    people = Person.objects.in_bulk({order.printed_by_id for order in printed} - {None})
    return [
        Reprint(
            order.channel_order_id,
            order.printed_count,
            order.printed_at,
            str(people.get(order.printed_by_id, "")),
        )
        for order in printed
    ]
