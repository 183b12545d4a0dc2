"""Warehouses, ways of delivery and couriers of a shop, and how addresses are told."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.world.buyers import Buyer
from crossdock_sandbox.world.purchases import Purchase
from crossdock_sandbox.world.shops import Shop, shop_named

COUNTRIES = {"MY": "Malaysia", "SG": "Singapore"}
_ALL_COURIERS = (
    "J&T Express", "Ninja Van", "DHL eCommerce", "Flash Express", "City-Link Express", "Pos Laju",
    "Seller own fleet",
)  # fmt: skip
PROVIDERS = {
    str(7_110_000_000_000_000_001 + place): name for place, name in enumerate(_ALL_COURIERS)
}
"""Courier's name by id: those that a seller may name for parcels of his own."""
_PROVIDER_IDS = {name: one for one, name in PROVIDERS.items()}
_LEVELS = ("country", "state", "city", "area")


def provider_id(name: str) -> str:
    """Id of a courier; "" for none."""
    return _PROVIDER_IDS.get(name, "")


def warehouse_id(shop: Shop, *, returns: bool = False) -> str:
    """Id of the shop's sales or return warehouse."""
    return str(7_067_000_000_000_000_000 + int(shop.seller_id[-3:]) * 10 + returns)


def delivery_option(shop: Shop, *, by_seller: bool) -> tuple[str, str]:
    """(id, name) of a way of delivery: the platform's couriers, or the seller's own."""
    number = 7_091_000_000_000_000_000 + int(shop.seller_id[-3:]) * 10
    return (str(number + 1), "Send by seller") if by_seller else (str(number), "Standard shipping")


def shipping_type(order: Purchase) -> str:
    """``shipping_type``: TIKTOK (the platform's label) or SELLER (the seller's own courier)."""
    return "SELLER" if order.seller_delivers else "TIKTOK"


def recipient(order: Purchase) -> dict[str, Any]:
    """``recipient_address``: masked with the platform's shipping, clear with the seller's."""
    buyer, clear = order.buyer, order.seller_delivers
    region = shop_named("tiktok", order.shop).region
    name = buyer.name if clear else _masked_words(buyer.name)
    first, _, last = name.partition(" ")
    street = buyer.street if clear else _masked_words(buyer.street)
    code = buyer.post_code if clear else f"{buyer.post_code[:1]}***"
    place = f"{COUNTRIES.get(region, region)}, {buyer.state}, {buyer.city}"
    return {
        "name": name,
        "first_name": first,
        "last_name": last,
        "first_name_local_script": "",
        "last_name_local_script": "",
        "phone_number": _phone(buyer, clear=clear),
        "full_address": f"{place}, {street}, {code}",
        "address_detail": street,
        "address_line1": street,
        "address_line2": "",
        "address_line3": buyer.city,
        "address_line4": buyer.state,
        "postal_code": buyer.post_code,
        "region_code": region,
        "post_town": "",
        "district_info": _districts(region, buyer),
        "delivery_preferences": {"drop_off_location": ""},
    }


def _districts(region: str, buyer: Buyer) -> list[dict[str, str]]:
    names = (COUNTRIES.get(region, region), buyer.state, buyer.city)
    return [
        {
            "address_level": f"L{level}",
            "address_level_name": _LEVELS[level],
            "address_name": name,
            "iso_code": region if level == 0 else "",
        }
        for level, name in enumerate(names)
    ]


def _phone(buyer: Buyer, *, clear: bool) -> str:
    country, rest = buyer.phone[:2], buyer.phone[2:]
    return f"(+{country}){rest}" if clear else f"(+{country}){rest[:2]}*****{rest[-2:]}"


def _masked_words(text: str) -> str:
    """``T** S**``"""
    return " ".join(f"{word[0]}**" for word in text.split())


def sender(shop: Shop) -> dict[str, Any]:
    """``sender_address``: the shop's sales warehouse."""
    country = COUNTRIES.get(shop.region, shop.region)
    return {
        "name": shop.name,
        "phone_number": "(+60)123000000",
        "full_address": f"{country}, Selangor, Shah Alam, 3, Jalan Gudang 15/2, 40200",
        "address_detail": "3, Jalan Gudang 15/2",
        "address_line1": "3, Jalan Gudang 15/2",
        "address_line2": "",
        "address_line3": "Shah Alam",
        "address_line4": "Selangor",
        "postal_code": "40200",
        "region_code": shop.region,
    }
