"""A return as Shopee tells it: flat in the list, with its sub-statuses nested in the detail."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.shopee.answers import number
from crossdock_sandbox.shopee.listing import item_id, model_id, skus
from crossdock_sandbox.shopee.order_json import buyer_username
from crossdock_sandbox.shopee.places import recipient
from crossdock_sandbox.shopee.returning import STATUSES, refund_amount, refund_of_request
from crossdock_sandbox.shopee.settlement import shares
from crossdock_sandbox.world.purchases import Purchase, Refund

COUNTERS = 3
"""How often the seller may offer something."""
_REVERSE = {
    "awaiting_buyer": "LOGISTICS_READY",
    "returning": "LOGISTICS_PICKUP_DONE",
    "buyer_shipped": "LOGISTICS_DELIVERY_DONE",
}
"""``reverse_logistics_status`` while goods travel back; before that there is nothing to arrange."""


def row(book: PurchaseBook, order: Purchase, refund: Refund) -> dict[str, Any]:
    """One of ``return`` of the list."""
    return {
        **_common(book, order, refund),
        "item": _items(book, order),
        "negotiation_status": negotiation(refund),
        "seller_proof_status": proof(refund),
        "seller_compensation_status": compensation(refund),
    }


def detail(book: PurchaseBook, order: Purchase, refund: Refund) -> dict[str, Any]:
    """The whole of a return."""
    offer = refund.more.get("offer", {})
    pending = negotiation(refund) in ("PENDING_RESPOND", "PENDING_BUYER_RESPOND")
    paid_back = shares(refund_amount(order, refund), order.lines)
    return {
        **_common(book, order, refund),
        "item": [
            {**one, "refund_amount": number(part)}
            for one, part in zip(_items(book, order), paid_back, strict=True)
        ],
        "seller_proof": {
            "seller_proof_status": proof(refund),
            "seller_evidence_deadline": refund.more.get("proof_due", 0),
        },
        "seller_compensation": {
            "seller_compensation_status": compensation(refund),
            "seller_compensation_due_date": _unix(refund.due) if _compensating(refund) else 0,
            "compensation_amount": _compensation_amount(order, refund),
        },
        "negotiation": {
            "negotiation_status": negotiation(refund),
            "latest_solution": offer.get("solution", ""),
            "latest_offer_amount": number(Decimal(offer.get("amount", "0"))),
            "counter_limit": COUNTERS - refund.more.get("offers", 0),
            "offer_due_date": _unix(refund.due) if pending else 0,
        },
        "activity": [],
        "buyer_videos": [],
        "logistics_status": reverse_status(refund),
        "reverse_logistics_status": reverse_status(refund),
        "return_pickup_address": _pickup(order),
        "return_address": {"whs_id": ""},
    }


def _common(book: PurchaseBook, order: Purchase, refund: Refund) -> dict[str, Any]:
    whole = refund_of_request(order)
    refunded = refund_amount(order, refund)
    return {
        "return_sn": refund.refund_id,
        "order_sn": order.order_id,
        "status": STATUSES[refund.state],
        "reason": refund.reason,
        "text_reason": refund.text,
        "reassessed_request_reason": "NONE",
        "refund_amount": number(refunded),
        "amount_before_discount": number(max(whole, order.goods)),
        "currency": order.currency,
        "create_time": _unix(refund.created_at),
        "update_time": _unix(refund.updated_at or refund.created_at),
        **_due_dates(refund),
        "needs_logistics": refund.goods_back,
        "tracking_number": refund.more.get("tracking", ""),
        "image": [f"{book.stand.url('shopee')}/pictures/{order.lines[0].sku}.png"],
        "dispute_reason": refund.more.get("dispute_reasons", []),
        "dispute_text_reason": refund.more.get("dispute_texts", []),
        "user": {"username": buyer_username(order), "email": "", "portrait": ""},
        "return_refund_type": "RRAOC" if refund.more.get("after_completion") else "RRBOC",
        "return_solution": 0 if refund.goods_back else 1,
        "return_refund_request_type": 1 if refund.reason == "NOT_RECEIPT" else 0,
        "validation_type": "seller_validation",
        "is_arrived_at_warehouse": 1,
        "is_seller_arrange": False,
    }


def _due_dates(refund: Refund) -> dict[str, int]:
    """Each stands where somebody must act by it, else 0."""
    due = _unix(refund.due)
    return {
        "due_date": due if refund.state in ("requested", "offered") else 0,
        "return_ship_due_date": due if refund.state == "awaiting_buyer" else 0,
        "return_seller_due_date": due if refund.state == "buyer_shipped" else 0,
    }


def _items(book: PurchaseBook, order: Purchase) -> list[dict[str, Any]]:
    rows = []
    for line in order.lines:
        codes = skus(line.sku)
        rows.append(
            {
                "item_id": item_id(line.name),
                "model_id": model_id(line.sku),
                "name": line.name,
                "images": [f"{book.stand.url('shopee')}/pictures/{line.sku}.png"],
                "amount": line.quantity,
                "item_price": number(line.price - line.seller_discount),
                "item_sku": codes["item_sku"],
                "variation_sku": codes["model_sku"],
                "is_add_on_deal": False,
                "is_main_item": False,
                "add_on_deal_id": 0,
            }
        )
    return rows


def _pickup(order: Purchase) -> dict[str, str]:
    """Where a courier would collect what goes back, as masked as any address."""
    place = recipient(order)
    return {"address": place.pop("full_address"), **place}


def negotiation(refund: Refund) -> str:
    """``negotiation_status``; "" where nobody has offered anything."""
    return str(refund.more.get("negotiation", ""))


def proof(refund: Refund) -> str:
    """``seller_proof_status``."""
    if refund.more.get("proof"):
        return "UPLOADED"
    due = refund.more.get("proof_due", 0)
    if not due:
        return "NOT_NEEDED"
    return "PENDING" if refund.state in ("disputed", "judging") else "OVERDUE"


def compensation(refund: Refund) -> str:
    """``seller_compensation_status``."""
    may_ask = refund.state == "accepted" and refund.goods_back
    unasked = "PENDING_REQUEST" if may_ask else "NOT_APPLICABLE"
    return f"COMPENSATION_{refund.more.get('compensation', unasked)}"


def _compensating(refund: Refund) -> bool:
    return refund.more.get("compensation") == "REQUESTED"


def _compensation_amount(order: Purchase, refund: Refund) -> int | float:
    asked = "compensation" in refund.more
    return number(refund_amount(order, refund)) if asked else 0


def reverse_status(refund: Refund) -> str:
    """``reverse_logistics_status``."""
    if refund.state in _REVERSE:
        return _REVERSE[refund.state]
    if refund.more.get("tracking"):
        return "LOGISTICS_DELIVERY_DONE"
    return "LOGISTICS_PENDING_ARRANGE" if refund.goods_back else "LOGISTICS_NOT_START"


def tracking(refund: Refund) -> dict[str, Any]:
    """The legs of goods that travel back."""
    times = refund.more.get("times", {})
    steps = (
        ("awaiting_buyer", "The buyer has to send the goods."),
        ("returning", "The parcel has been picked up by the courier."),
        ("buyer_shipped", "The parcel has been delivered to the seller."),
    )
    legs = [
        {
            "update_time": times[state],
            "tracking_description": text,
            "epop_image_list": [],
            "epod_image_list": [],
        }
        for state, text in steps
        if state in times
    ]
    return {
        "return_sn": refund.refund_id,
        "return_refund_request_type": 1 if refund.reason == "NOT_RECEIPT" else 0,
        "validation_type": "seller_validation",
        "reverse_logistics_status": reverse_status(refund),
        "reverse_logistics_update_time": legs[-1]["update_time"] if legs else 0,
        "estimated_delivery_date_max": 0,
        "estimated_delivery_date_min": 0,
        "tracking_number": refund.more.get("tracking", ""),
        "tracking_info": legs[::-1],
        "post_return_logistics_status": "",
        "post_return_logistics_update_time": 0,
        "rts_tracking_number": "",
        "post_return_logistics_tracking_info": [],
    }


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())
