"""What Shopee decides by itself when time passes."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from crossdock_sandbox.shopee.returning import pass_return_deadlines
from crossdock_sandbox.world.purchases import Purchase, Step

_SHIP_WITHIN = timedelta(days=3)
"""After the days to ship are over: then the platform cancels (MY)."""


def pass_deadlines(order: Purchase, present: datetime, gone: timedelta) -> None:
    """Everything that came due in the time that has passed until now."""
    _finish_documents(order)
    due = order.ship_by + _SHIP_WITHIN
    if order.step in (Step.TO_SHIP, Step.RETRY) and due <= present < due + gone:
        if order.step is Step.RETRY:
            order.parcel.fate = "not_collected"
        order.cancel(present, who="SYSTEM", reason="Not Shipped On Time")
    pass_return_deadlines(order, present, gone)


def _finish_documents(order: Purchase) -> None:
    """Waybills that were being made are made."""
    present = time.time()
    documents = order.more.get("documents", {})
    for kind, ready in documents.items():
        documents[kind] = min(ready, present)
