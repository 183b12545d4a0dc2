"""The seller's own couriers: what is offered for an order, and shipping with one of them."""

from __future__ import annotations

from functools import partial

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import NotSent, Refused, Throttled, TokenExpired
from crossdock.channels.reading import rows, text
from crossdock.channels.shipping import Courier, HowToShip, Method, WaysToShip
from crossdock.channels.tiktok import other_markets
from crossdock.channels.tiktok.api import get, post
from crossdock.channels.tiktok.batches import No, looked_at, no_of
from crossdock.channels.tiktok.deeds import ENTER, SHIPPING
from crossdock.channels.tiktok.endpoints import PROVIDERS, SHIP_PACKAGE
from crossdock.channels.tiktok.orders import read_order
from crossdock.channels.tiktok.refusals import refusal_of

_BY_SELLER = "SELLER"


def ways_to_ship(shop: Shop, parcel: Parcel) -> WaysToShip:
    """What is offered for an order: the seller's own couriers, or nothing to choose.

    Where TikTok ships, how a parcel is handed over is a setting of the warehouse in Seller Center: a
    handover method that is sent is ignored (Southeast Asia, since October 2024).
    """
    order = read_order(shop, parcel.order_id)
    option, name = text(order, "delivery_option_id"), text(order, "delivery_option_name")
    if text(order, "shipping_type") != _BY_SELLER:
        return WaysToShip(option, name, ())
    couriers = tuple(
        Courier(text(row, "id"), text(row, "name") or text(row, "id"))
        for row in rows(get(shop, PROVIDERS.format(option)), "shipping_providers")
        if text(row, "id")
    )
    return WaysToShip(
        option, name, (Method.OWN_COURIER,), couriers=couriers, wants_tracking_number=True
    )


def ship_own(shop: Shop, parcel: Parcel) -> dict[str, Told]:
    """Ship an order with the seller's own courier, its packages one call each. Raises
    ``channels.errors``."""
    how = parcel.how
    if how is None or not how.tracking_number or not how.courier_id:
        return {parcel.order_id: Told(parcel.order_id, ok=False, words=ENTER)}
    if other_markets.marks_as_shipped(shop):
        return other_markets.mark_as_shipped(shop, parcel, how)
    refused: dict[str, No] = {}
    for package_id in parcel.package_ids:
        try:
            answer = refusal_of(partial(_ship, shop, package_id, how))
        except (NotSent, Throttled, TokenExpired) as later:
            if len(refused) == parcel.package_ids.index(package_id):
                raise  # nothing was done yet
            answer = None
            refused[package_id] = No(later.words, later.code, again=True)
        if isinstance(answer, Refused):
            refused[package_id] = no_of(answer)
    return looked_at(shop, SHIPPING, [parcel], refused)


def _ship(shop: Shop, package_id: str, how: HowToShip) -> None:
    own = {"tracking_number": how.tracking_number, "shipping_provider_id": how.courier_id}
    post(shop, SHIP_PACKAGE.format(package_id), {"self_shipment": own}, writes=True)
