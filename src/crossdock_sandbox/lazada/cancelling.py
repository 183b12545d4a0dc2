"""Cancellations: by the seller, and asked for by buyers."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.lazada.reverse_reading import CANCEL_REFUSALS
from crossdock_sandbox.stand import now
from crossdock_sandbox.world import returning
from crossdock_sandbox.world import reversals as words
from crossdock_sandbox.world.orders import BEFORE_COURIER, Item, Order
from crossdock_sandbox.world.reversals import CANCEL, Reverse

REASONS = {
    "10000019": "Sourcing Delay",
    "10000021": "Out of Stock",
    "10000023": "Wrong Price or Pricing Error",
}
_TOO_LATE = "These items cannot be cancelled any more."


def validate(call: Call) -> dict[str, Any]:
    """/order/reverse/cancel/validate"""
    _, items = _chosen(call)
    if not can_be_cancelled(items):
        tip = {"tip_content": _TOO_LATE, "tip_type": "error"}
        return {"data": {**tip, "reason_options": []}}
    options = [{"reason_id": key, "reason_name": name} for key, name in REASONS.items()]
    tip = {"tip_content": "Cancelling hurts the shop's rating.", "tip_type": "warning"}
    return {"data": {**tip, "reason_options": options}}


def create(call: Call) -> dict[str, Any]:
    """/order/reverse/cancel/create: the seller cancels"""
    order_id, reason = call.text("order_id"), call.text("reason_id")
    try:
        order, items = _chosen(call)
        if reason not in REASONS:
            raise Failure("104", "E0104: reason is empty or invalid")
    except Failure as failure:
        call.witness(order_id, "cancel", accepted=False, error=failure.code)
        raise
    if not can_be_cancelled(items):
        call.witness(order_id, "cancel", accepted=False, error=_TOO_LATE)
        return {"data": {"tip_content": _TOO_LATE, "tip_type": "error"}}
    call.witness(order_id, "cancel", accepted=True)
    cancel(call, order, items, reason)
    return {"data": {"tip_content": "The items are cancelled.", "tip_type": "success"}}


def cancel(call: Call, order: Order, items: list[Item], reason: str) -> None:
    """Cancel as the seller, for one of the reasons."""
    why = (int(reason), REASONS[reason])
    returning.cancelled_by_seller(order, items, why, now(), call.book.numbers.reverse_id)
    call.book.save(order)


def decide(call: Call) -> dict[str, Any]:
    """/order/reverse/cancel/seller/decide: the seller answers a buyer"""
    agrees = call.text("agree_cancel").lower() == "true"
    effect = "accept_cancel" if agrees else "reject_cancel"
    known = call.book.reverse(call.of_shop, call.text("reverse_order_id"))
    refusal = _no_decision(call, known)
    call.witness(
        known[0].order_id if known else "",
        effect,
        accepted=refusal is None,
        error=refusal.code if refusal else "",
    )
    if refusal is not None or known is None:
        raise refusal or Failure("106", "E0106: ROC internal error")
    order, reverse = known
    if agrees:
        returning.agree_to_cancel(order, reverse, now(), call.book.stand.later("lazada"))
    else:
        returning.close_cancellation(order, now(), "SELLER", words.CANCEL_REJECTED)
    call.book.save(order)
    return {"data": None}


def _no_decision(call: Call, known: tuple[Order, Reverse] | None) -> Failure | None:
    """Why there is nothing to decide. A refusal may come without a reason."""
    reason = call.values.get("reason_code", "")
    if not call.text("reverse_order_id").isdigit():
        return Failure("105", "E0105: reverse order id is empty or invalid")
    if known is None or (reason and reason not in map(str, CANCEL_REFUSALS)):
        return Failure("106", "E0106: ROC internal error")
    waits = any(line.status == words.INITIATED for line in known[1].lines)
    if known[1].kind != CANCEL or not waits:
        return Failure("131", "E0131: no decision for this reverse order")
    return None


def can_be_cancelled(items: list[Item]) -> bool:
    """Whether the courier has none of them yet."""
    return bool(items) and all(item.status in BEFORE_COURIER for item in items)


def _chosen(call: Call) -> tuple[Order, list[Item]]:
    order = call.book.order(call.of_shop, call.text("order_id"))
    wanted = call.structure("order_item_id_list")
    if order is None:
        raise Failure("122", "E0122: invalid trade order")
    if not isinstance(wanted, list) or not wanted:
        raise Failure("102", "E0102: trade order line id is empty or invalid")
    by_id = {str(item.item_id): item for item in order.items}
    unknown = [str(one) for one in wanted if str(one) not in by_id]
    if unknown:
        raise Failure("123", f"E0123: invalid trade order lines {','.join(unknown)}")
    return order, [by_id[str(one)] for one in dict.fromkeys(map(str, wanted))]
