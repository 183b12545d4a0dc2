"""The order in which a batch's labels come out: as the parcels lie on the bench."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from crossdock.orders.models import Order
from crossdock.papers.combined import one_a_parcel
from crossdock.papers.models import Kind, PaperOrder, Separator
from crossdock.work.models import Batch, State


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one order: one file a package."""

    order: int
    order_id: str
    courier: str
    """Shipment provider; "" where the channel named none."""
    wave: str
    """The newest picking list that the order is on, such as ``PL-3``; "": none."""
    times_printed: int
    """This time included."""
    files: tuple[Path, ...]
    """What they are kept as; where they lie, once they are at hand (``bound``)."""
    packages: tuple[str, ...] = ()
    """The package id of each file; "" where it is not known."""
    fetched_at: datetime | None = None
    store: int = 0
    orders: int = 1
    """How many orders they are of: more than one where those travel in one parcel."""


@dataclass(frozen=True, slots=True)
class Group:
    """Labels that lie behind one separator page."""

    title: str
    """The courier or the picking list; "" for neither."""
    labels: tuple[Labels, ...]


def labels_of(batch: Batch) -> list[Labels]:
    """The labels of a batch's good attempts: scanned orders as they were scanned; others by the newest
    picking list that each is on, as the parcels lie there, then those of no list as chosen."""
    done = batch.attempts.filter(state__in=(State.DONE, State.PARTLY)).order_by("pk")
    rows = list(done.values_list("order_id", "result", "settled_at"))
    results: dict[int, dict[str, Any]] = {order: result for order, result, _ in rows}
    fetched = {order: settled_at for order, _, settled_at in rows}
    chosen: dict[int, int] = {pk: place for place, pk in enumerate(batch.options.get("order", []))}
    picked = _picked(list(results))
    by_list = not batch.options.get("as_scanned")

    def place(pk: int) -> tuple[int, int, int]:
        on_list = picked.get(pk) if by_list else None
        return (0, on_list[0], on_list[2]) if on_list else (1, 0, chosen.get(pk, len(chosen)))

    orders = Order.objects.prefetch_related("packages").in_bulk(list(results))
    return [
        Labels(
            pk,
            orders[pk].channel_order_id,
            _courier(orders[pk]),
            f"{Kind.PICKING_LIST.mark}-{picked[pk][1]}" if pk in picked else "",
            orders[pk].printed_count + 1,
            tuple(Path(name) for name in results[pk].get("files", [])),
            tuple(_package(orders[pk], name) for name in results[pk].get("files", [])),
            fetched[pk],
            orders[pk].store_id,
        )
        for pk in sorted(results, key=place)
        if pk in orders
    ]


def name_mark(package_id: str) -> str:
    """What stands for a package in the name of its label's file."""
    return hashlib.sha256(package_id.encode()).hexdigest()[:12]


def grouped(labels: Sequence[Labels], separator: Separator) -> list[Group]:
    """The labels in the groups that separator pages part: couriers by name, picking lists by number, each
    in the order given; one group without a title where nothing parts them. One label a parcel."""
    labels = one_a_parcel(labels)
    if separator is Separator.NONE:
        return [Group("", tuple(labels))] if labels else []
    if separator is Separator.WAVE:
        return _runs(labels, separator)
    return _runs(sorted(labels, key=lambda one: one.courier), separator)


def _runs(labels: Iterable[Labels], separator: Separator) -> list[Group]:
    """Labels of scanned orders may jump between picking lists: each run has a page of its own."""
    title = (lambda one: one.courier) if separator is Separator.COURIER else (lambda one: one.wave)
    return [Group(name, tuple(run)) for name, run in groupby(labels, key=title)]


def _package(order: Order, name: str) -> str:
    """The package whose label a file is."""
    ids = (one.package_id for one in order.packages.all())
    return next((package_id for package_id in ids if name_mark(package_id) in name), "")


def _courier(order: Order) -> str:
    live = (one for one in order.packages.all() if one.voided_at is None)
    return next(filter(None, (one.shipment_provider for one in live)), "")


def _picked(order_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Order → its newest picking list, that list's number, and its place on it."""
    rows = (
        PaperOrder.objects.filter(order__in=order_ids, paper__kind=Kind.PICKING_LIST.value)
        .order_by("order", "-paper")
        .distinct("order")
        .values_list("order_id", "paper_id", "paper__number", "place")
    )
    return {order: (paper, number, place) for order, paper, number, place in rows}
