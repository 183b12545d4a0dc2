"""Letting us in: the authorise page, and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from crossdock.channels.contract import App, Grant, GrantedShop, Shop
from crossdock.channels.errors import (
    ChannelError,
    Refused,
    TokenDead,
    Unreadable,
    ends_token,
)
from crossdock.channels.reading import Reading, Row, text
from crossdock.channels.shopee.api import base_of, call_public, get, partner_id, signed
from crossdock.rules.from_outside import whole

PAGES: Mapping[str, str] = {
    "SEA": "https://open.shopee.com/auth",
    "BR": "https://open.shopee.com.br/auth",
    "CN": "https://open.shopee.cn/auth",
}
SIGNED = "signed"
"""The setting ``link`` that asks for the old, signed link; anything else is the portal's."""
_SIGNED_PATH = "/api/v2/shop/auth_partner"
_ABSOLUTE = 10**9
"""``expire_in`` is seconds; one sample of the vendor's shows a moment in time instead."""
_REFRESH_LIFE = timedelta(days=30)
"""The answer does not tell how long a refresh token lives; the guide does."""


def authorize_url(app: App, *, region: str, redirect_uri: str, state: str) -> str:
    """The page where a seller lets us in.

    Shopee has two: the portal, which the guide of today describes and which gives ``state`` back,
    and an older signed link that is good for 5 minutes. The old one knows no ``state``, but keeps
    the query of the address that it leads back to.
    """
    if app.more.get("link", "").strip().lower() == SIGNED:
        query = {**signed(app, _SIGNED_PATH), "redirect": _with_state(redirect_uri, state)}
        return f"{base_of(app, region).rstrip('/')}{_SIGNED_PATH}?{urlencode(query)}"
    page = app.base_urls.get("authorize") or PAGES.get(region, PAGES["SEA"])
    query = {
        "partner_id": str(partner_id(app)),
        "auth_type": "seller",
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "state": state,
    }
    return f"{page}?{urlencode(query)}"


def exchange(app: App, *, region: str, query: Mapping[str, str]) -> Grant:
    """Turn a code into tokens, and ask which shops they open.

    A main account gets one pair for all its shops: each of them uses its refresh token once, and
    goes its own way from then on. Raises Refused.
    """
    if not query.get("code"):
        raise Refused("Shopee came back without a code: start linking again.")
    holder = _holder(query)
    told = call_public(
        app, region, "auth/token/get", {"code": query["code"], **holder}, writes=False
    )
    shop_ids = [str(one) for one in _listed(told, "shop_id_list")] or [
        str(holder[name]) for name in ("shop_id",) if name in holder
    ]
    if not shop_ids:
        raise Refused("This Shopee main account let us into no shop.")
    grant = _grant(told)
    return Grant(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        access_expires_at=grant.access_expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        shops=_shops(app, region, shop_ids, grant.access_token),
    )


def refresh(app: App, *, region: str, shop_id: str, refresh_token: str) -> Grant:
    """New tokens for old; the old refresh token is used up. Raises TokenDead when the seller must
    link the store again, Unclear when the answer never came.

    The shop is read too where that works, since a seller can extend the consent at Shopee.
    """
    if not refresh_token:
        raise TokenDead("Shopee gave no refresh token for this store.")
    body = {"refresh_token": refresh_token, "shop_id": int(shop_id)}
    grant = _grant(call_public(app, region, "auth/access_token/get", body, writes=True))
    with suppress(ChannelError):  # nothing may lose the new tokens: the old ones are used up
        return replace(grant, shops=_shops(app, region, (shop_id,), grant.access_token))
    return grant


def shop_info(shop: Shop) -> Row:
    """What Shopee tells of a shop: its name, country and standing."""
    return get(shop, "shop/get_shop_info")


def _holder(query: Mapping[str, str]) -> dict[str, int]:
    """Who let us in: a shop, or a main account."""
    for name in ("shop_id", "main_account_id"):
        if (number := whole(query.get(name, ""))) is not None:
            return {name: number}
    raise Refused("Shopee came back without a shop or main account: start linking again.")


def _shops(
    app: App, region: str, shop_ids: Iterable[str], access_token: str
) -> tuple[GrantedShop, ...]:
    """The shops with their countries and names. One that Shopee does not let us into (banned, say)
    is left out, so that it does not keep the others away; raises Refused when it is all there is."""
    found, refusals = [], []
    for shop_id in shop_ids:
        try:
            told = shop_info(Shop(app, shop_id, region, access_token))
        except Refused as refusal:
            if ends_token(refusal):
                raise
            refusals.append(refusal)
            continue
        found.append(
            GrantedShop(
                shop_id,
                text(told, "region"),
                text(told, "shop_name"),
                ends_at=Reading().time(told, "expire_time"),
            )
        )
    if not found:
        raise refusals[0]
    return tuple(found)


def _grant(told: Mapping[str, Any]) -> Grant:
    now, life = datetime.now(UTC), Reading().whole(told, "expire_in")
    access, fresh = text(told, "access_token"), text(told, "refresh_token")
    if not access or not fresh or not life:
        raise Unreadable("Shopee gave no token in its answer.")
    absolute = life > _ABSOLUTE
    ends = datetime.fromtimestamp(life, UTC) if absolute else now + timedelta(seconds=life)
    return Grant(access, fresh, ends, now + _REFRESH_LIFE)


def _with_state(redirect_uri: str, state: str) -> str:
    parts = urlsplit(redirect_uri)
    query = "&".join(filter(None, (parts.query, urlencode({"state": state}))))
    return urlunsplit(parts._replace(query=query))


def _listed(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []
