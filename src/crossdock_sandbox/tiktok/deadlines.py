"""What TikTok Shop decides by itself when time passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crossdock_sandbox.tiktok.returning import pass_return_deadlines
from crossdock_sandbox.world.purchases import Purchase, Step

_SHIP_WITHIN = timedelta(days=3)
"""After the ship-by time: then the platform cancels."""
_DAY = timedelta(days=1)


def shipping_due(order: Purchase) -> datetime:
    """``shipping_due_time``: not shipped by then, the platform cancels it."""
    return order.ship_by + _SHIP_WITHIN


def pass_deadlines(order: Purchase, present: datetime, gone: timedelta) -> None:
    """Everything that came due in the time that has passed until now."""
    due = shipping_due(order)
    if order.step is Step.TO_SHIP and due <= present < due + gone:
        order.cancel(present, who="SYSTEM", reason="system_cancel_shipping_time_out")
    for one in order.cancels:
        if one["state"] == "approved" and gone >= timedelta(hours=1):
            one |= {"state": "paid", "updated": int(present.timestamp())}
    pass_return_deadlines(order, present)
    if order.step is Step.COMPLETED and settled_at(order) is None and gone >= _DAY:
        order.times["settled"] = int(_midnight(present).timestamp())


def settled_at(order: Purchase) -> int | None:
    """Time (Unix seconds) of the statement that holds the order; None while it is not settled.

    Statements are made daily at 00:00 UTC for the day before.
    """
    if order.step is not Step.COMPLETED:
        return None
    completed = order.times.get("completed", int(order.updated_at.timestamp()))
    due = _midnight(datetime.fromtimestamp(completed, UTC)) + _DAY
    if "settled" in order.times:
        return order.times["settled"]
    return int(due.timestamp()) if due <= datetime.now(UTC) else None


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
