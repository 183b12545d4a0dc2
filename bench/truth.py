"""What the printed table (docs/tabs.md) promises for an order as the sandbox tells it.

Written from the table alone, so that it can bear witness against ``rules.tabs``.
"""

from __future__ import annotations

from typing import Any

TABS = {
    "unpaid": "unpaid UNPAID",
    "new-order": "pending repacked READY_TO_SHIP AWAITING_SHIPMENT",
    "to-process": "packed RETRY_SHIP PARTIALLY_SHIPPING",
    "to-ship": "ready_to_ship_pending ready_to_ship PROCESSED AWAITING_COLLECTION",
    "shipped": "shipped SHIPPED IN_TRANSIT",
    "delivered": "delivered DELIVERED TO_CONFIRM_RECEIVE TO_RETURN",
    "completed": "confirmed COMPLETED",
}
"""Tab → the words of all channels that stand under it, in the order of an order's way."""
_PLACE = {word: place for place, words in enumerate(TABS.values()) for word in words.split()}
_NAMES = tuple(TABS)


def expected_tab(truth: dict[str, Any], *, packed_here: bool, delivered_here: bool) -> str:
    """The tab for an order of ``GET /orders``, with the marks that are ours alone."""
    words = truth["status"].split(",")
    live = [_PLACE[word] for word in words if word in _PLACE]
    if truth["cancel_requested"] and (live or "IN_CANCEL" in words):
        return "to-cancel"
    if truth["return_waits_for_seller"]:
        return "to-return"
    places = {_NAMES[place] for place in live}
    if truth["seller_delivers"] and places & {"to-ship", "shipped"}:
        return "delivered" if delivered_here else "self-deliver"
    if not live:
        return "others"
    tab = _NAMES[min(live)]
    return "to-process" if tab == "new-order" and packed_here else tab
