"""Adding up what has to be fetched from the store-room for many orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.rules.facts import LineFacts

UNKNOWN_LOCATION = "Unknown location"
"""Where an item lies whose stock item is not known."""


class SortBy(StrEnum):
    """The order in which a summary walks through the store-room."""

    LOCATION = "location"
    SKU = "sku"
    NAME = "name"


@dataclass(slots=True)
class Need:
    """One kind of item, added up over all orders."""

    sku: str
    name: str
    variation: str
    image_url: str
    location: str = UNKNOWN_LOCATION
    quantity: int = 0
    order_ids: list[str] = field(default_factory=list)
    """The orders that need it, each once, in the order in which they came."""


def add_up(
    orders: Iterable[tuple[str, Iterable[LineFacts]]], locations: Mapping[str, str] | None = None
) -> list[Need]:
    """What these orders (order id, lines) need together, live lines only, in no particular order.

    Items are told apart by SKU; those without one by name and variation. ``locations``: SKU → where
    it lies; it is asked when all orders have been added up.
    """
    needs: dict[tuple[str, str, str], Need] = {}
    for order_id, lines in orders:
        for line in lines:
            if not line.stage.is_live:
                continue
            key = (line.sku, "", "") if line.sku else ("", line.name, line.variation)
            need = needs.get(key)
            if need is None:
                need = needs[key] = Need(line.sku, line.name, line.variation, line.image_url)
            need.quantity += line.quantity
            if not need.order_ids or need.order_ids[-1] != order_id:
                need.order_ids.append(order_id)
    for need in needs.values():
        need.location = (locations or {}).get(need.sku) or UNKNOWN_LOCATION
    return list(needs.values())


def walk(needs: Iterable[Need], by: SortBy) -> list[Need]:
    """The needs in the order of the walk; unknown locations come last."""
    keys = {
        SortBy.LOCATION: lambda need: (
            need.location == UNKNOWN_LOCATION,
            need.location.casefold(),
            need.sku.casefold(),
            need.name.casefold(),
        ),
        SortBy.SKU: lambda need: (not need.sku, need.sku.casefold(), need.name.casefold()),
        SortBy.NAME: lambda need: (need.name.casefold(), need.variation.casefold()),
    }
    return sorted(needs, key=keys[by])
