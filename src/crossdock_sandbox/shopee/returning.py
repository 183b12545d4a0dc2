"""How a return goes on: by the seller's answer, the buyer, Shopee, or a deadline.

Shopee publishes its flow as a picture only. Here: a request becomes a refund (ACCEPTED), or goods
that travel back first (PROCESSING); an offer waits for the buyer; a dispute is judged. A refund
before the buyer has confirmed the order completes it; a return that ends without one leaves it at
its step.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crossdock_sandbox.world.purchases import Purchase, Refund, Step

STATUSES = {
    "requested": "REQUESTED",
    "offered": "REQUESTED",
    "awaiting_buyer": "PROCESSING",
    "returning": "PROCESSING",
    "buyer_shipped": "PROCESSING",
    "disputed": "SELLER_DISPUTE",
    "judging": "JUDGING",
    "accepted": "ACCEPTED",
    "rejected": "CLOSED",
    "cancelled": "CANCELLED",
}
"""``status`` of our states. ``buyer_shipped``: the goods are back with the seller."""
_HOURS = {
    "requested": 48,
    "offered": 24,
    "awaiting_buyer": 24,
    "returning": 48,
    "buyer_shipped": 48,
    "disputed": 24,
    "judging": 48,
}
"""How long a state lasts when nobody does anything. The real ones are told per return."""
_COMPENSATION_HOURS = 48


def requests(order: Purchase) -> list[Refund]:
    """Every return of an order, the earlier ones first."""
    return [*order.earlier_refunds, *([order.refund] if order.refund else [])]


def refund_of_request(order: Purchase) -> Decimal:
    """``refund_amount`` of a whole return: what the buyer paid for the goods."""
    return max(order.goods - order.voucher_seller - order.voucher_platform, Decimal(0))


def refund_amount(order: Purchase, refund: Refund) -> Decimal:
    """What the buyer gets back: all, or what was agreed."""
    agreed = refund.more.get("amount")
    return refund_of_request(order) if agreed is None else Decimal(agreed)


def enter(order: Purchase, refund: Refund, state: str, now: datetime) -> None:
    """Bring a return to a state; its next deadline counts from now."""
    _step(order, refund, state, now, now)


def agree(order: Purchase, refund: Refund, solution: str, amount: Decimal, now: datetime) -> None:
    """Seller and buyer agree on a solution: RETURN_REFUND or REFUND."""
    enter(order, refund, _agreed(refund, solution, amount), now)


def pass_return_deadlines(order: Purchase, present: datetime, gone: timedelta) -> None:
    """Everything that came due: several steps one after the other, where much time has passed."""
    refund = order.refund
    if refund and refund.more.get("proof_due"):
        refund.more["proof_due"] -= int(gone.total_seconds())
    while refund and refund.state in _HOURS and refund.due <= present:
        state = _BY_ITSELF[refund.state](order, refund)
        _step(order, refund, state, refund.due, present)
    if refund and refund.more.get("compensation") == "REQUESTED" and refund.due <= present:
        refund.more["compensation"] = "APPROVED" if _for_seller(order) else "REJECTED"
        _changed(order, refund, present)


def send_goods_on(order: Purchase, now: datetime) -> bool:
    """The buyer hands the goods over, or they arrive; False where none have to travel."""
    refund = order.refund
    if refund is None or refund.state not in ("awaiting_buyer", "returning"):
        return False
    _step(order, refund, _BY_ITSELF[refund.state](order, refund), now, now)
    return True


def ask_for_compensation(order: Purchase, refund: Refund, now: datetime) -> None:
    """The seller disputes a return that is refunded already."""
    refund.more["compensation"] = "REQUESTED"
    refund.due = now + timedelta(hours=_COMPENSATION_HOURS)
    _changed(order, refund, now)


def withdraw_compensation(order: Purchase, refund: Refund, now: datetime) -> None:
    """The seller takes that back."""
    refund.more["compensation"] = "CANCELLED"
    _changed(order, refund, now)


def _step(order: Purchase, refund: Refund, state: str, since: datetime, now: datetime) -> None:
    refund.state = state
    refund.due = since + timedelta(hours=_HOURS.get(state, 0))
    refund.more.setdefault("times", {})[state] = int(now.timestamp())
    _changed(order, refund, now)
    if state == "accepted" and order.step in (Step.SHIPPED, Step.DELIVERED):
        order.move(Step.COMPLETED, now)


def _changed(order: Purchase, refund: Refund, now: datetime) -> None:
    refund.updated_at = now
    order.touch(now)


def _agreed(refund: Refund, solution: str, amount: Decimal) -> str:
    refund.more |= {"solution": solution, "amount": str(amount), "negotiation": "TERMINATED"}
    return "awaiting_buyer" if solution == "RETURN_REFUND" else "accepted"


def _decide_for_buyer(_: Purchase, refund: Refund) -> str:
    """The seller did not answer in time: the refund goes through, after the goods where they go back."""
    if refund.more.get("negotiation"):
        refund.more["negotiation"] = "TERMINATED"
    return "awaiting_buyer" if refund.goods_back else "accepted"


def _answer_offer(order: Purchase, refund: Refund) -> str:
    """Two buyers of three take an offer; the third asks for something between it and all, once."""
    offer: dict[str, Any] = refund.more["offer"]
    if _for_seller(order) and "countered" not in refund.more:
        half = (Decimal(offer["amount"]) + refund_of_request(order)) / 2
        counter = {"solution": "REFUND", "amount": str(half.quantize(Decimal("0.01")))}
        refund.more |= {
            "countered": True, "offer": counter, "offer_by": "BUYER", "negotiation": "PENDING_RESPOND",
        }  # fmt: skip
        return "requested"
    return _agreed(refund, offer["solution"], Decimal(offer["amount"]))


def _send_goods(order: Purchase, refund: Refund) -> str:
    refund.more["tracking"] = f"SPXRT{order.order_id[-8:]}MY"
    return "returning"


def _judge(order: Purchase, _: Refund) -> str:
    """Shopee decides between buyer and seller."""
    return "rejected" if _for_seller(order) else "accepted"


def _for_seller(order: Purchase) -> bool:
    """A third of all buyers: where it could go either way, it is known from the start."""
    return order.buyer.number % 3 == 0


_BY_ITSELF: dict[str, Callable[[Purchase, Refund], str]] = {
    "requested": _decide_for_buyer,
    "offered": _answer_offer,
    "awaiting_buyer": _send_goods,
    "returning": lambda _, __: "buyer_shipped",
    "buyer_shipped": lambda _, __: "accepted",
    "disputed": lambda _, __: "judging",
    "judging": _judge,
}
