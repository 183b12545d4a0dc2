"""Letting us in: the authorise page, tokens, and the shops that they open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from crossdock.channels.contract import App, Grant, GrantedShop, Shop
from crossdock.channels.errors import Refused, TokenDead, Unreadable
from crossdock.channels.reading import Reading, Row, rows, text
from crossdock.channels.tiktok.api import call_auth, get
from crossdock.channels.tiktok.endpoints import SHOPS

PAGES: Mapping[str, str] = {
    "WORLD": "https://services.tiktokshop.com/open/authorize",
    "US": "https://services.us.tiktokshop.com/open/authorize",
}


def authorize_url(app: App, *, region: str, redirect_uri: str, state: str) -> str:
    """The page where a seller lets us in.

    It names the service and not the app, and no address to come back to: that is fixed in the app's
    settings at TikTok.
    """
    del redirect_uri
    page = app.base_urls.get("authorize") or PAGES.get(region, PAGES["WORLD"])
    return f"{page}?{urlencode({'service_id': app.more.get('service_id', ''), 'state': state})}"


def exchange(app: App, *, query: Mapping[str, str]) -> Grant:
    """Turn a code into tokens, and ask which shops they open: all of the seller's share the one pair.

    Raises Refused.
    """
    if not query.get("code"):
        raise Refused("TikTok Shop came back without a code: start linking again.")
    values = {"auth_code": query["code"], "grant_type": "authorized_code"}
    grant = _grant(call_auth(app, "/api/v2/token/get", values, writes=False))
    shops = _shops(app, grant.access_token)
    if not shops:
        raise Refused("This TikTok Shop seller let us into no shop.")
    return Grant(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        access_expires_at=grant.access_expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        shops=shops,
        holder=grant.holder,
    )


def refresh(app: App, *, refresh_token: str) -> Grant:
    """New tokens for old. Whether the refresh token itself changes is not sure: the one that comes
    is kept. Raises TokenDead when the seller must link again, Unclear when the answer never came."""
    if not refresh_token:
        raise TokenDead("TikTok Shop gave no refresh token for this store.")
    values = {"refresh_token": refresh_token, "grant_type": "refresh_token"}
    return _grant(call_auth(app, "/api/v2/token/refresh", values, writes=True))


def shop_name(shop: Shop) -> str:
    """The shop's name, from the list of those that the token opens."""
    told = get(shop, SHOPS)
    names = {text(row, "id"): text(row, "name") for row in rows(told, "shops")}
    if shop.shop_id not in names:
        raise TokenDead("TikTok Shop's token does not open this shop (any more).")
    return names[shop.shop_id]


def _shops(app: App, access_token: str) -> tuple[GrantedShop, ...]:
    """The shops with their regions and ciphers; a cross-border seller has one a country."""
    anyone = Shop(app, "", "", access_token)
    return tuple(
        GrantedShop(text(row, "id"), text(row, "region"), text(row, "name"), text(row, "cipher"))
        for row in rows(get(anyone, SHOPS), "shops")
        if text(row, "id")
    )


def _grant(told: Mapping[str, Any]) -> Grant:
    """Tokens; their ends are moments in time, whatever the fields are called."""
    access, fresh = text(told, "access_token"), text(told, "refresh_token")
    ends = _end(told, "access_token_expire_in")
    if not access or not fresh or ends is None:
        raise Unreadable("TikTok Shop gave no token in its answer.")
    return Grant(
        access,
        fresh,
        ends,
        _end(told, "refresh_token_expire_in"),
        holder=text(told, "open_id"),
    )


def _end(told: Row, name: str) -> datetime | None:
    found = Reading().time(told, name)
    return min(found, datetime(9999, 1, 1, tzinfo=UTC)) if found else None
