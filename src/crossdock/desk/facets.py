"""What a filter can choose from: the couriers in use, and the words of the company's channels."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import caches

from crossdock.channels.registry import channel
from crossdock.companies.scope import current_company_id
from crossdock.orders.distinct import each_once
from crossdock.orders.models import Order

_KEPT_SECONDS = 60
_MOST_COURIERS = 200


def couriers() -> list[str]:
    """The couriers of the company's orders, by name; a new one shows within a minute."""
    key = f"couriers:{current_company_id()}"
    return caches["near"].get_or_set(key, _couriers, _KEPT_SECONDS) or []


def _couriers() -> list[str]:
    found = each_once(Order, "shipment_provider", most=_MOST_COURIERS)
    return [name for name in found if name]


def statuses(channels: Iterable[str]) -> dict[str, list[str]]:
    """Channel's title → its words for an order's status."""
    return {channel(name).title: list(channel(name).words) for name in sorted(set(channels))}
