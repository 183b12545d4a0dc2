"""What stands on picking lists and on their summary, from the orders of the book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.channels.registry import channel
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.orders.stock import UNTOLD, Stocks, stocks_of
from crossdock.papers.barcodes import code128
from crossdock.papers.stamp import Stamp
from crossdock.pictures.showing import files_of
from crossdock.rules.picking import UNKNOWN_LOCATION, Need, SortBy, add_up, walk

LIST_COLUMNS = ("tick", "picture", "location", "sku", "name", "quantity")
SUMMARY_COLUMNS = ("tick", "picture", "location", "sku", "name", "orders", "quantity")
HIDEABLE = {
    "tick": "Boxes to tick",
    "picture": "Pictures",
    "location": "Location",
    "name": "Item",
    "orders": "Orders",
}
"""Columns that a company may leave out. SKU and quantity stay: nobody can pick without them. The name
stays where an item has no SKU."""
_MOST_ORDERS_SHOWN = 30
"""Order ids named beside an item of the summary; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the goods beside the orders themselves."""

    stocks: Stocks
    pictures: Mapping[str, str]
    """Address of a picture → its file."""


def list_data(orders: Sequence[Order], stamp: Stamp, folder: Path) -> dict[str, Any]:
    """One picking list an order: what the template ``picking_list`` prints. ``folder``: for copies of pictures."""
    told = Told(
        stocks_of(orders),
        _pictures(
            (line.image_url for order in orders for line in order.lines.all()), stamp, folder
        ),
    )
    return {
        **stamp.data,
        "columns": columns(LIST_COLUMNS, stamp.hidden, told.pictures),
        "lists": [one for order in orders for one in _lists(order, told, stamp)],
    }


def summary_data(chunks: Iterable[Sequence[Order]], stamp: Stamp, folder: Path) -> dict[str, Any]:
    """All items of these orders added up: what the template ``picking_summary`` prints."""
    count, places = 0, dict[str, str]()

    def counted() -> Iterable[tuple[str, Any]]:
        nonlocal count
        for orders in chunks:
            for (_, sku), stock in stocks_of(orders).items():
                places[sku] = _joined(places.get(sku, ""), stock.location)
            for order in orders:
                count += 1
                yield order.channel_order_id, facts_of(order).lines

    needs = add_up(counted(), places)
    return summary_of(needs, count, stamp, folder)


def summary_of(
    needs: Iterable[Need], order_count: int, stamp: Stamp, folder: Path
) -> dict[str, Any]:
    """The summary of what so many orders need."""
    walked = walk(needs, SortBy(stamp.sort))
    pictures = _pictures((need.image_url for need in walked), stamp, folder)
    return {
        **stamp.data,
        "columns": columns(SUMMARY_COLUMNS, stamp.hidden, pictures),
        "needs": [_need(need, pictures, stamp.words["more"]) for need in walked],
        "order_count": order_count,
        "units": sum(need.quantity for need in walked),
    }


def columns(every: Sequence[str], hidden: Sequence[str], pictures: Mapping[str, str]) -> list[str]:
    """These columns without those that the company hides, and without pictures where there are none."""
    left = [name for name in every if name not in hidden or name not in HIDEABLE]
    return left if pictures else [name for name in left if name != "picture"]


def _pictures(urls: Iterable[str], stamp: Stamp, folder: Path) -> dict[str, str]:
    """Address → the file of its picture, for those that are here."""
    if "picture" in stamp.hidden:
        return {}
    return {url: str(file) for url, file in files_of(urls, folder).items()}


def _joined(places: str, place: str) -> str:
    """Goods that several stores sell may lie at several places: each is named once."""
    return ", ".join(dict.fromkeys(filter(None, (*places.split(", "), place))))


def _lists(order: Order, told: Told, stamp: Stamp) -> list[dict[str, Any]]:
    """One list a package where an order has several, else one for all."""
    facts = facts_of(order)
    live = facts.live_lines
    parcels = [one.package_id for one in facts.packages]
    parted = len(parcels) > 1 and all(line.package_id in parcels for line in live)
    parts: list[tuple[str, Sequence[Any]]] = (
        [(parcel, [line for line in live if line.package_id == parcel]) for parcel in parcels]
        if parted
        else [("", live)]
    )
    return [
        _list(order, package_id, lines, _part(place, len(parts), stamp.words), told, stamp)
        for place, (package_id, lines) in enumerate(parts, start=1)
    ]


def _part(place: int, count: int, words: Mapping[str, str]) -> str:
    return f"{words['package']} {place} / {count}" if count > 1 else ""


def _list(
    order: Order,
    package_id: str,
    lines: Sequence[Any],
    part: str,
    told: Told,
    stamp: Stamp,
) -> dict[str, Any]:
    packages = [
        one
        for one in order.packages.all()
        if one.voided_at is None and package_id in ("", one.package_id)
    ]
    return {
        "order_id": order.channel_order_id,
        "bars": list(code128(order.channel_order_id)),
        "store": order.store.name,
        "channel": channel(order.store.channel).title,
        "ship_by": stamp.moment(order.ship_by),
        "created": stamp.moment(order.created_at),
        "courier": ", ".join(dict.fromkeys(filter(None, (p.shipment_provider for p in packages)))),
        "tracking": ", ".join(filter(None, (one.tracking_number for one in packages))),
        "note": order.buyer_note,
        "part": part,
        "units": sum(line.quantity for line in lines),
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "variation": line.variation,
                "picture": told.pictures.get(line.image_url, ""),
                "location": told.stocks.get((order.store_id, line.sku), UNTOLD).location
                or UNKNOWN_LOCATION,
                "quantity": line.quantity,
            }
            for line in lines
        ],
    }


def _need(need: Need, pictures: Mapping[str, str], more: str) -> dict[str, Any]:
    shown = need.order_ids[:_MOST_ORDERS_SHOWN]
    left = len(need.order_ids) - len(shown)
    return {
        "sku": need.sku,
        "picture": pictures.get(need.image_url, ""),
        "name": need.name,
        "variation": need.variation,
        "location": need.location,
        "quantity": need.quantity,
        "orders": [*shown, *([f"+{left:,} {more}"] if left else [])],
    }
