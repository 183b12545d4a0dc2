"""Cancellations: by the seller, and answers to a buyer who asks for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.channels.answers import CancelAnswer, Form, Reason
from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import NotFound, Refused, ends_token
from crossdock.channels.reading import Reading, Row, text, yes
from crossdock.channels.shopee.api import post
from crossdock.channels.shopee.lines import Part, parts_of
from crossdock.channels.shopee.orders import read_order
from crossdock.channels.shopee.statuses import WORDS
from crossdock.rules.facts import Stage

OUT_OF_STOCK = "OUT_OF_STOCK"
_REASONS = {
    OUT_OF_STOCK: "Out of stock",
    "CUSTOMER_REQUEST": "The customer asks for it",
    "UNDELIVERABLE_AREA": "The address cannot be delivered to",
    "COD_NOT_SUPPORTED": "Cash on delivery is not possible",
}
_FAR_REGIONS = frozenset({"MY", "TW"})
"""Where UNDELIVERABLE_AREA is taken."""
_BEFORE_COURIER = frozenset({Stage.TO_PACK, Stage.PACKED, Stage.READY, Stage.HELD})
_ITEM_NAMES = ("item_id", "model_id")
_PART_NAMES = (*_ITEM_NAMES, "order_item_id", "promotion_group_id")


def cancel_form(shop: Shop, parcel: Parcel) -> Form:
    """The reasons for which this order can be cancelled now. Raises Refused when Shopee lets it not."""
    order = read_order(shop, parcel.order_id, "item_list,package_list")
    _check(order)
    reasons = [OUT_OF_STOCK, "CUSTOMER_REQUEST"]
    if text(order, "region") in _FAR_REGIONS:
        reasons.append("UNDELIVERABLE_AREA")
    if yes(order.get("cod")):
        reasons.append("COD_NOT_SUPPORTED")
    return Form(reasons=tuple(Reason(code, _REASONS[code]) for code in reasons))


def cancel(shop: Shop, parcel: Parcel, *, reason: str) -> Told:
    """Cancel an order, or some of its lines where Shopee lets a part be cancelled.

    Shopee v2: cancel_order; OUT_OF_STOCK must name the items. Raises Unclear when the answer never
    came.
    """

    def ask() -> Told:
        order = read_order(shop, parcel.order_id, "item_list,package_list")
        if text(order, "order_status") == "CANCELLED":
            return Told(parcel.order_id, ok=False, already=True, words="Cancelled already.")
        _check(order)
        body = {
            "order_sn": parcel.order_id,
            "cancel_reason": reason,
            **_items(order, parcel, reason),
        }
        post(shop, "order/cancel_order", body, writes=True)
        return Told(parcel.order_id, ok=True)

    return told_of(parcel.order_id, ask)


def answer_cancellation(shop: Shop, answer: CancelAnswer) -> Told:
    """Accept or refuse a buyer's cancellation; Shopee v2 asks for no reason."""

    def ask() -> Told:
        body = {"order_sn": answer.order_id, "operation": "ACCEPT" if answer.accept else "REJECT"}
        post(shop, "order/handle_buyer_cancellation", body, writes=True)
        return Told(answer.order_id, ok=True)

    return told_of(answer.order_id, ask)


def told_of(order_id: str, ask: Callable[[], Told]) -> Told:
    """What a call about one order came to: Shopee's no is its outcome. The rest is raised."""
    try:
        return ask()
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return Told(order_id, ok=False, words=refusal.words, code=refusal.code)


def _check(order: Row) -> None:
    """Raises Refused when an order can no longer be cancelled by the seller."""
    status = text(order, "order_status")
    if WORDS.get(status, Stage.UNKNOWN) not in _BEFORE_COURIER:
        raise Refused(f"Shopee lets a seller cancel before shipping only; this order is {status}.")
    if order.get("can_full_cancel_order") is False and not yes(
        order.get("can_partial_cancel_order")
    ):
        raise Refused("Shopee does not let this order be cancelled any more.")


def _items(order: Row, parcel: Parcel, reason: str) -> Mapping[str, Any]:
    """What cancel_order is told of the items: those that are out of stock, or those that are meant."""
    parts = [part for part in parts_of(Reading(), order) if not part.is_gone]
    meant = [part for part in parts if not parcel.line_ids or part.line_id in parcel.line_ids]
    if len(meant) == len(parts):
        listed = {"item_list": _named(parts, _ITEM_NAMES)}
        return listed if reason == OUT_OF_STOCK else {}
    if not meant:
        raise NotFound("Shopee's order does not have these lines.")
    if not yes(order.get("can_partial_cancel_order")):
        raise Refused("Shopee lets this order be cancelled as a whole only.")
    partial = [
        {**named, "model_quantity": part.quantity}
        for named, part in zip(_named(meant, _PART_NAMES), meant, strict=True)
    ]
    listed = {"item_list": _named(meant, _ITEM_NAMES)} if reason == OUT_OF_STOCK else {}
    return {**listed, "partial_cancel_item_list": partial}


def _named(parts: Sequence[Part], names: Sequence[str]) -> list[dict[str, Any]]:
    """The ids of items, as Shopee told them: those that it told."""
    return [
        {name: part.item[name] for name in names if part.item.get(name) is not None}
        for part in parts
    ]
