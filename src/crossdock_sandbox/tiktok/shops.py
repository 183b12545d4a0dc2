"""The shops that a token is good for."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.world.shops import Shop, shop_named


def authorized(call: Call) -> dict[str, Any]:
    """/authorization/202309/shops: each with its cipher"""
    names = call.grant.covers
    return {"shops": [_told(shop_named("tiktok", name), several=len(names) > 1) for name in names]}


def active(call: Call) -> dict[str, Any]:
    """/seller/202309/shops: id and region only"""
    shops = [shop_named("tiktok", name) for name in call.grant.covers]
    return {"shops": [{"id": shop.seller_id, "region": shop.region} for shop in shops]}


def _told(shop: Shop, *, several: bool) -> dict[str, Any]:
    """A seller with shops in several countries is CROSS_BORDER, with one shop the LOCAL seller."""
    return {
        "id": shop.seller_id,
        "name": shop.name,
        "region": shop.region,
        "seller_type": "CROSS_BORDER" if several else "LOCAL",
        "cipher": shop.cipher,
        "code": f"{shop.region}LC{shop.seller_id[-6:]}",
    }
