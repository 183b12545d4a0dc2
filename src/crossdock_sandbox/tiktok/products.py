"""The shop's products, and how many of each there are."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.money import amount
from crossdock_sandbox.tiktok.paging import Row, inside, page, window
from crossdock_sandbox.tiktok.places import warehouse_id
from crossdock_sandbox.world.catalogue import KNOWN, UNKNOWN, Product
from crossdock_sandbox.world.goods import product_ids
from crossdock_sandbox.world.shops import Shop

_STATUSES = (
    "ALL", "DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED",
    "FREEZE", "DELETED",
)  # fmt: skip
_LISTED_AT = 1_760_000_000
"""Unix seconds at which everything was put on sale."""
_STOCK = 100


def search(call: Call) -> dict[str, Any]:
    """/product/{v}/products/search: every product has one SKU here, and all are active"""
    size = call.query.between("page_size", 1, 100)
    shelf = _shelf(call.seller)
    found = page(call.query, _rows(call, shelf), size, "ASC")
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        "products": [_product(call, shelf[one]) for one in found.ids],
    }


def _shelf(shop: Shop) -> dict[str, Product]:
    """The shop's products by product id."""
    sold = (*KNOWN, *UNKNOWN) if shop.sells_unknown else KNOWN
    return {str(product_ids(one, wide=True)[0]): one for one in sold}


def _rows(call: Call, shelf: dict[str, Product]) -> list[Row]:
    body = call.body
    status = body.one_of("status", _STATUSES, "ALL")
    codes, skus = body.strings("seller_skus"), body.strings("sku_ids", 10)
    made, changed = window(body, "create_time", "le"), window(body, "update_time", "le")
    return sorted(
        (_LISTED_AT, key)
        for key, product in shelf.items()
        if status in ("ALL", "ACTIVATE")
        and (not codes or product.sku in codes)
        and (not skus or str(product_ids(product, wide=True)[1]) in skus)
        and inside(_LISTED_AT, made)
        and inside(_LISTED_AT, changed)
    )


def _product(call: Call, product: Product) -> dict[str, Any]:
    product_id, sku_id = product_ids(product, wide=True)
    price = amount(product.price)
    return {
        "id": str(product_id),
        "title": product.name,
        "status": "ACTIVATE",
        "create_time": _LISTED_AT,
        "update_time": _LISTED_AT,
        "sales_regions": [call.seller.region],
        "skus": [
            {
                "id": str(sku_id),
                "seller_sku": product.sku,
                "price": {
                    "currency": call.seller.currency,
                    "tax_exclusive_price": price,
                    "sale_price": price,
                },
                "inventory": [
                    {"warehouse_id": warehouse_id(call.seller), "quantity": _quantity(call, sku_id)}
                ],
                "status_info": {"status": "NORMAL"},
            }
        ],
    }


def _quantity(call: Call, sku_id: int) -> int:
    kept = call.book.stand.shelf.get("tiktok-stock", f"{call.of_shop}/{sku_id}", _STOCK)
    return int(kept)


def update_inventory(call: Call) -> dict[str, Any]:
    """/product/202309/products/{product_id}/inventory/update: with every warehouse of a SKU"""
    product = _shelf(call.seller).get(call.ids["product_id"])
    skus = Fields(call.body.values, 12052001).objects("skus")
    if product is None or not skus:
        raise Fields({}).refused("skus" if product else "product_id", "is required")
    errors = [failed for sku in skus if (failed := _stocked(call, product, sku))]
    return {"errors": errors} if errors else {}


def _stocked(call: Call, product: Product, sku: Fields) -> dict[str, Any] | None:
    """Keep how many there are; the failure, if any."""
    sku_id, known = sku.text("id"), str(product_ids(product, wide=True)[1])
    places = {one.text("warehouse_id"): one for one in sku.objects("inventory")}
    if sku_id != known or set(places) != {warehouse_id(call.seller)}:
        text = "The SKU is unknown, or a warehouse of it is missing."
        return {"code": 12052048, "message": text, "detail": {"sku_id": sku_id}}
    quantity = places[warehouse_id(call.seller)].between("quantity", 0, 999_999)
    call.book.stand.shelf.put("tiktok-stock", f"{call.of_shop}/{sku_id}", quantity)
    return None
