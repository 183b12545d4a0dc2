"""Lazada, as the contract asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from crossdock.channels.answers import CancelAnswer, Form, ReturnAnswer, ReturnsPage
from crossdock.channels.catalogue import ListingPage
from crossdock.channels.contract import (
    App,
    AppSetting,
    Can,
    Channel,
    Event,
    Fetched,
    Grant,
    Label,
    Limits,
    NoLabel,
    Page,
    Parcel,
    Regions,
    Shop,
    Told,
)
from crossdock.channels.errors import Refused
from crossdock.channels.lazada import (
    cancellations,
    catalogue,
    fulfilment,
    labels,
    linking,
    money,
    orders,
    return_answers,
    return_lists,
    webhook,
)
from crossdock.channels.lazada.api import call
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.reading import child, text
from crossdock.channels.lazada.statuses import WORDS
from crossdock.channels.shipping import WaysToShip
from crossdock.rules.facts import ReturnFacts, ReturnMove, Settlement, Stage


class Lazada:
    """The Lazada Open Platform: one token a country, packages by Lazada, statuses on items."""

    name = "lazada"
    title = "Lazada"
    regions: tuple[Regions, ...] = tuple(
        Regions(code, country.name) for code, country in COUNTRIES.items()
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
        fail_delivery=True,
    )
    app_settings: tuple[AppSetting, ...] = ()

    def authorize_url(self, app: App, *, region: str, redirect_uri: str, state: str) -> str:
        return linking.authorize_url(app, region=region, redirect_uri=redirect_uri, state=state)

    def exchange(self, app: App, *, region: str, query: Mapping[str, str]) -> Grant:
        return linking.exchange(app, region=region, query=query)

    def refresh(self, app: App, *, region: str, shop_id: str, refresh_token: str) -> Grant:
        return linking.refresh(app, region=region, refresh_token=refresh_token)

    def shop_name(self, shop: Shop) -> str:
        return text(child(call(shop, "/seller/get"), "data"), "name")

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
        return labels.labels(shop, parcel)

    def deliver(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.deliver(shop, parcels)

    def fail_delivery(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.fail_delivery(shop, parcels)

    def repack(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.repack(shop, parcels)

    def ways_to_ship(self, shop: Shop, parcel: Parcel) -> WaysToShip:
        raise Refused("Lazada chooses by itself how a parcel goes.")

    def cancel_form(self, shop: Shop, parcel: Parcel) -> Form:
        return cancellations.cancel_form(shop, parcel)

    def cancel(self, shop: Shop, parcel: Parcel, *, reason: str, comment: str = "") -> Told:
        return cancellations.cancel(shop, parcel, reason=reason)

    def cancellation_form(self, shop: Shop, order_id: str, request_id: str) -> Form:
        return cancellations.cancellation_form(shop, request_id)

    def answer_cancellation(self, shop: Shop, answer: CancelAnswer) -> Told:
        return cancellations.answer(shop, answer)

    def returns(
        self, shop: Shop, *, since: datetime, until: datetime, cursor: str | None
    ) -> ReturnsPage:
        return return_lists.changed(shop, since=since, until=until, cursor=cursor)

    def returns_of(
        self, shop: Shop, order_id: str, return_ids: Sequence[str] = ()
    ) -> tuple[ReturnFacts, ...]:
        return return_lists.of_order(shop, order_id, return_ids)

    def return_form(self, shop: Shop, known: ReturnFacts, move: ReturnMove) -> Form:
        return return_answers.form(shop, known, move)

    def answer_return(self, shop: Shop, answer: ReturnAnswer) -> Told:
        return return_answers.answer(shop, answer)

    def settlements(self, shop: Shop, order_ids: Sequence[str]) -> Mapping[str, Settlement]:
        return money.settlements(shop, order_ids)

    def listings(self, shop: Shop, cursor: str | None) -> ListingPage:
        return catalogue.listings(shop, cursor)

    def event(
        self, app: App, *, headers: Mapping[str, str], body: bytes, url: str
    ) -> Iterator[Event]:
        return webhook.read(app, headers=headers, body=body)


CHANNEL: Channel = Lazada()
