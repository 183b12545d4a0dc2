"""Telling TikTok Shop that packages are ready, and that the seller has delivered them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.shipping import HowToShip, Method
from crossdock.channels.tiktok import other_markets
from crossdock.channels.tiktok.batches import Step, in_batches, in_turn
from crossdock.channels.tiktok.couriers import ship_own
from crossdock.channels.tiktok.deeds import DELIVERING, SHIPPING

MOST_PACKAGES = 40
"""TikTok Shop publishes no maximum of a batch: fewer than 50 is thought safe."""


def ship(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Arrange shipment. Parcels that TikTok ships go in one call; a parcel of the seller's own
    courier goes alone, with its number. Raises ``channels.errors``."""
    own = [parcel for parcel in parcels if _is_own(parcel.how)]
    bare = [one for one in parcels if one not in own and other_markets.lacks_package(shop, one)]
    rest = [one for one in parcels if one not in own and one not in bare]
    steps: list[Step] = [([one], partial(ship_own, shop, one)) for one in own]
    steps += [([one], partial(other_markets.create_package, shop, one)) for one in bare]
    steps += in_batches(shop, SHIPPING, rest, MOST_PACKAGES)
    told = in_turn(steps)
    return tuple(told[parcel.order_id] for parcel in parcels)


def deliver(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Mark packages of the seller's own fleet as delivered. Raises ``channels.errors``."""
    told = in_turn(in_batches(shop, DELIVERING, parcels, MOST_PACKAGES))
    return tuple(told[parcel.order_id] for parcel in parcels)


def _is_own(how: HowToShip | None) -> bool:
    return how is not None and how.method is Method.OWN_COURIER
