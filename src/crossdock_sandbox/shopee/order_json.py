"""An order as Shopee tells it: a short part that is always there, and fields that are asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from crossdock_sandbox.overrides import override
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.shopee.answers import number
from crossdock_sandbox.shopee.book import order_status
from crossdock_sandbox.shopee.listing import item_id, model_id, model_name, skus
from crossdock_sandbox.shopee.package_json import (
    cancelling,
    in_order,
    pending_terms,
    shipping_days,
    weight,
)
from crossdock_sandbox.shopee.places import location, recipient
from crossdock_sandbox.shopee.settlement import actual_shipping
from crossdock_sandbox.world.purchases import Line, Purchase, Step
from crossdock_sandbox.world.shops import shop_named

_PAYMENTS = ("Credit / Debit Card", "Online Banking", "ShopeePay Balance", "SPayLater")
_REASONS = {
    "OUT_OF_STOCK": "Out of Stock",
    "CUSTOMER_REQUEST": "Customer Request",
    "UNDELIVERABLE_AREA": "Undeliverable Area",
    "COD_NOT_SUPPORTED": "COD Not Supported",
}
"""How a seller's cancel_reason is shown afterwards."""
_RETURN_DAYS = 15 * 86400
_COLLECTED = (Step.SHIPPED, Step.DELIVERED, Step.COMPLETED)


def order_json(
    book: PurchaseBook, order: Purchase, wanted: set[str], *, pending: bool
) -> dict[str, Any]:
    """An order with the optional fields that are ``wanted``; a field that is not is absent."""
    fields = order.more.get("fields")
    told = _always(order, pending=pending)
    unwanted: set[str] = set()
    for name, field in _OPTIONAL.items():
        if name in wanted:
            told |= field(book, order)
        elif fields:
            brought = field(book, order)
            told |= brought
            unwanted |= set(brought)
    if fields:
        override(told, fields, "item_list")
    return {name: value for name, value in told.items() if name not in unwanted}


def _always(order: Purchase, *, pending: bool) -> dict[str, Any]:
    held = {"pending_terms": pending_terms(order)} if pending and order.step is Step.HELD else {}
    return {
        "order_sn": order.order_id,
        "region": shop_named("shopee", order.shop).region,
        "currency": order.currency,
        "cod": order.cod,
        "order_status": order_status(order, pending=pending),
        **held,
        "message_to_seller": order.note,
        "create_time": int(order.created_at.timestamp()),
        "update_time": int(order.updated_at.timestamp()),
        **shipping_days(order),
        "booking_sn": "",
        "advance_package": False,
        **cancelling(order),
    }


def _total(order: Purchase) -> int | float:
    return number(order.buyer_total) if order.paid_at is not None else 0


def _fees(order: Purchase, name: str) -> dict[str, Any]:
    if name == "estimated_shipping_fee":
        return {name: number(order.shipping_fee)}
    confirmed = order.step in _COLLECTED
    fee = number(actual_shipping(order)) if confirmed else 0
    return {"actual_shipping_fee_confirmed": confirmed} if name.endswith("ed") else {name: fee}


def _edt(order: Purchase) -> dict[str, Any]:
    due = int(order.ship_by.timestamp()) if order.paid_at is not None else 0
    return {"edt_from": due and due + 2 * 86400, "edt_to": due and due + 4 * 86400}


def _return_due(order: Purchase) -> dict[str, Any]:
    """Only for orders that are completed and can still be returned."""
    completed = order.times.get("completed", 0)
    if order.step is not Step.COMPLETED or order.refund is not None:
        return {}
    return {"return_request_due_date": completed + _RETURN_DAYS}


def payment_method(order: Purchase) -> str:
    """As shown to the seller."""
    return "Cash on Delivery" if order.cod else _PAYMENTS[order.buyer.number % len(_PAYMENTS)]


def _payment_info(order: Purchase) -> list[dict[str, Any]]:
    if order.paid_at is None:
        return []
    return [
        {
            "payment_method": payment_method(order),
            "payment_processor_register": "",
            "card_brand": "",
            "transaction_id": "",
            "payment_amount": number(order.buyer_total),
        }
    ]


def _who_cancelled(order: Purchase) -> str:
    return order.cancelled_by.lower() if order.step is Step.CANCELLED else ""


def _why_cancelled(order: Purchase) -> str:
    reason = order.cancel_reason if order.step is Step.CANCELLED else ""
    return _REASONS.get(reason, reason)


def _why_buyer(order: Purchase) -> str:
    asked = bool(order.cancel_id) or order.cancelled_by == "BUYER"
    return order.cancel_reason if asked else ""


def buyer_username(order: Purchase) -> str:
    """Masked in the middle, as every name is."""
    digits = str(order.buyer.number)
    return f"b{'*' * 6}{digits[-1]}"


def _items(book: PurchaseBook, order: Purchase) -> list[dict[str, Any]]:
    return [_item(book, order, line) for line in order.lines]


def _item(book: PurchaseBook, order: Purchase, line: Line) -> dict[str, Any]:
    """One line. Both prices are for one unit."""
    return {
        "item_id": item_id(line.name),
        "item_name": line.name,
        "model_id": model_id(line.sku),
        "model_name": model_name(line),
        **skus(line.sku),
        "model_quantity_purchased": line.quantity,
        "model_original_price": number(line.price),
        "model_discounted_price": number(line.price - line.seller_discount),
        "wholesale": False,
        "weight": 0.25,
        "add_on_deal": False,
        "main_item": False,
        "add_on_deal_id": 0,
        "promotion_type": "product_promotion" if line.seller_discount else "",
        "promotion_id": item_id(line.name) % 10**12 if line.seller_discount else 0,
        "order_item_id": item_id(line.name),
        "line_item_id": int(line.line_id),
        "promotion_group_id": 0,
        "image_info": {"image_url": _picture_url(book, line.sku)},
        "product_location_id": [location(order)],
        **_quantities(order, line.quantity),
    }


def _picture_url(book: PurchaseBook, sku: str) -> str:
    return f"{book.stand.url('shopee')}/pictures/{quote(sku, safe='')}.png"


def _quantities(order: Purchase, ordered: int) -> dict[str, int]:
    """How many units still count, are asked back, or are gone; returns are of whole orders here."""
    refund = order.refund
    asked = refund is not None and refund.open
    gone = order.step is Step.CANCELLED
    back = refund is not None and refund.state == "accepted" and not refund.more.get("amount")
    return {
        "active_qty": 0 if gone or back else ordered,
        "cancel_requested_qty": ordered if order.cancel_id and not gone else 0,
        "cancelled_qty": ordered if gone else 0,
        "return_requested_qty": ordered if asked else 0,
        "returned_qty": ordered if back else 0,
    }


Field = Callable[[PurchaseBook, Purchase], dict[str, Any]]


def _only(name: str, value: Callable[[Purchase], Any]) -> Field:
    return lambda _, order: {name: value(order)}


_OPTIONAL: dict[str, Field] = {
    "buyer_user_id": _only("buyer_user_id", lambda order: order.buyer.number),
    "buyer_username": _only("buyer_username", buyer_username),
    "estimated_shipping_fee": lambda _, order: _fees(order, "estimated_shipping_fee"),
    "recipient_address": _only("recipient_address", recipient),
    "actual_shipping_fee": lambda _, order: _fees(order, "actual_shipping_fee"),
    "actual_shipping_fee_confirmed": lambda _, order: _fees(order, "actual_shipping_fee_confirmed"),
    "reverse_shipping_fee": _only("reverse_shipping_fee", lambda _: number(Decimal(0))),
    "goods_to_declare": _only("goods_to_declare", lambda _: False),
    "note": _only("note", lambda order: order.more.get("note", "")),
    "note_update_time": _only("note_update_time", lambda order: order.more.get("note_at", 0)),
    "item_list": lambda book, order: {"item_list": _items(book, order)},
    "pay_time": _only("pay_time", lambda order: order.paid_at and int(order.paid_at.timestamp())),
    "dropshipper": _only("dropshipper", lambda _: ""),
    "dropshipper_phone": _only("dropshipper_phone", lambda _: ""),
    "split_up": _only("split_up", lambda _: False),
    "buyer_cancel_reason": _only("buyer_cancel_reason", _why_buyer),
    "cancel_by": _only("cancel_by", _who_cancelled),
    "cancel_reason": _only("cancel_reason", _why_cancelled),
    "buyer_cpf_id": _only("buyer_cpf_id", lambda _: ""),
    "fulfillment_flag": _only("fulfillment_flag", lambda _: "fulfilled_by_local_seller"),
    "pickup_done_time": _only("pickup_done_time", lambda order: order.times.get("collected", 0)),
    "package_list": _only("package_list", lambda order: [in_order(order)]),
    "shipping_carrier": _only("shipping_carrier", lambda order: order.parcel.provider),
    "payment_method": _only("payment_method", payment_method),
    "total_amount": _only("total_amount", _total),
    "invoice_data": _only("invoice_data", lambda _: None),
    "order_chargeable_weight_gram": _only("order_chargeable_weight_gram", weight),
    "return_request_due_date": lambda _, order: _return_due(order),
    "edt": lambda _, order: _edt(order),
    "payment_info": _only("payment_info", _payment_info),
    "international_label": _only("is_international", lambda _: False),
}
"""What each name of ``response_optional_fields`` brings in."""
