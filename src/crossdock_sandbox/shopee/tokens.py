"""Tokens for codes, and new tokens for old: one chain a shop, also after a main account's consent."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.grants import Grant
from crossdock_sandbox.shopee.authorizations import is_linked
from crossdock_sandbox.shopee.failures import Failure, denied, wrong
from crossdock_sandbox.shopee.gateway import PARTNER, Call
from crossdock_sandbox.world.shops import SHOPS

MAIN_ACCOUNT = 980001
"""The main account that both shops belong to."""
_OVERLAP = 300
"""Seconds for which the old access token lives on after a refresh."""


def get(call: Call) -> dict[str, Any]:
    """/api/v2/auth/token/get: for a shop, or for all shops of a main account"""
    _check_partner(call)
    shop_id, main = call.given.integer("shop_id", 0), call.given.integer("main_account_id", 0)
    if bool(shop_id) == bool(main):
        raise wrong("exactly one of shop_id and main_account_id is required")
    code = call.book.grants.codes.get(call.given.text("code"))
    if code is None or code.ends <= time.time():
        raise denied("invalid_code", "Your code is expired or used or invalid.")
    if main and (main != MAIN_ACCOUNT or len(code.shops) < 2):
        raise denied("invalid_main_acount_id", "The main_account_id is invalid.")
    if shop_id and [shop_of(shop_id)] != list(code.shops):
        raise denied("invalid_shop_id", "The shop_id is invalid.")
    call.book.grants.redeem(call.given.text("code"))
    if not main:
        return _told(call.book.grants.grant(code.shops[0]))
    every = list(code.shops)
    grant = call.book.grants.grant(every[0], also=list(every), shops=every)
    return {
        **_told(grant),
        "shop_id_list": [shop_number(one) for one in every],
        "merchant_id_list": [],
        "supplier_id_list": [],
        "user_id_list": [],
        "principal_id_list": [],
    }


def refresh(call: Call) -> dict[str, Any]:
    """/api/v2/auth/access_token/get: a new pair; the old refresh token is used up"""
    try:
        grant = _refreshed(call)
    except Failure as failure:
        call.witness("", "refresh", failure.error)
        raise
    call.witness("", "refresh")
    return {
        **_told(grant),
        "expire_in": round(call.book.grants.lifetimes.access),
        "partner_id": int(PARTNER.key),
        "shop_id": shop_number(grant.shop),
    }


def _refreshed(call: Call) -> Grant:
    _check_partner(call)
    shop = shop_of(call.given.integer("shop_id", 0))
    if not shop:
        raise wrong("exactly one of shop_id and merchant_id is required")
    old = call.book.grants.of_refresh(call.given.text("refresh_token"))
    if old is None and not is_linked(call.book, shop):
        raise denied("shop_no_linked", "Partner and shop has no linked.")
    if old is None or old.refresh_used or shop not in (old.also or [old.shop]):
        raise denied("error_shop_refresh_token", "The refresh_token of the shop is wrong.")
    if old.refresh_ends <= time.time():
        raise denied("refresh_token_expired", "Your refresh_token is expired.")
    _use_up(call, old, shop)
    return call.book.grants.grant(shop)


def _use_up(call: Call, old: Grant, shop: str) -> None:
    """A main account's first refresh token serves each of its shops once."""
    if old.also is not None:
        old.also = [one for one in old.also if one != shop]
    if not old.also:
        old.refresh_used = True
        old.access_ends = min(old.access_ends, time.time() + _OVERLAP)
    call.book.grants.keep(old)


def _check_partner(call: Call) -> None:
    if str(call.given.integer("partner_id")) != PARTNER.key:
        raise denied("error_auth", "partner_id is invalid.")


def shop_of(number: int) -> str:
    """The short name of a shop; "" where there is none of this number."""
    shops = (one for one in SHOPS if one.channel == "shopee")
    return next((one.shop for one in shops if one.seller_id == str(number)), "")


def shop_number(shop: str) -> int:
    """``shop_id`` of a shop."""
    return next(int(one.seller_id) for one in SHOPS if one.shop == shop)


def _told(grant: Grant) -> dict[str, Any]:
    return {
        "access_token": grant.access,
        "refresh_token": grant.refresh,
        "expire_in": int(grant.access_ends - time.time()),
    }
