"""Packages as TikTok Shop tells them."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.book import parcel_status
from crossdock_sandbox.tiktok.order_json import picture_url
from crossdock_sandbox.tiktok.places import (
    delivery_option,
    provider_id,
    recipient,
    sender,
    shipping_type,
    warehouse_id,
)
from crossdock_sandbox.world.purchases import Purchase, Step
from crossdock_sandbox.world.shops import shop_named

_SUB = {Step.SHIPPED: "TTS", Step.DELIVERED: "DELIVERED", Step.COMPLETED: "DELIVERED"}
_EXCEPTIONS = {
    "lost": "PACKAGE_LOST",
    "damaged": "PACKAGE_DAMAGAED",
    "sent_back": "RETURNED_TO_SHIPPER",
}


def package_row(book: PurchaseBook, order: Purchase) -> dict[str, Any]:
    """The package of an order, with all orders in it, in the search."""
    courier, together = book.courier(order), book.together(order)
    return {
        "id": order.parcel.parcel_id,
        "status": parcel_status(order),
        "orders": [_order(book, one) for one in together],
        "order_line_item_ids": [line.line_id for one in together for line in one.lines],
        "create_time": created(order),
        "update_time": max(int(one.updated_at.timestamp()) for one in together),
        "tracking_number": order.parcel.tracking,
        "shipping_provider_id": provider_id(courier),
        "shipping_provider_name": courier,
    }


def package_json(book: PurchaseBook, order: Purchase) -> dict[str, Any]:
    """The package of an order, with all orders in it, in its detail."""
    shop, row = shop_named("tiktok", order.shop), package_row(book, order)
    together = book.together(order)
    lines = [line for one in together for line in one.lines]
    option, option_name = delivery_option(shop, by_seller=order.seller_delivers)
    made: dict[str, Any] = {
        "package_id": row.pop("id"),
        "package_status": row.pop("status"),
        "package_sub_status": sub_status(order),
        "ship_exception_reason": _EXCEPTIONS.get(order.parcel.fate, ""),
        **row,
        "split_and_combine_tag": "COMBINE" if len(together) > 1 else "DEFAULT",
        "has_multi_skus": len({line.sku for line in lines}) > 1,
        "note_tag": "BUYER_NOTE" if any(one.note for one in together) else "NO_NOTE",
        "shipping_type": shipping_type(order),
        "delivery_option_id": option,
        "delivery_option_name": option_name,
        "last_mile_tracking_number": "",
        "handover_method": "" if order.seller_delivers else "PICKUP",
        "sender_address": sender(shop),
        "weight": {"value": str(250 * len(lines)), "unit": "GRAM"},
        "dimension": {"length": "20", "width": "15", "height": "10", "unit": "CM"},
        "warehouse_id": warehouse_id(shop),
        "insurance": {
            "is_purchased": False,
            "coverage_amount": "0",
            "is_claim_eligible": False,
            "claim_status": "",
        },
    }
    if order.step is not Step.HELD:
        told = recipient(order)
        made["recipient_address"] = {name: told[name] for name in made["sender_address"]}
    return made


def created(order: Purchase) -> int:
    """When the package was made: as soon as the order was paid. Unix seconds."""
    return int((order.paid_at or order.created_at).timestamp())


def sub_status(order: Purchase) -> str:
    """``package_sub_status``: RTSING while the label is bought, RTS once it can be printed."""
    if order.step is Step.ARRANGED:
        return "RTSING" if order.parcel.label_at > time.time() else "RTS"
    if order.step is Step.CANCELLED:
        return "SHIP_EXCEPTION" if order.parcel.fate else ""
    return _SUB.get(order.step, "CREATED")


def _order(book: PurchaseBook, order: Purchase) -> dict[str, Any]:
    quantities = Counter(line.sku_id for line in order.lines)
    first = {line.sku_id: line for line in reversed(order.lines)}
    skus = [
        {
            "id": str(sku_id),
            "name": first[sku_id].name,
            "image_url": picture_url(book, first[sku_id].sku),
            "quantity": quantity,
        }
        for sku_id, quantity in quantities.items()
    ]
    return {"id": order.order_id, "skus": skus}
