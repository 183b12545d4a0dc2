"""Lazada, as the contract asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crossdock.channels.contract import (
    App,
    AppSetting,
    Can,
    Channel,
    Event,
    Fetched,
    Grant,
    GrantedShop,
    Label,
    Limits,
    NoLabel,
    Page,
    Parcel,
    Regions,
    Shop,
    Told,
)
from crossdock.channels.errors import Refused, TokenDead, Unreadable
from crossdock.channels.lazada import fulfilment, orders, webhook
from crossdock.channels.lazada.api import AUTHORIZE_PAGE, call, call_auth
from crossdock.channels.lazada.statuses import WORDS
from crossdock.rules.facts import Stage


class Lazada:
    """The Lazada Open Platform: one token a country, packages by Lazada, statuses on items."""

    name = "lazada"
    title = "Lazada"
    regions: tuple[Regions, ...] = (
        Regions("MY", "Malaysia"),
        Regions("SG", "Singapore"),
        Regions("TH", "Thailand"),
        Regions("VN", "Vietnam"),
        Regions("PH", "Philippines"),
        Regions("ID", "Indonesia"),
    )
    limits = Limits(
        per_app=10.0,
        per_shop=5.0,
        in_flight=2,
        pack_orders=20,
        ship_packages=20,
        fetch_orders=50,
        window_days=15,
    )
    words: Mapping[str, Stage] = WORDS
    can = Can(
        pack=True,
        deliver=True,
        repack=True,
        choose_how_to_ship=False,
        cancel=True,
        reject_cancellation=True,
    )
    app_settings: tuple[AppSetting, ...] = ()

    def authorize_url(self, app: App, *, region: str, redirect_uri: str, state: str) -> str:
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

    def exchange(self, app: App, *, region: str, query: Mapping[str, str]) -> Grant:
        if query.get("error"):
            raise Refused(f"Lazada says that the seller did not agree: {query['error']}.")
        if not query.get("code"):
            raise Refused("Lazada came back without a code: start linking again.")
        return _grant(call_auth(app, "/auth/token/create", {"code": query["code"]}), region)

    def refresh(self, app: App, *, region: str, shop_id: str, refresh_token: str) -> Grant:
        if not refresh_token:
            raise TokenDead("Lazada gave no refresh token for this store.")
        answer = call_auth(app, "/auth/token/refresh", {"refresh_token": refresh_token})
        return _grant(answer, region)

    def shop_name(self, shop: Shop) -> str:
        data = call(shop, "/seller/get").get("data")
        return str(data.get("name") or "") if isinstance(data, Mapping) else ""

    def changed(
        self,
        shop: Shop,
        *,
        since: datetime,
        until: datetime,
        cursor: str | None,
        by_creation: bool = False,
    ) -> Page:
        return orders.changed(
            shop, since=since, until=until, cursor=cursor, by_creation=by_creation
        )

    def fetch(
        self, shop: Shop, order_ids: Sequence[str], seen: Mapping[str, bytes] | None = None
    ) -> Fetched:
        return orders.fetch(shop, order_ids, seen or {})

    def pack(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.pack(shop, parcels)

    def ship(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.ship(shop, parcels)

    def labels(self, shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
        return fulfilment.labels(shop, parcel)

    def deliver(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.deliver(shop, parcels)

    def event(
        self, app: App, *, headers: Mapping[str, str], body: bytes, url: str
    ) -> Iterator[Event]:
        return webhook.read(app, headers=headers, body=body)


def _grant(answer: Mapping[str, Any], region: str) -> Grant:
    """Tokens from a create or refresh answer; expiries are seconds from now, 0: cannot be refreshed."""
    now = datetime.now(UTC)
    try:
        access, life = str(answer["access_token"]), int(answer["expires_in"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable("Lazada gave no token in its answer.") from None
    refresh_life = int(str(answer.get("refresh_expires_in") or 0))
    infos = answer.get("country_user_info") or answer.get("country_user_info_list") or []
    return Grant(
        access_token=access,
        refresh_token=str(answer.get("refresh_token") or "") if refresh_life else "",
        access_expires_at=now + timedelta(seconds=life),
        refresh_expires_at=now + timedelta(seconds=refresh_life) if refresh_life else None,
        shops=_shops(infos, region),
    )


def _shops(infos: Iterable[Any], region: str) -> tuple[GrantedShop, ...]:
    """The seller's shop in this country; a token is good for one country only."""
    shops = [
        GrantedShop(str(info.get("seller_id", "")), str(info.get("country", region)).upper())
        for info in infos
        if isinstance(info, Mapping)
    ]
    return tuple(shop for shop in shops if shop.region == region) or tuple(shops)


CHANNEL: Channel = Lazada()
