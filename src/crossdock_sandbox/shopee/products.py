"""Items and their models, with prices and stock."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.shopee.answers import number
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.listing import LISTED_AT, has_model, model_id, shelf, skus, variation
from crossdock_sandbox.shopee.places import LOCATIONS
from crossdock_sandbox.world.catalogue import Product

_STATUSES = ("NORMAL", "BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE")
_STOCK = 100


def item_list(call: Call) -> dict[str, Any]:
    """/api/v2/product/get_item_list: everything is NORMAL here"""
    given = call.given
    offset, size = given.between("offset", 0, 10**6), given.between("page_size", 1, 100)
    wanted = given.listed("item_status", len(_STATUSES))
    if not set(wanted) <= set(_STATUSES):
        raise wrong(f"item_status should be of {', '.join(_STATUSES)}")
    since, until = given.integer("update_time_from", 0), given.integer("update_time_to", 2**62)
    here = "NORMAL" in wanted and since <= LISTED_AT <= until
    items = list(shelf(call.seller)) if here else []
    shown, more = items[offset : offset + size], offset + size < len(items)
    return {
        "item": [
            {"item_id": one, "item_status": "NORMAL", "update_time": LISTED_AT} for one in shown
        ],
        "total_count": len(items),
        "has_next_page": more,
        "next_offset": offset + size if more else 0,
    }


def base_info(call: Call) -> dict[str, Any]:
    """/api/v2/product/get_item_base_info: unknown items are left out"""
    wanted, items = call.given.numbers("item_id_list", 50), shelf(call.seller)
    return {"item_list": [_base(call, one, items[one]) for one in wanted if one in items]}


def _base(call: Call, item: int, products: list[Product]) -> dict[str, Any]:
    first = products[0]
    models = has_model(first.sku)
    price = {} if models else {"price_info": _price(call, first)}
    image = f"{call.book.stand.url('shopee')}/pictures/{first.sku}.png"
    return {
        "item_id": item,
        "category_id": 100001,
        "item_name": first.name,
        "description": first.name,
        "item_sku": skus(first.sku)["item_sku"],
        "create_time": LISTED_AT,
        "update_time": LISTED_AT,
        **price,
        "image": {"image_url_list": [image], "image_id_list": [first.sku]},
        "weight": "0.25",
        "dimension": {"package_length": 20, "package_width": 15, "package_height": 10},
        "pre_order": {"is_pre_order": False, "days_to_ship": 1},
        "condition": "NEW",
        "item_status": "NORMAL",
        "has_model": models,
        "gtin_code": "",
        "stock_info_v2": _stock(call, len(products)),
    }


def models(call: Call) -> dict[str, Any]:
    """/api/v2/product/get_model_list"""
    item = call.given.integer("item_id")
    products = shelf(call.seller).get(item)
    if products is None:
        raise Failure("error_item_not_found", "Item_id is not found.")
    if not has_model(products[0].sku):
        return {"tier_variation": [], "model": []}
    tiers, places = _tiers(call, products)
    return {
        "tier_variation": tiers,
        "model": [
            {
                "model_id": model_id(one.sku),
                "model_sku": one.sku,
                "model_name": ",".join(value for _, value in variation(one)),
                "model_status": "MODEL_NORMAL",
                "tier_index": places[one.sku],
                "price_info": _price(call, one),
                "stock_info_v2": _stock(call, 1),
                "gtin_code": "",
                "weight": "0.25",
            }
            for one in products
        ],
    }


def _tiers(
    call: Call, products: list[Product]
) -> tuple[list[dict[str, Any]], dict[str, list[int]]]:
    """(the tiers with their options, each SKU's place in every tier)."""
    options: dict[str, list[str]] = {}
    for one in products:
        for name, value in variation(one):
            values = options.setdefault(name, [])
            if value not in values:
                values.append(value)
    places = {
        one.sku: [options[name].index(value) for name, value in variation(one)] for one in products
    }
    tiers: list[dict[str, Any]] = [
        {"name": name, "option_list": [{"option": value} for value in values]}
        for name, values in options.items()
    ]
    for one in reversed(products):
        tiers[0]["option_list"][places[one.sku][0]]["image"] = {
            "image_id": one.sku,
            "image_url": f"{call.book.stand.url('shopee')}/pictures/{one.sku}.png",
        }
    return tiers, places


def _price(call: Call, product: Product) -> list[dict[str, Any]]:
    price = number(product.price)
    return [{"currency": call.seller.currency, "original_price": price, "current_price": price}]


def _stock(call: Call, models_: int) -> dict[str, Any]:
    stock = _STOCK * models_
    place = LOCATIONS[call.seller.region]
    return {
        "summary_info": {"total_reserved_stock": 0, "total_available_stock": stock},
        "seller_stock": [{"location_id": place, "stock": stock, "if_saleable": True}],
    }
