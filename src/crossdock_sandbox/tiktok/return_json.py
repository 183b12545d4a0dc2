"""Return requests as TikTok Shop tells them: ``return_orders[]`` and its records."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.money import ZERO, amount, by_platform, by_seller, sub_total
from crossdock_sandbox.tiktok.order_json import picture_url
from crossdock_sandbox.tiktok.places import sender
from crossdock_sandbox.tiktok.reasons import reason_key, reason_text
from crossdock_sandbox.tiktok.returning import STATUSES, refund_amount
from crossdock_sandbox.world.product_picture import SIZE
from crossdock_sandbox.world.purchases import Line, Purchase, Refund
from crossdock_sandbox.world.shops import shop_named

_CENT = Decimal("0.01")


def return_type(refund: Refund) -> str:
    """REFUND: money only; RETURN_AND_REFUND: the goods come back."""
    return "RETURN_AND_REFUND" if refund.goods_back else "REFUND"


def role(refund: Refund) -> str:
    """Who asked."""
    return str(refund.more.get("role", "BUYER"))


def refund_json(currency: str, total: Decimal, subtotal: Decimal | None = None) -> dict[str, str]:
    """``refund_amount``. What ``subtotal`` leaves is shipping."""
    goods = total if subtotal is None else subtotal
    return {
        "currency": currency,
        "refund_total": amount(total),
        "refund_subtotal": amount(goods),
        "refund_shipping_fee": amount(total - goods),
        "refund_tax": "0",
        "retail_delivery_fee": "0",
        "buyer_service_fee": "0",
    }


def return_json(book: PurchaseBook, order: Purchase, refund: Refund) -> dict[str, Any]:
    """One request."""
    total = refund_amount(order, refund)
    updated = refund.updated_at or refund.created_at
    made: dict[str, Any] = {
        "return_id": refund.refund_id,
        "order_id": order.order_id,
        "return_type": return_type(refund),
        "return_status": STATUSES[refund.state],
        "role": role(refund),
        "return_reason": reason_key(refund.reason),
        "return_reason_text": reason_text(refund.reason),
        "create_time": int(refund.created_at.timestamp()),
        "update_time": int(updated.timestamp()),
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_tracking_number": refund.more.get("tracking", ""),
        "return_provider_id": "",
        "return_provider_name": "J&T Express" if refund.more.get("tracking") else "",
        "pre_return_id": "",
        "next_return_id": "",
        "can_buyer_keep_item": bool(refund.more.get("keeps", not refund.goods_back)),
        "is_quick_refund": False,
        "seller_next_action_response": _next_action(refund),
        "return_line_items": _lines(book, order, refund, total),
        "refund_amount": refund_json(order.currency, total),
        "discount_amount": _discounts(order, refund),
        "shipping_fee_amount": [
            {
                "currency": order.currency,
                "seller_paid_return_shipping_fee": "0",
                "platform_paid_return_shipping_fee": "4.90" if refund.goods_back else "0",
                "buyer_paid_return_shipping_fee": "0",
            }
        ],
        "buyer_rejected_partial_refund": bool(refund.more.get("offer_rejected")),
        "is_combined_return": False,
        "combined_return_id": "",
        "return_warehouse_address": {
            "full_address": sender(shop_named("tiktok", order.shop))["full_address"]
        },
    }
    if refund.goods_back:
        made["return_method"] = "PLATFORM_SHIPPED"
    if arbitration := refund.more.get("arbitration"):
        made["arbitration_status"] = arbitration
    if refund.offer is not None:
        made["seller_proposed_return_type"] = "PARTIAL_REFUND"
        made["partial_refund"] = {"currency": order.currency, "amount": amount(refund.offer)}
    return made


def lines_of(order: Purchase, refund: Refund) -> list[Line]:
    """The lines that a request is about."""
    chosen = refund.more.get("lines")
    return [line for line in order.lines if chosen is None or line.line_id in chosen]


def records_json(refund: Refund) -> list[dict[str, Any]]:
    """What happened to a request, oldest first."""
    asked = {
        "event": "REQUEST_CREATED",
        "role": role(refund),
        "at": int(refund.created_at.timestamp()),
    }
    return [
        {
            "event": one["event"],
            "role": one["role"],
            "description": one["event"].replace("_", " ").capitalize(),
            "reason_text": reason_text(refund.reason) if place == 0 else one.get("reason", ""),
            "note": refund.text if place == 0 else one.get("note", ""),
            "images": [],
            "videos": [],
            "create_time": one["at"],
        }
        for place, one in enumerate([asked, *refund.more.get("events", [])])
    ]


def _next_action(refund: Refund) -> list[dict[str, Any]]:
    actions = {
        "requested": "SELLER_RESPOND_RETURN" if refund.goods_back else "SELLER_RESPOND_REFUND",
        "buyer_shipped": "SELLER_RESPOND_RECEIVE_PACKAGE",
    }
    action = actions.get(refund.state)
    return [{"action": action, "deadline": int(refund.due.timestamp())}] if action else []


def _lines(
    book: PurchaseBook, order: Purchase, refund: Refund, total: Decimal
) -> list[dict[str, Any]]:
    lines = lines_of(order, refund)
    shares = _shares(lines, total)
    return [
        {
            "return_line_item_id": f"{refund.refund_id}{place:02d}",
            "order_line_item_id": line.line_id,
            "sku_id": str(line.sku_id),
            "sku_name": line.variation,
            "product_name": line.name,
            "seller_sku": line.sku,
            "product_image": {"url": picture_url(book, line.sku), "width": SIZE, "height": SIZE},
            "refund_amount": refund_json(order.currency, share),
        }
        for place, (line, share) in enumerate(zip(lines, shares, strict=True))
    ]


def _shares(lines: list[Line], total: Decimal) -> list[Decimal]:
    """A sum spread over lines by what was paid for them; the last one takes the odd cents."""
    whole = sub_total(lines)
    shares = [
        (total * sub_total([line]) / whole).quantize(_CENT, ROUND_DOWN) if whole else ZERO
        for line in lines
    ]
    if shares:
        shares[-1] += total - sum(shares, ZERO)
    return shares


def _discounts(order: Purchase, refund: Refund) -> list[dict[str, str]]:
    lines = lines_of(order, refund)
    return [
        {
            "currency": order.currency,
            "product_seller_discount": amount(by_seller(lines)),
            "product_platform_discount": amount(by_platform(lines)),
            "shipping_fee_seller_discount": "0",
            "shipping_fee_platform_discount": "0",
        }
    ]
