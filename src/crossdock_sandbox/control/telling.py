"""The truth as JSON: identities and orders, in shapes that scripts rely on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crossdock_sandbox.stand import CHANNELS, Stand
from crossdock_sandbox.world.orders import Order
from crossdock_sandbox.world.shops import (
    APPS,
    BOOKS,
    BOOKS_REGION,
    BOOKS_SERVICE,
    SHOPS,
    TIKTOK_SERVICE_ID,
    Shop,
)


def identities(stand: Stand) -> dict[str, Any]:
    """Every fixed identity, with the base URL that a client is given."""
    lazada, tiktok, shopee = APPS["lazada"], APPS["tiktok"], APPS["shopee"]
    shops = {
        channel: [_shop(shop) for shop in SHOPS if shop.channel == channel] for channel in CHANNELS
    }
    return {
        "lazada": {
            "base_url": f"{stand.url('lazada')}/rest",
            "auth_url": f"{stand.url('lazada')}/rest",
            "app_key": lazada.key,
            "app_secret": lazada.secret,
            "shops": shops["lazada"],
        },
        "shopee": {
            "base_url": stand.url("shopee"),
            "partner_id": int(shopee.key),
            "partner_key": shopee.secret,
            "shops": shops["shopee"],
        },
        "tiktok": {
            "base_url": stand.url("tiktok"),
            "auth_url": stand.url("tiktok"),
            "app_key": tiktok.key,
            "app_secret": tiktok.secret,
            "service_id": TIKTOK_SERVICE_ID,
            "shops": shops["tiktok"],
        },
        "sqlaccount": {
            "base_url": stand.url("sqlaccount"),
            "access_key": BOOKS[0].access_key,
            "secret_key": BOOKS[0].secret_key,
            "region": BOOKS_REGION,
            "service": BOOKS_SERVICE,
            "company": BOOKS[0].company,
            "others": [
                {
                    "company": one.company,
                    "access_key": one.access_key,
                    "secret_key": one.secret_key,
                }
                for one in BOOKS[1:]
            ],
        },
    }


def _shop(shop: Shop) -> dict[str, Any]:
    common = {"shop": shop.shop, "name": shop.name, "region": shop.region}
    if shop.channel == "lazada":
        return {**common, "seller_id": shop.seller_id}
    if shop.channel == "shopee":
        return {**common, "shop_id": int(shop.seller_id)}
    return {**common, "id": shop.seller_id, "cipher": shop.cipher}


def order_json(order: Order) -> dict[str, Any]:
    """An order as it really is: a line per unit, the items' statuses joined."""
    return {
        "channel": order.channel,
        "shop": order.shop,
        "order_id": order.order_id,
        "status": ",".join(order.statuses),
        "currency": order.currency,
        "total": f"{order.billed_total:.2f}",
        "created_at": iso(order.created_at),
        "updated_at": iso(order.updated_at),
        "seller_delivers": any(item.sof for item in order.items),
        "cancel_requested": order.cancel_request is not None,
        "return_waits_for_seller": order.return_waits_for_seller,
        "lines": [
            {
                "line_id": str(item.item_id),
                "sku": item.sku,
                "name": item.name,
                "quantity": 1,
                "price": f"{item.price:.2f}",
                "status": item.status,
            }
            for item in order.items
        ],
        "packages": [
            {
                "package_id": package.package_id,
                "tracking_number": package.tracking,
                "shipment_provider": package.provider,
                "status": next((item.status for item in order.of_package(package)), "canceled"),
                "order_ids": [order.order_id],
            }
            for package in order.packages.values()
            if not package.void
        ],
    }


def no_combining(channel: str) -> str:
    """What is said where a channel has no parcels of several orders."""
    return f"combine_with is for tiktok: {channel} has no parcels that hold several orders"


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
