"""Reverse orders as Lazada's JSON: in the list, in the detail, and what happened to a line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock_sandbox.lazada.shapes import product_number
from crossdock_sandbox.world.orders import Item, Order
from crossdock_sandbox.world.reversals import Reverse, ReverseLine

_WHOLE = frozenset({"VND"})
"""Currencies without cents: amounts come whole."""
_MERCHANT = "Lot 12, Jalan Gudang 3, 40150 Shah Alam"


def listed(order: Order, reverse: Reverse) -> dict[str, Any]:
    """A reverse order in /reverse/getreverseordersforseller."""
    lines = []
    for line in reverse.lines:
        item = _item(order, line)
        number = product_number(item)
        lines.append(
            {
                **_line(order, item, line),
                "product": {"product_id": number, "product_sku": str(number + 1)},
                "buyer": {"buyer_id": order.buyer.number},
                "receiver_address": _MERCHANT if reverse.is_rtm else "Lazada warehouse",
            }
        )
    return {**_head(order, reverse), "reverse_order_lines": lines}


def detailed(order: Order, reverse: Reverse) -> dict[str, Any]:
    """A reverse order in /order/reverse/return/detail/list: some parts are named otherwise."""
    lines = []
    for line in reverse.lines:
        item = _item(order, line)
        number = product_number(item)
        lines.append(
            {
                **_line(order, item, line),
                "productDTO": {"product_id": number, "sku": str(number + 1)},
                "buyer": {"user_id": order.buyer.number},
            }
        )
    return {**_head(order, reverse), "reverseOrderLineDTOList": lines}


def answered(order: Order, reverse: Reverse, lines: list[ReverseLine]) -> dict[str, Any]:
    """What /order/reverse/return/update tells of the lines that it was about."""
    return {
        "reverse_order_id": reverse.reverse_id,
        "total_refund": str(
            cents(sum((line.refund for line in lines), Decimal(0)), order.currency)
        ),
        "reason_info": [],
        "reverse_order_line": [_answered(order, _item(order, line), line) for line in lines],
    }


def history(line: ReverseLine, base: str) -> list[dict[str, Any]]:
    """What happened to a line, newest first; pictures have addresses."""
    return [
        {
            "operator": entry["operator"],
            "picture": [_address(picture, base) for picture in entry["picture"]],
            "time": entry["time"],
        }
        for entry in reversed(line.history)
    ]


def cents(amount: Decimal, currency: str) -> int:
    """An amount as reverse orders tell it: in cents, whole for currencies that have none."""
    return int(amount if currency in _WHOLE else amount * 100)


def _head(order: Order, reverse: Reverse) -> dict[str, Any]:
    return {
        "reverse_order_id": reverse.reverse_id,
        "trade_order_id": int(order.order_id),
        "request_type": reverse.kind,
        "is_rtm": reverse.is_rtm,
        "shipping_type": reverse.shipping_type,
    }


def _line(order: Order, item: Item, line: ReverseLine) -> dict[str, Any]:
    return {
        "reverse_order_line_id": line.line_id,
        "trade_order_line_id": line.item_id,
        "reverse_status": line.status,
        "ofc_status": line.ofc_status,
        "reason_code": line.reason_id,
        "reason_text": line.reason,
        "refund_amount": cents(line.refund, order.currency),
        "item_unit_price": cents(item.price, order.currency),
        "refund_payment_method": "BANK" if order.payment_method == "COD" else order.payment_method,
        "is_need_refund": order.paid_at is not None,
        "is_dispute": line.is_dispute,
        "whqc_decision": "",
        "seller_sku_id": item.sku,
        "platform_sku_id": str(product_number(item) + 1),
        "tracking_number": line.tracking,
        "trade_order_gmt_create": int(order.created_at.timestamp()),
        "return_order_line_gmt_create": int(line.created_at.timestamp()),
        "return_order_line_gmt_modified": int(line.updated_at.timestamp()),
        "sla": int(line.sla.timestamp() * 1000),
    }


def _answered(order: Order, item: Item, line: ReverseLine) -> dict[str, Any]:
    return {
        "reverse_order_line_id": line.line_id,
        "order_line_id": line.item_id,
        "order_id": int(order.order_id),
        "seller_sku": item.sku,
        "paid_price": cents(line.refund, order.currency),
        "refund_amount": cents(line.refund, order.currency),
        "is_cancel": False,
        "reason_source": "BUYER",
        "reason_type": "RETURN",
        "reason_id": line.reason_id,
        "reason_name": line.reason,
        "reason_desc": line.reason,
        "apply_reason": line.reason,
    }


def _item(order: Order, line: ReverseLine) -> Item:
    return next(item for item in order.items if item.item_id == line.item_id)


def _address(picture: str, base: str) -> str:
    return picture if "://" in picture else f"{base}/pictures/{picture}.png"
