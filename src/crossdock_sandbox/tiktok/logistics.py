"""Warehouses, ways of delivery and couriers."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.tiktok.failures import invalid
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.places import PROVIDERS, delivery_option, sender, warehouse_id


def warehouses(call: Call) -> dict[str, Any]:
    """/logistics/202309/warehouses: one to sell from, one for returns"""
    return {"warehouses": [_warehouse(call, returns=False), _warehouse(call, returns=True)]}


def _warehouse(call: Call, *, returns: bool) -> dict[str, Any]:
    shop = call.seller
    address = sender(shop)
    one = warehouse_id(shop, returns=returns)
    return {
        "id": one,
        "entity_id": one,
        "name": f"{shop.name} {'returns' if returns else 'warehouse'}",
        "type": "RETURN_WAREHOUSE" if returns else "SALES_WAREHOUSE",
        "sub_type": "DOMESTIC_WAREHOUSE",
        "effect_status": "ENABLED",
        "is_default": True,
        "address": {
            "region": address["full_address"].partition(",")[0],
            "region_code": shop.region,
            "state": address["address_line4"],
            "city": address["address_line3"],
            "distict": "",
            "town": "",
            "postal_code": address["postal_code"],
            "full_address": address["full_address"],
            **{f"address_line{line}": address[f"address_line{line}"] for line in range(1, 5)},
            "contact_person": shop.name,
            "phone_number": address["phone_number"],
        },
    }


def delivery_options(call: Call) -> dict[str, Any]:
    """/logistics/202309/warehouses/{warehouse_id}/delivery_options"""
    known = [warehouse_id(call.seller, returns=returns) for returns in (False, True)]
    if call.ids["warehouse_id"] not in known:
        raise invalid("Invalid parameter: warehouse_id is not a warehouse of this shop")
    return {
        "delivery_options": [
            _option(call, by_seller=by_seller)
            for by_seller in (False, True)
            if call.seller.seller_delivers or not by_seller
        ]
    }


def _option(call: Call, *, by_seller: bool) -> dict[str, Any]:
    one, name = delivery_option(call.seller, by_seller=by_seller)
    return {
        "id": one,
        "name": name,
        "type": "SEND_BY_SELLER" if by_seller else "STANDARD",
        "description": "",
        "dimension_limit": {"max_height": 60, "max_length": 60, "max_width": 60, "unit": "CM"},
        "weight_limit": {"max_weight": 20000, "min_weight": 0, "unit": "GRAM"},
        "platform": ["TIKTOK_SHOP"],
    }


def providers(call: Call) -> dict[str, Any]:
    """/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers"""
    asked = call.ids["delivery_option_id"]
    if asked == delivery_option(call.seller, by_seller=False)[0]:
        raise invalid("The platform chooses the courier of this delivery option.")
    if asked != delivery_option(call.seller, by_seller=True)[0]:
        raise invalid("Invalid parameter: delivery_option_id is not one of this shop")
    return {"shipping_providers": [{"id": one, "name": name} for one, name in PROVIDERS.items()]}
