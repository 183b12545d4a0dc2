"""Orders as TikTok Shop tells them: names and types of ``docs/reference``.

Fields of other markets are there and empty; times of what has not happened are left out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from crossdock_sandbox.overrides import override
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.book import order_status, parcel_status
from crossdock_sandbox.tiktok.deadlines import shipping_due
from crossdock_sandbox.tiktok.money import amount, payment
from crossdock_sandbox.tiktok.places import (
    delivery_option,
    provider_id,
    recipient,
    shipping_type,
    warehouse_id,
)
from crossdock_sandbox.tiktok.reasons import reason_key
from crossdock_sandbox.world.purchases import Line, Purchase, Step
from crossdock_sandbox.world.shops import shop_named

_WITHOUT_ADDRESS = (Step.UNPAID, Step.HELD)


def order_json(book: PurchaseBook, order: Purchase, *, detail: bool = False) -> dict[str, Any]:
    """An order with its lines; ``detail`` adds what only the detail call tells."""
    shop = shop_named("tiktok", order.shop)
    option, option_name = delivery_option(shop, by_seller=order.seller_delivers)
    courier = book.courier(order)
    made: dict[str, Any] = {
        "id": order.order_id,
        "status": order_status(order),
        **_times(order),
        "is_buyer_request_cancel": bool(order.cancel_id),
        "cancel_reason": reason_key(order.cancel_reason) if not order.live else "",
        "cancellation_initiator": order.cancelled_by if not order.live else "",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "shipping_type": shipping_type(order),
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": option,
        "delivery_option_name": option_name,
        "shipping_provider": courier,
        "shipping_provider_id": provider_id(courier),
        "tracking_number": order.parcel.tracking,
        "warehouse_id": warehouse_id(shop),
        "packages": [{"id": order.parcel.parcel_id}] if order.paid_at else [],
        "payment": payment(order),
        "payment_method_name": "Cash on delivery" if order.cod else "Touch 'n Go eWallet",
        "is_cod": order.cod,
        "has_updated_recipient_address": "address" in order.times,
        "buyer_message": order.note,
        "seller_note": "",
        **_buyer(order),
        **_kind(order),
        "line_items": [_line_json(book, order, line) for line in order.lines],
    }
    if order.step not in _WITHOUT_ADDRESS:
        made["recipient_address"] = recipient(order)
    if len(book.together(order)) > 1:
        made["split_or_combine_tag"] = "COMBINED"
    if detail:
        made |= {"payment_method_code": "", "payment_card_type": "", "payment_auth_code": ""}
    override(made, order.more.get("fields", {}), "line_items")
    return made


def _times(order: Purchase) -> dict[str, int]:
    """Unix seconds."""
    due = shipping_due(order)
    made = {
        "create_time": int(order.created_at.timestamp()),
        "update_time": int(order.updated_at.timestamp()),
        "paid_time": int(order.paid_at.timestamp()) if order.paid_at else None,
        "rts_sla_time": int(order.ship_by.timestamp()),
        "tts_sla_time": int((order.ship_by + timedelta(days=1)).timestamp()),
        "recommended_shipping_time": int((order.ship_by - timedelta(hours=6)).timestamp()),
        "pick_up_cut_off_time": int((order.ship_by - timedelta(hours=2)).timestamp()),
        "shipping_due_time": int(due.timestamp()),
        "cancel_order_sla_time": int(due.timestamp()),
        "collection_due_time": int((due + timedelta(days=2)).timestamp()),
        "delivery_due_time": int((due + timedelta(days=21)).timestamp()),
        "delivery_sla_time": int((order.ship_by + timedelta(days=5)).timestamp()),
        "delivery_option_required_delivery_time": int(
            (order.ship_by + timedelta(days=6)).timestamp()
        ),
        "rts_time": order.times.get("arranged"),
        "collection_time": order.times.get("collected"),
        "delivery_time": order.times.get("delivered"),
        "cancel_time": order.times.get("cancelled"),
        "request_cancel_time": next(
            (one["at"] for one in reversed(order.cancels) if one["by"] == "BUYER"), None
        ),
    }
    return {name: at for name, at in made.items() if at is not None}


def _buyer(order: Purchase) -> dict[str, str]:
    number = str(7_213_000_000_000_000_000 + order.buyer.number)
    return {
        "user_id": number,
        "buyer_email": f"{number}@relay.tiktok-shop.example",
        "buyer_nickname": f"user{order.buyer.number % 10**7}",
    }


def _kind(order: Purchase) -> dict[str, Any]:
    return {
        "order_type": "NORMAL",
        "is_on_hold_order": "held" in order.times,
        "is_sample_order": False,
        "is_replacement_order": False,
        "is_exchange_order": False,
        "is_subscription_order": False,
        "replaced_order_id": "",
        "exchange_source_order_id": "",
        "fulfillment_priority_level": 600,
        "commerce_platform": "",
        "need_upload_invoice": "",
        "cpf": "",
        "cpf_name": "",
    }


def _line_json(book: PurchaseBook, order: Purchase, line: Line) -> dict[str, Any]:
    """One unit."""
    courier = book.courier(order)
    made: dict[str, Any] = {
        "id": line.line_id,
        "product_id": str(line.product_id),
        "sku_id": str(line.sku_id),
        "seller_sku": line.sku,
        "product_name": line.name,
        "sku_name": line.variation,
        "sku_image": picture_url(book, line.sku),
        "display_status": order_status(order),
        "package_status": parcel_status(order),
        "package_id": order.parcel.parcel_id if order.paid_at else "",
        "tracking_number": order.parcel.tracking,
        "shipping_provider_id": provider_id(courier),
        "shipping_provider_name": courier,
        "currency": order.currency,
        "original_price": amount(line.price),
        "sale_price": amount(line.price - line.seller_discount - line.platform_discount),
        "seller_discount": amount(line.seller_discount),
        "platform_discount": amount(line.platform_discount),
        "item_tax": [],
        "is_gift": False,
        "is_dangerous_good": False,
        "needs_prescription": False,
        "gift_retail_price": "0",
        "combined_listing_skus": [],
        "sub_item_info": [],
    }
    if "arranged" in order.times:
        made["rts_time"] = order.times["arranged"]
    if not order.live:
        made |= {
            "cancel_reason": reason_key(order.cancel_reason),
            "cancel_user": order.cancelled_by,
        }
    return made


def picture_url(book: PurchaseBook, sku: str) -> str:
    """Where the picture of a product lies."""
    return f"{book.stand.url('tiktok')}/pictures/{quote(sku, safe='')}.png"
