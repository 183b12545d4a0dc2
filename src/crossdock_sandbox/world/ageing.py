"""Time and orders of Lazada's kind: steps that take a while, deadlines, and hours let pass at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from crossdock_sandbox.world import returning
from crossdock_sandbox.world.orders import Item, Order

_NEXT = {
    "unpaid": ("canceled", 24.0),
    "ready_to_ship": ("shipped", 12.0),
    "shipped": ("delivered", 48.0),
    "delivered": ("confirmed", 168.0),
    "failed_delivery": ("shipped_back", 24.0),
    "shipped_back": ("shipped_back_success", 120.0),
}
"""Status → what it becomes by itself, and after how many hours."""

_TOO_LATE = timedelta(days=14)
"""So long after its ship-by time, what was never handed over is cancelled by the platform."""


def wakes_at(order: Order) -> float:
    """Unix time at which something happens to an order by itself; infinity: nothing will."""
    moments = [package.ready_at for package in order.packages.values() if package.ready_at]
    for reverse in order.reversals:
        for line in reverse.lines:
            if line.done_at:
                moments.append(line.done_at)
            if line.next_at is not None:
                moments.append(line.next_at.timestamp())
    return min(moments, default=float("inf"))


def settle(order: Order, now: datetime, *, at_once: bool = False) -> bool:
    """Let what is due happen; whether something did. ``at_once``: also what still runs, no deadlines."""
    booked = order.book_couriers(now, at_once=at_once)
    return returning.settle(order, now, at_once=at_once) or booked


def pass_hours(order: Order, now: datetime, gone: timedelta) -> bool:
    """What couriers, buyers and deadlines do in so much time, stamped with now; whether they did."""
    before = order.updated_at, [item.status for item in order.items]
    settled = settle(order, now, at_once=True)
    order.ship_by -= gone
    for reverse in order.reversals:
        for line in reverse.lines:
            if line.next_at is not None:
                line.next_at -= gone
                line.sla -= gone
    settled = settle(order, now, at_once=True) or settled
    for item in order.items:
        _walk(order, item, now, gone.total_seconds() / 3600)
    if now - order.ship_by > _TOO_LATE:
        late = [item for item in order.items if item.status in ("pending", "repacked", "packed")]
        order.cancel(late, now, who="cancellation-internal", reason="Not shipped in time")
    return settled or before != (order.updated_at, [item.status for item in order.items])


def _walk(order: Order, item: Item, now: datetime, hours: float) -> None:
    """Bring an item as far on its way as these hours allow."""
    while item.status in _NEXT and not _stays(order, item):
        status, takes = _NEXT[item.status]
        if hours < takes:
            return
        hours -= takes
        if status == "canceled":
            item.initiator, item.reason = "system-cancel", "Payment time-out"
        order.move([item], status, now)


def _stays(order: Order, item: Item) -> bool:
    """Whether time alone does not bring it on: the seller brings it, or a request is open."""
    if item.status == "ready_to_ship":
        return item.sof or order.is_asked(item)
    return item.status == "delivered" and order.open_line(item) is not None
