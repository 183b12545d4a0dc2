"""Letting us in at Lazada: the authorise page, and tokens for codes and for older tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crossdock.channels.contract import App, Grant, GrantedShop
from crossdock.channels.errors import Refused, TokenDead, Unreadable
from crossdock.channels.lazada.api import AUTHORIZE_PAGE, call_auth
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.reading import Reading


def authorize_url(app: App, *, region: str, redirect_uri: str, state: str) -> str:
    """The page where a seller lets us in. ``redirect_uri`` must be the registered one, exactly."""
    page = app.base_urls.get("authorize") or AUTHORIZE_PAGE
    query = {
        "response_type": "code",
        "force_auth": "true",
        "redirect_uri": redirect_uri,
        "client_id": app.key,
        "country": region.lower(),
        "state": state,
    }
    return f"{page}?{urlencode(query)}"


def exchange(app: App, *, region: str, query: Mapping[str, str]) -> Grant:
    """Tokens for the code that came back: it lives 30 minutes and works once."""
    if query.get("error"):
        raise Refused(f"Lazada says that the seller did not agree: {query['error']}.")
    if not query.get("code"):
        raise Refused("Lazada came back without a code: start linking again.")
    return _grant(call_auth(app, "/auth/token/create", {"code": query["code"]}), region)


def refresh(app: App, *, region: str, refresh_token: str) -> Grant:
    """New tokens for old. The refresh token keeps its first end: then the seller must link again."""
    if not refresh_token:
        raise TokenDead("Lazada gave no refresh token for this store.")
    return _grant(call_auth(app, "/auth/token/refresh", {"refresh_token": refresh_token}), region)


def _grant(answer: Mapping[str, Any], region: str) -> Grant:
    """Tokens from a create or refresh answer; lives are seconds from now, 0: cannot be refreshed."""
    now = datetime.now(UTC)
    reading = Reading()
    life = reading.whole(answer, "expires_in")
    refresh_life = reading.whole(answer, "refresh_expires_in")
    if reading.problems or not life or not answer.get("access_token"):
        raise Unreadable("Lazada gave no token in its answer.")
    infos = answer.get("country_user_info") or answer.get("country_user_info_list") or []
    return Grant(
        access_token=str(answer["access_token"]),
        refresh_token=str(answer.get("refresh_token") or "") if refresh_life else "",
        access_expires_at=now + timedelta(seconds=life),
        refresh_expires_at=now + timedelta(seconds=refresh_life) if refresh_life else None,
        shops=_shops(infos, region),
    )


def _shops(infos: Iterable[Any], region: str) -> tuple[GrantedShop, ...]:
    """The seller's shops that the token opens: the one of the chosen country where there is one.

    A local seller's token is good for one country; a cross-border seller has a shop in each.
    """
    shops = [
        GrantedShop(str(info.get("seller_id", "")), str(info.get("country", region)).upper())
        for info in infos
        if isinstance(info, Mapping) and info.get("seller_id")
    ]
    known = tuple(shop for shop in shops if shop.region in COUNTRIES)
    return tuple(shop for shop in known if shop.region == region) or known
