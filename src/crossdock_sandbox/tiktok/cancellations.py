"""Cancellations: the seller's own, and the answers to buyers who ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.stand import now
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.money import sub_total
from crossdock_sandbox.tiktok.order_json import picture_url
from crossdock_sandbox.tiktok.orders import ORDERS, SORTS
from crossdock_sandbox.tiktok.paging import inside, page, window
from crossdock_sandbox.tiktok.reasons import (
    FOR_UNPAID,
    OF_BUYERS,
    reason_key,
    reason_text,
    reject_cancel_reasons,
    seller_cancel_reasons,
)
from crossdock_sandbox.tiktok.return_json import refund_json
from crossdock_sandbox.tiktok.uploads import is_uploaded
from crossdock_sandbox.world.product_picture import SIZE
from crossdock_sandbox.world.purchases import Purchase, Step

STATUSES = {
    "pending": "CANCELLATION_REQUEST_PENDING",
    "approved": "CANCELLATION_REQUEST_SUCCESS",
    "paid": "CANCELLATION_REQUEST_COMPLETE",
    "rejected": "CANCELLATION_REQUEST_CANCEL",
    "withdrawn": "CANCELLATION_REQUEST_CANCEL",
}
"""``cancel_status`` of our states."""
BAD_PARAMETER = 25001001
CANCELLABLE = (Step.HELD, Step.TO_SHIP, Step.ARRANGED)
"""Where the seller may cancel."""
_TYPES = ("CANCEL", "BUYER_CANCEL")
Found = tuple[Purchase, dict[str, Any]]


def create(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/cancellations: the seller cancels, and it is decided at once"""
    asked = Fields(call.body.values, BAD_PARAMETER)
    order_id, reason = asked.text("order_id"), asked.text("cancel_reason")
    order = call.book.order(call.of_shop, order_id)
    try:
        if order is None:
            raise Failure(25007006, "The order is not found.")
        _check_cancel(call, order, reason)
        _check_whole(order, asked)
    except Failure as failure:
        call.witness(order_id if order else "", "cancel", str(failure.code))
        raise
    order.cancel(now(), who="SELLER", reason=reason)
    call.witness(order_id, "cancel")
    call.book.save(order)
    made = order.cancels[-1]
    return {"cancel_id": made["id"], "cancel_status": STATUSES[made["state"]]}


def cancel_refusal(order: Purchase) -> Failure | None:
    """Why the seller may not cancel an order as it stands; None where he may."""
    if order.cancel_id:
        return Failure(25001010, "A cancellation of the order is in process already.")
    if order.step in (Step.COMPLETED, Step.CANCELLED):
        return Failure(25001051, "The order is completed or cancelled.")
    if order.step in (Step.SHIPPED, Step.DELIVERED):
        return Failure(25001045, "The order is shipped: the courier cannot be stopped.")
    if order.step not in CANCELLABLE:
        return Failure(25001003, "The status of the order does not allow it.")
    return None


def _check_cancel(call: Call, order: Purchase, reason: str) -> None:
    if refusal := cancel_refusal(order):
        raise refusal
    if reason in OF_BUYERS:
        raise Failure(25001015, "The cancel_reason is not for sellers.")
    if reason in FOR_UNPAID:
        raise Failure(25001021, "The cancel_reason does not match the status of the order.")
    if reason not in seller_cancel_reasons(order, call.seller.region):
        raise Failure(25001014, "The cancel_reason is unknown.")


def _check_whole(order: Purchase, asked: Fields) -> None:
    """Single lines can be cancelled in other markets only."""
    lines = set(asked.strings("order_line_item_ids"))
    if lines and lines != {line.line_id for line in order.lines}:
        raise Failure(25005010, "Single lines cannot be cancelled here.")
    skus, wanted = asked.objects("skus"), 0
    for sku in skus:
        units = sum(1 for line in order.lines if str(line.sku_id) == sku.text("sku_id"))
        if sku.between("quantity", 1, 10_000) > units:
            raise Failure(25005011, "More units than the order has.")
        wanted += sku.between("quantity", 1, 10_000)
    if skus and wanted < len(order.lines):
        raise Failure(25005010, "Single lines cannot be cancelled here.")


def approve(call: Call) -> dict[str, Any]:
    """/return_refund/202309/cancellations/{cancel_id}/approve"""
    return _answer(call, "accept_cancel")


def reject(call: Call) -> dict[str, Any]:
    """/return_refund/202309/cancellations/{cancel_id}/reject: the order goes on"""
    return _answer(call, "reject_cancel")


def _answer(call: Call, effect: str) -> dict[str, Any]:
    found = find(call, call.ids["cancel_id"])
    order, one = found or (None, {})
    key = call.query.text("idempotency_key", "")
    if order and key and key == one.get("key"):
        call.witness(order.order_id, effect, "done already under this idempotency_key")
        return {}
    try:
        if order is None:
            raise Failure(25007006, "The request is not found.")
        if effect == "reject_cancel":
            _check_reject(call)
        _check_open(one)
    except Failure as failure:
        call.witness(order.order_id if order else "", effect, str(failure.code))
        raise
    if effect == "accept_cancel":
        order.cancel(now(), who="BUYER", reason=order.cancel_reason)
    else:
        order.end_request(now(), "rejected")
    one["key"] = key
    call.witness(order.order_id, effect)
    call.book.save(order)
    return {}


def _check_open(one: dict[str, Any]) -> None:
    if one["by"] != "BUYER" or one["state"] in ("withdrawn", "rejected"):
        raise Failure(25001003, "The status of the request does not allow it.")
    if one["state"] in ("approved", "paid"):
        raise Failure(25020009, "The order is cancelled already.")


def _check_reject(call: Call) -> None:
    asked = Fields(call.body.values, BAD_PARAMETER)
    if asked.text("reject_reason") not in [one["name"] for one in reject_cancel_reasons()]:
        raise Failure(25001014, "The reject_reason is unknown.")
    check_evidence(call, asked)


def check_evidence(call: Call, asked: Fields) -> None:
    """A comment, and up to six pictures that were uploaded before."""
    asked.text("comment", "")
    for image in asked.objects("images", 6):
        if not is_uploaded(call, image.text("image_id")):
            raise image.refused("image_id", "is not the uri of an uploaded picture")


def find(call: Call, cancel_id: str) -> Found | None:
    """A cancellation of this shop."""
    for order in call.book.of_shop(call.of_shop):
        for one in order.cancels:
            if one["id"] == cancel_id:
                return order, one
    return None


def search(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/cancellations/search: oldest first unless told otherwise"""
    size = call.query.between("page_size", 1, 50, 10)
    field = call.query.one_of("sort_field", SORTS, "create_time")
    order = call.query.one_of("sort_order", ORDERS, "ASC")
    wanted = {one["id"]: (purchase, one) for purchase, one in _fitting(call)}
    name = "updated" if field == "update_time" else "at"
    rows = sorted((int(one[name]), key) for key, (_, one) in wanted.items())
    found = page(call.query, rows, size, order)
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        "cancellations": [cancellation_json(call.book, *wanted[one]) for one in found.ids],
    }


def _fitting(call: Call) -> Iterator[Found]:
    body = call.body
    ids, buyers = body.strings("cancel_ids"), body.strings("buyer_user_ids")
    order_ids = body.strings("order_ids")
    types, statuses = body.strings("cancel_types"), body.strings("cancel_status")
    made, changed = window(body, "create_time"), window(body, "update_time")
    for order in _orders(call, order_ids):
        for one in order.cancels:
            if (
                (not ids or one["id"] in ids)
                and (not types or cancel_type(one) in types)
                and (not statuses or STATUSES[one["state"]] in statuses)
                and (not buyers or str(7_213_000_000_000_000_000 + order.buyer.number) in buyers)
                and inside(one["at"], made)
                and inside(one["updated"], changed)
            ):
                yield order, one


def _orders(call: Call, order_ids: list[str]) -> Iterator[Purchase]:
    if not order_ids:
        yield from call.book.of_shop(call.of_shop)
        return
    for one in dict.fromkeys(order_ids):
        if order := call.book.order(call.of_shop, one):
            yield order


def cancel_type(one: dict[str, Any]) -> str:
    """BUYER_CANCEL: a buyer asks and the seller answers. CANCEL: decided when it was made."""
    return _TYPES[one["due"] > one["at"]]


def cancellation_json(book: PurchaseBook, order: Purchase, one: dict[str, Any]) -> dict[str, Any]:
    """One cancellation."""
    goods = sub_total(order.lines)
    pending = one["state"] == "pending"
    ends: datetime | None = order.cancel_ends
    action = {
        "action": "SELLER_RESPOND_BUYER_CANCEL",
        "deadline": int(ends.timestamp()) if ends else one["due"],
    }
    return {
        "cancel_id": one["id"],
        "order_id": order.order_id,
        "cancel_type": cancel_type(one),
        "cancel_status": STATUSES[one["state"]],
        "role": one["by"],
        "cancel_reason": reason_key(one["reason"]),
        "cancel_reason_text": reason_text(one["reason"]),
        "create_time": one["at"],
        "update_time": one["updated"],
        "seller_next_action_response": [action] if pending else [],
        "refund_amount": refund_json(order.currency, goods + order.shipping_fee, goods),
        "cancel_line_items": [
            {
                "cancel_line_item_id": f"{one['id']}{place:02d}",
                "order_line_item_id": line.line_id,
                "sku_id": str(line.sku_id),
                "sku_name": line.variation,
                "product_name": line.name,
                "seller_sku": line.sku,
                "product_image": {
                    "url": picture_url(book, line.sku),
                    "width": SIZE,
                    "height": SIZE,
                },
                "refund_amount": refund_json(order.currency, sub_total([line])),
            }
            for place, line in enumerate(order.lines)
        ],
        "should_replenish_stock": not pending and one["state"] in ("approved", "paid"),
    }
