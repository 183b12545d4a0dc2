"""Cancellations: the seller's own, and his answer to the buyer's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.listing import item_id, model_id
from crossdock_sandbox.shopee.orders import find
from crossdock_sandbox.shopee.package_json import can_cancel
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.purchases import Line, Purchase

_REASONS = ("OUT_OF_STOCK", "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA", "COD_NOT_SUPPORTED")


def cancel(call: Call) -> dict[str, Any]:
    """/api/v2/order/cancel_order: of the whole order, before it is collected"""
    order_sn = call.given.text("order_sn")
    try:
        reason = _reason(call)
        order = find(call, order_sn)
        if reason == "OUT_OF_STOCK":
            chosen(order, call.given.objects("item_list", 100))
        if call.given.objects("partial_cancel_item_list") or not can_cancel(order):
            raise Failure("order.error_limit", "Can not cancel this order.")
    except Failure as failure:
        call.witness(order_sn, "cancel", failure.error)
        raise
    order.cancel(now(), who="SELLER", reason=reason)
    call.witness(order_sn, "cancel")
    call.book.save(order)
    return {"update_time": int(order.updated_at.timestamp())}


def _reason(call: Call) -> str:
    reason = call.given.one_of("cancel_reason", _REASONS)
    if reason == "UNDELIVERABLE_AREA" and call.seller.region not in ("MY", "TW"):
        raise wrong("cancel_reason UNDELIVERABLE_AREA is for TW and MY only")
    return reason


def chosen(order: Purchase, items: list[Fields]) -> list[tuple[Line, int]]:
    """(line, units) of the items that are named by item and model."""
    lines = {(item_id(line.name), model_id(line.sku)): line for line in order.lines}
    found = []
    for one in items:
        line = lines.get((one.integer("item_id"), one.integer("model_id")))
        if line is None:
            raise wrong("the item is not in the order")
        found.append((line, one.between("model_quantity", 1, line.quantity, line.quantity)))
    return found


def answer(call: Call) -> dict[str, Any]:
    """/api/v2/order/handle_buyer_cancellation: only while IN_CANCEL"""
    order_sn = call.given.text("order_sn")
    operation = call.given.one_of("operation", ("ACCEPT", "REJECT"))
    effect = "accept_cancel" if operation == "ACCEPT" else "reject_cancel"
    try:
        order = find(call, order_sn)
        if not order.cancel_id:
            raise Failure(
                "order.cancel_order_invalid_status", "Order status is invalid, should be IN_CANCEL."
            )
    except Failure as failure:
        call.witness(order_sn, effect, failure.error)
        raise
    present = now()
    if operation == "ACCEPT":
        order.cancel(present, who="BUYER", reason=order.cancel_reason)
    else:
        order.end_request(present, "rejected")
    call.witness(order_sn, effect)
    call.book.save(order)
    return {"update_time": int(order.updated_at.timestamp())}


def estimate(call: Call) -> dict[str, Any]:
    """/api/v2/order/get_estimate_cancel_value: an amount as text, beside the envelope's fields"""
    order = find(call, call.given.text("order_sn"))
    items = chosen(order, call.given.objects("partial_cancel_item_list", 100))
    value = sum(((line.price - line.seller_discount) * units for line, units in items), Decimal(0))
    return {"cancel_value_price": f"{value:.2f}"}
