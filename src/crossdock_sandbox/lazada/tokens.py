"""Tokens for codes, and new tokens for old."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.grants import Grant
from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.world.shops import shop_named


def create(call: Call) -> dict[str, Any]:
    """/auth/token/create"""
    code = call.book.grants.redeem(call.text("code"))
    if code is None:
        raise Failure("InvalidCode", "Invalid authorization code")
    return tokens_json(call.book.grants.grant(code.shops[0]))


def refresh(call: Call) -> dict[str, Any]:
    """/auth/token/refresh: a new pair; the old refresh token is used up"""
    old = call.book.grants.of_refresh(call.text("refresh_token"))
    if old is None or old.refresh_used or old.refresh_ends <= time.time():
        call.witness("", "refresh", accepted=False, error="IllegalRefreshToken")
        raise Failure("IllegalRefreshToken", "The specified refresh token is invalid or expired")
    call.witness("", "refresh", accepted=True)
    old.refresh_used = True
    call.book.grants.keep(old)
    return tokens_json(call.book.grants.grant(old.shop, old.refresh_ends))


def tokens_json(grant: Grant) -> dict[str, Any]:
    """A pair of tokens: flat, beside the code."""
    shop = shop_named("lazada", grant.shop)
    present = time.time()
    return {
        "access_token": grant.access,
        "refresh_token": grant.refresh,
        "expires_in": max(round(grant.access_ends - present), 0),
        "refresh_expires_in": max(round(grant.refresh_ends - present), 0),
        "country": shop.region.lower(),
        "country_user_info": [
            {
                "country": shop.region.lower(),
                "user_id": f"10000{shop.seller_id}",
                "seller_id": shop.seller_id,
                "short_code": f"{shop.region}12ABCD",
            }
        ],
        "account": f"{shop.shop}@seller.test",
        "account_id": None,
        "account_platform": "seller_center",
    }
