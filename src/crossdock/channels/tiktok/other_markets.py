"""Shipping outside Southeast Asia, where it is told in other calls.

TikTok Shop: a parcel of the seller's own courier is marked as shipped there, by its order. In the US a
package that TikTok ships is born only when it is asked for, which buys its label as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import Refused
from crossdock.channels.reading import child, text
from crossdock.channels.shipping import HowToShip
from crossdock.channels.tiktok.api import post
from crossdock.channels.tiktok.deeds import SHIPPING
from crossdock.channels.tiktok.endpoints import CREATE_PACKAGE, MARK_SHIPPED
from crossdock.channels.tiktok.refusals import may_come_again, refusal_of

_MARKING = frozenset({"US", "GB", "UK", "ES", "IE", "IT", "DE", "FR", "JP"})
_CREATING = frozenset({"US"})


def marks_as_shipped(shop: Shop) -> bool:
    """Whether this shop tells its own couriers' parcels by their orders."""
    return shop.region in _MARKING


def mark_as_shipped(shop: Shop, parcel: Parcel, how: HowToShip) -> dict[str, Told]:
    """Tell that these lines of an order went with the seller's own courier."""
    own = {"tracking_number": how.tracking_number, "shipping_provider_id": how.courier_id}
    return _asked(shop, MARK_SHIPPED.format(parcel.order_id), own, parcel)


def lacks_package(shop: Shop, parcel: Parcel) -> bool:
    """Whether a parcel that TikTok ships still has to be made."""
    return shop.region in _CREATING and not parcel.package_ids


def create_package(shop: Shop, parcel: Parcel) -> dict[str, Told]:
    """Have the package of these lines made, with the courier and the size that TikTok Shop proposes."""
    return _asked(shop, CREATE_PACKAGE, {"order_id": parcel.order_id}, parcel)


def _asked(shop: Shop, path: str, body: Mapping[str, Any], parcel: Parcel) -> dict[str, Told]:
    lines = {"order_line_item_ids": list(parcel.line_ids)} if parcel.line_ids else {}
    answer = refusal_of(lambda: post(shop, path, {**body, **lines}, writes=True))
    if isinstance(answer, Refused):
        told = Told(
            parcel.order_id,
            ok=False,
            already=answer.code in SHIPPING.already,
            words=answer.words,
            code=answer.code,
            again=may_come_again(answer.code),
        )
    else:
        warning = text(child(answer, "warning"), "message")
        told = Told(parcel.order_id, ok=True, words=warning, done=parcel.line_ids)
    return {parcel.order_id: told}
