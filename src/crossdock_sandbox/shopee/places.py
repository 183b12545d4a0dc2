"""Where parcels are collected and handed in, where they go, and when a courier can come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.world.buyers import masked
from crossdock_sandbox.world.purchases import Purchase
from crossdock_sandbox.world.shops import Shop, shop_named

LOCATIONS = {"MY": "MYZ", "SG": "SGZ"}
"""``product_location_id``: every shop keeps its goods at one place."""
_HERE = timezone(timedelta(hours=8))
"""The local time of both countries."""
_LAST_HOUR = 14
"""After this hour no courier comes on the same day."""
_HOURS = ((9, 13), (13, 18))
_FLAGS = {
    "DEFAULT_ADDRESS": "default_address",
    "PICK_UP_ADDRESS": "pickup_address",
    "RETURN_ADDRESS": "return_address",
}
"""How an address's types are called where shipping parameters are asked for."""
_STREETS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "MY": (
        ("Selangor", "Shah Alam", "3, Jalan Gudang 15/2", "40200"),
        ("Johor", "Johor Bahru", "17, Jalan Kilang 4", "81100"),
    ),
    "SG": (
        ("", "Singapore", "21 Jurong Port Road #02-07", "619098"),
        ("", "Singapore", "8 Kaki Bukit Road 2", "417841"),
    ),
}
_BRANCHES = (
    (5101, "Selangor", "Petaling Jaya", "22, Jalan SS 2/75", "47300"),
    (5102, "Selangor", "Shah Alam", "9, Jalan Plumbum 7/102", "40000"),
    (5103, "Kuala Lumpur", "Kuala Lumpur", "118, Jalan Pudu", "55100"),
)


def addresses(shop: Shop) -> list[dict[str, Any]]:
    """The shop's addresses: parcels are collected at the first; no courier comes to the second."""
    types = (["DEFAULT_ADDRESS", "PICK_UP_ADDRESS"], ["RETURN_ADDRESS"])
    first = int(shop.seller_id) * 10
    return [
        {
            "address_id": first + place,
            "region": shop.region,
            "state": state,
            "city": city,
            "district": "",
            "town": "",
            "address": street,
            "zipcode": code,
            "address_type": types[place],
        }
        for place, (state, city, street, code) in enumerate(_STREETS[shop.region])
    ]


def listed(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_address_list"""
    return {"show_pickup_address": True, "address_list": addresses(call.seller)}


def pickup_addresses(shop: Shop) -> list[dict[str, Any]]:
    """The addresses with the times at which a courier can come; null where none does."""
    return [
        {
            **{name: value for name, value in one.items() if name != "address_type"},
            "address_flag": [_FLAGS[kind] for kind in one["address_type"]],
            "time_slot_list": time_slots() if place == 0 else None,
        }
        for place, one in enumerate(addresses(shop))
    ]


def time_slots(present: datetime | None = None) -> list[dict[str, Any]]:
    """What is free in the next days; the first is the one that Shopee would take."""
    here = (present or datetime.now(UTC)).astimezone(_HERE)
    first = 0 if here.hour < _LAST_HOUR else 1
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    slots: list[dict[str, Any]] = []
    for days in range(first, 4):
        day = midnight + timedelta(days=days)
        for start, end in _HOURS:
            if days or start > here.hour:
                slots.append(_slot(day, start, end, recommended=not slots))
    return slots


def _slot(day: datetime, start: int, end: int, *, recommended: bool) -> dict[str, Any]:
    date = int(day.timestamp())
    return {
        "date": date,
        "time_text": f"{start:02d}:00-{end:02d}:00",
        "pickup_time_id": f"{date}_{start}",
        "flags": ["recommended"] if recommended else [],
    }


def branches(shop: Shop) -> list[dict[str, Any]]:
    """Where parcels can be handed in."""
    return [
        {
            "branch_id": number,
            "region": shop.region,
            "state": state,
            "city": city,
            "address": street,
            "zipcode": code,
            "district": "",
            "town": "",
        }
        for number, state, city, street, code in _BRANCHES
    ]


def recipient(order: Purchase) -> dict[str, str]:
    """``recipient_address``: personal parts are masked, and are no address."""
    buyer = order.buyer
    return {
        "name": masked(buyer.name),
        "phone": f"******{buyer.phone[-2:]}",
        "town": "",
        "district": "",
        "city": buyer.city,
        "state": buyer.state,
        "region": shop_named("shopee", order.shop).region,
        "zipcode": buyer.post_code,
        "full_address": f"{buyer.street[:1]}******",
    }


def location(order: Purchase) -> str:
    """``product_location_id`` of an order's goods."""
    return LOCATIONS[shop_named("shopee", order.shop).region]
