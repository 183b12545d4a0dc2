"""Parcels that hold several orders: one label each, and every order in one counts as printed with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.orders.models import Order, Package
from crossdock.work.models import Attempt

if TYPE_CHECKING:
    from crossdock.papers.label_order import Labels


def one_a_parcel(labels: Sequence[Labels]) -> list[Labels]:
    """The same labels, each parcel's but once. An order whose labels all lie elsewhere is named there."""
    first: dict[tuple[int, str], int] = {}
    kept: dict[int, Labels] = {}
    for place, one in enumerate(labels):
        own = [
            at
            for at, file in enumerate(one.files)
            if first.setdefault((one.store, _package_mark(file)), place) == place
        ]
        if own or not one.files:
            kept[place] = only(one, own)
        else:
            where = first[one.store, _package_mark(one.files[0])]
            kept[where] = _with(kept[where], one)
    return list(kept.values())


def only(one: Labels, places: Sequence[int]) -> Labels:
    """These files of an order alone."""
    if len(places) == len(one.files):
        return one
    return replace(
        one,
        files=tuple(one.files[place] for place in places),
        packages=tuple(one.packages[place] for place in places),
    )


def fellows(attempt: Attempt) -> list[Order]:
    """The orders that travel with an attempt's order in one of the parcels that it is about."""
    ids = attempt.sent.get("package_ids", [])
    return in_parcels([(attempt.order.store_id, one) for one in ids], but={attempt.order_id})


def fellows_of(labels: Iterable[Labels]) -> list[Order]:
    """The orders that travel in the parcels of these labels, and are not among the orders chosen."""
    known = list(labels)
    parcels = [(one.store, package_id) for one in known for package_id in one.packages]
    return in_parcels(parcels, but={one.order for one in known})


def in_parcels(parcels: Iterable[tuple[int, str]], *, but: set[int]) -> list[Order]:
    """The orders of parcels (store, package id), oldest first, with lines and packages."""
    wanted = {parcel for parcel in parcels if parcel[1]}
    ids = {package_id for _, package_id in wanted}
    rows = Package.objects.filter(package_id__in=ids, voided_at__isnull=True)
    found = {
        order
        for order, store, package_id in rows.values_list(
            "order_id", "order__store_id", "package_id"
        )
        if (store, package_id) in wanted and order not in but
    }
    orders = Order.objects.filter(pk__in=found).prefetch_related("lines", "packages")
    return list(orders.order_by("pk"))


def orders_in(packages: Iterable[Package]) -> dict[int, list[Order]]:
    """Package pk → the orders that travel in that parcel, its own among them, oldest first; their stores
    are loaded with the packages."""
    known = list(packages)
    parcels = {(one.order.store_id, one.package_id): one.pk for one in known}
    found: dict[int, list[Order]] = {one.pk: [] for one in known}
    ids = {package_id for _, package_id in parcels}
    rows = Package.objects.filter(package_id__in=ids, voided_at__isnull=True)
    for row in rows.select_related("order").order_by("order"):
        if pk := parcels.get((row.order.store_id, row.package_id)):
            found[pk].append(row.order)
    return {one.pk: found[one.pk] or [one.order] for one in known}


def _with(one: Labels, other: Labels) -> Labels:
    return replace(
        one,
        order_id=f"{one.order_id}, {other.order_id}",
        orders=one.orders + other.orders,
        times_printed=max(one.times_printed, other.times_printed),
    )


def _package_mark(file: Path) -> str:
    """What the name of a label's file tells of its package."""
    return file.stem.rpartition("-")[2]
