"""Which of a shop's logistics channels are the seller's own courier or fleet.

Only get_channel_list tells it (``logistics_capability.seller_logistics``), and it hardly ever
changes: what it says is remembered for a while, so that reading orders does not ask each time.
"""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass

from crossdock.channels.contract import Shop
from crossdock.channels.reading import child, rows, text, yes
from crossdock.channels.shopee.api import answer_of, base_of, get

_KEPT_SECONDS = 3600.0
_NEWEST_SECONDS = 60.0
"""A channel that is missing from the list makes us ask again, but no oftener than this."""


@dataclass(frozen=True, slots=True)
class _Known:
    at: float
    every: frozenset[str]
    own: frozenset[str]


_remembered: dict[tuple[str, str, str], _Known] = {}


def own_couriers(shop: Shop, met: Set[str]) -> frozenset[str]:
    """The ids of the shop's own couriers. ``met``: the logistics channels that are asked about.

    Raises ``channels.errors``.
    """
    key = (shop.app.key, base_of(shop.app, shop.region), shop.shop_id)
    known, now = _remembered.get(key), time.monotonic()
    if known is not None:
        age = now - known.at
        if age < _NEWEST_SECONDS or (age < _KEPT_SECONDS and met <= known.every):
            return known.own
    listed = rows(answer_of(get(shop, "logistics/get_channel_list")), "logistics_channel_list")
    known = _Known(
        now,
        frozenset(text(row, "logistics_channel_id") for row in listed),
        frozenset(
            text(row, "logistics_channel_id")
            for row in listed
            if yes(child(row, "logistics_capability").get("seller_logistics"))
        ),
    )
    _remembered[key] = known
    return known.own
