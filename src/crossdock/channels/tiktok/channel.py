"""TikTok Shop, as the contract asks."""

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
from crossdock.channels.shipping import WaysToShip
from crossdock.channels.tiktok import (
    answering,
    catalogue,
    couriers,
    fulfilment,
    labels,
    linking,
    money,
    orders,
    return_answers,
    returns,
    webhook,
)
from crossdock.channels.tiktok.statuses import WORDS
from crossdock.rules.facts import ReturnFacts, ReturnMove, Settlement, Stage


class TikTokShop:
    """TikTok Shop: a package from the moment of payment, one token for all of a seller's shops."""

    name = "tiktok"
    title = "TikTok Shop"
    regions: tuple[Regions, ...] = (
        Regions("WORLD", "all countries but the US"),
        Regions("US", "United States"),
    )
    limits = Limits(
        per_app=0,
        per_shop=20.0,
        in_flight=4,
        pack_orders=50,
        ship_packages=fulfilment.MOST_PACKAGES,
        fetch_orders=50,
        window_days=30,
    )
    words: Mapping[str, Stage] = WORDS
    can = Can(
        pack=False,
        deliver=True,
        repack=False,
        choose_how_to_ship=True,
        cancel=True,
        reject_cancellation=True,
    )
    app_settings: tuple[AppSetting, ...] = (
        AppSetting(
            "service_id", "the service id of the app's page in Partner Center", required=True
        ),
    )

    def authorize_url(self, app: App, *, region: str, redirect_uri: str, state: str) -> str:
        return linking.authorize_url(app, region=region, redirect_uri=redirect_uri, state=state)

    def exchange(self, app: App, *, region: str, query: Mapping[str, str]) -> Grant:
        return linking.exchange(app, query=query)

    def refresh(self, app: App, *, region: str, shop_id: str, refresh_token: str) -> Grant:
        return linking.refresh(app, refresh_token=refresh_token)

    def shop_name(self, shop: Shop) -> str:
        return linking.shop_name(shop)

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
        return orders.fetch(shop, order_ids)

    def pack(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        raise Refused("TikTok Shop has no call for packing: it is a mark of ours.")

    def ship(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.ship(shop, parcels)

    def labels(self, shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
        return labels.labels(shop, parcel)

    def deliver(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return fulfilment.deliver(shop, parcels)

    def fail_delivery(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        raise Refused("TikTok Shop has no call for undoing a package that is packed.")

    def repack(self, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        raise Refused("TikTok Shop has no call for undoing a package that is packed.")

    def ways_to_ship(self, shop: Shop, parcel: Parcel) -> WaysToShip:
        return couriers.ways_to_ship(shop, parcel)

    def cancel_form(self, shop: Shop, parcel: Parcel) -> Form:
        return answering.cancel_form(shop, parcel)

    def cancel(self, shop: Shop, parcel: Parcel, *, reason: str, comment: str = "") -> Told:
        return answering.cancel(shop, parcel, reason=reason)

    def cancellation_form(self, shop: Shop, order_id: str, request_id: str) -> Form:
        return answering.cancellation_form(shop, order_id, request_id)

    def answer_cancellation(self, shop: Shop, answer: CancelAnswer) -> Told:
        return answering.answer_cancellation(shop, answer)

    def returns(
        self, shop: Shop, *, since: datetime, until: datetime, cursor: str | None
    ) -> ReturnsPage:
        return returns.changed(shop, since=since, until=until, cursor=cursor)

    def returns_of(
        self, shop: Shop, order_id: str, return_ids: Sequence[str] = ()
    ) -> tuple[ReturnFacts, ...]:
        return returns.of_order(shop, order_id, return_ids)

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


CHANNEL: Channel = TikTokShop()
