"""How a buyer's return or refund request goes on: by the seller's answer, the buyer, or a deadline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from crossdock_sandbox.tiktok.money import sub_total
from crossdock_sandbox.world.purchases import Purchase, Refund

STATUSES = {
    "requested": "RETURN_OR_REFUND_REQUEST_PENDING",
    "offered": "AWAITING_BUYER_RESPONSE",
    "awaiting_buyer": "AWAITING_BUYER_SHIP",
    "buyer_shipped": "BUYER_SHIPPED_ITEM",
    "refused_goods": "REJECT_RECEIVE_PACKAGE",
    "accepted": "RETURN_OR_REFUND_REQUEST_SUCCESS",
    "paid": "RETURN_OR_REFUND_REQUEST_COMPLETE",
    "rejected": "REFUND_OR_RETURN_REQUEST_REJECT",
    "cancelled": "RETURN_OR_REFUND_REQUEST_CANCEL",
}
"""``return_status`` of our states."""
_HOURS = {
    "requested": 48,
    "offered": 24,
    "awaiting_buyer": 24,
    "buyer_shipped": 72,
    "refused_goods": 72,
    "accepted": 1,
}
"""How long a state lasts when nobody does anything. The platform's own hours differ by market."""


def enter(order: Purchase, refund: Refund, state: str, now: datetime, *, who: str) -> None:
    """Bring a request to a state; its next deadline counts from now."""
    _step(refund, state, now, now, who)
    order.touch(now)


def goods_sent_back(order: Purchase, now: datetime) -> bool:
    """The buyer hands the goods of an approved return to a courier; False where none is awaited."""
    refund = order.refund
    if refund is None or refund.state != "awaiting_buyer":
        return False
    state, who = _send_goods(order, refund)
    enter(order, refund, state, now, who=who)
    return True


def pass_return_deadlines(order: Purchase, present: datetime) -> None:
    """Everything that came due: several steps one after the other, where much time has passed."""
    refund = order.refund
    while refund and refund.state in _HOURS and refund.due <= present:
        state, who = _BY_ITSELF[refund.state](order, refund)
        _step(refund, state, refund.due, present, who)
        order.touch(present)


def refund_amount(order: Purchase, refund: Refund) -> Decimal:
    """What the buyer gets back: the goods of the request, or what was agreed."""
    agreed = refund.more.get("amount")
    if agreed is not None:
        return Decimal(agreed)
    chosen = refund.more.get("lines")
    lines = [line for line in order.lines if chosen is None or line.line_id in chosen]
    return sub_total(lines)


def _step(refund: Refund, state: str, since: datetime, now: datetime, who: str) -> None:
    refund.state, refund.updated_at = state, now
    refund.due = since + timedelta(hours=_HOURS.get(state, 0))
    events = refund.more.setdefault("events", [])
    events.append({"event": STATUSES[state], "role": who, "at": int(now.timestamp())})


Next = tuple[str, str]
"""(state, who brought it there)."""


def _decide_for_buyer(_: Purchase, refund: Refund) -> Next:
    """The seller did not answer in time."""
    return ("awaiting_buyer" if refund.goods_back else "accepted"), "SYSTEM"


def _answer_offer(order: Purchase, refund: Refund) -> Next:
    """Two buyers of three take a partial refund; the third wants all, and the seller decides again."""
    if order.buyer.number % 3 == 0:
        refund.more["offer_rejected"] = True
        refund.offer = None
        return refund.more.pop("offered_at", "requested"), "BUYER"
    refund.more["amount"] = str(refund.offer)
    return "accepted", "BUYER"


def _send_goods(order: Purchase, refund: Refund) -> Next:
    refund.more["tracking"] = f"RTN{order.order_id[-10:]}MY"
    return "buyer_shipped", "BUYER"


def _receive_goods(_: Purchase, __: Refund) -> Next:
    """The seller did not look at the package in time."""
    return "accepted", "SYSTEM"


def _arbitrate(order: Purchase, refund: Refund) -> Next:
    """The platform decides between the buyer and the seller that refused the goods."""
    for_seller = order.buyer.number % 3 == 0
    refund.more["arbitration"] = "SUPPORT_SELLER" if for_seller else "SUPPORT_BUYER"
    return ("rejected" if for_seller else "accepted"), "OPERATOR"


def _pay(_: Purchase, __: Refund) -> Next:
    return "paid", "SYSTEM"


_BY_ITSELF: dict[str, Callable[[Purchase, Refund], Next]] = {
    "requested": _decide_for_buyer,
    "offered": _answer_offer,
    "awaiting_buyer": _send_goods,
    "buyer_shipped": _receive_goods,
    "refused_goods": _arbitrate,
    "accepted": _pay,
}
