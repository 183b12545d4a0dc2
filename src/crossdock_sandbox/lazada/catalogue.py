"""/products/get: what a shop sells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.world.catalogue import KNOWN, UNKNOWN, Product
from crossdock_sandbox.world.shops import Shop, shop_named

_FILTERS = frozenset({"all", "live", "inactive", "deleted", "pending", "rejected", "sold-out"})
_LARGEST_OFFSET = 10_000
_OPENED = datetime(2025, 1, 6, 2, 0, tzinfo=UTC)


def products(call: Call) -> dict[str, Any]:
    """/products/get; every product has one SKU. Without any, ``products`` is left out."""
    shop = shop_named("lazada", call.of_shop)
    if call.values.get("filter", "all") not in _FILTERS:
        raise Failure("36", "E036: Invalid status filter")
    limit = call.number("limit", 20, 1, 50, ("19", "E019: Invalid Limit"))
    offset = call.number("offset", 0, 0, _LARGEST_OFFSET, ("14", "E014: Invalid Offset"))
    found = [product for product in _shelf(shop) if _wanted(call, product)]
    made = [_product(shop, product, call) for product in found[offset : offset + limit]]
    return {"data": {"total_products": len(found), **({"products": made} if made else {})}}


def _shelf(shop: Shop) -> tuple[Product, ...]:
    return (*KNOWN, *UNKNOWN) if shop.sells_unknown else KNOWN


def _wanted(call: Call, product: Product) -> bool:
    if call.values.get("filter", "all") not in ("all", "live"):
        return False
    made = _made(product)
    for name in ("create", "update"):
        after, before = call.moment(f"{name}_after"), call.moment(f"{name}_before")
        if (after and made < after) or (before and made > before):
            return False
    if not call.values.get("sku_seller_list"):
        return True
    wanted = call.structure("sku_seller_list")
    if not isinstance(wanted, list) or len(wanted) > 100:
        raise Failure("70", "E070: You have corrupt data in your sku seller list")
    return product.sku in wanted


def _made(product: Product) -> datetime:
    return _OPENED + timedelta(days=product.number % 200)


def _product(shop: Shop, product: Product, call: Call) -> dict[str, Any]:
    number, base = product.number, call.book.stand.url("lazada")
    picture = f"{base}/pictures/{product.sku}.png"
    made = str(int(_made(product).timestamp() * 1000))
    return {
        "item_id": number,
        "primary_category": 100 + number % 40,
        "created_time": made,
        "updated_time": made,
        "status": "Active",
        "attributes": {"name": product.name, "brand": "No Brand", "short_description": ""},
        "images": [picture],
        "skus": [
            {
                "SkuId": number + 1,
                "SellerSku": product.sku,
                "ShopSku": f"{number}_{shop.region}-{number + 1}",
                "Status": "active",
                "quantity": 100,
                "Available": 100,
                "price": float(product.price),
                "special_price": 0.0,
                "Url": f"https://www.lazada.com.my/products/i{number}-s{number + 1}.html",
                "Images": [picture],
                "saleProp": _properties(product),
                "package_weight": "0.50",
                "package_length": "20.00",
                "package_width": "15.00",
                "package_height": "10.00",
                "package_content": product.name,
                "multiWarehouseInventories": [_stock(call)],
                "fblWarehouseInventories": [],
            }
        ],
    }


def _properties(product: Product) -> dict[str, str]:
    """``Size:M, Color family:White`` → {"Size": "M", "Color family": "White"}"""
    pairs = (part.partition(":") for part in product.variation.split(", ") if ":" in part)
    return {name: value for name, _, value in pairs}


def _stock(call: Call) -> dict[str, Any]:
    stock: dict[str, Any] = {"warehouseCode": "dropshipping", "quantity": 100}
    if call.values.get("options") == "1":
        stock |= {"sellableQuantity": 100, "occupyQuantity": 0, "withholdQuantity": 0}
    return stock
