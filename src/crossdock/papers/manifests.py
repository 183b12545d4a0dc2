"""Courier manifests: a list for each courier, laid out of the parcels that may go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from crossdock.orders.fates import fate_told
from crossdock.orders.history import Entry, note_all
from crossdock.orders.models import Order, Package
from crossdock.papers.barcodes import NotABarcode, code128
from crossdock.papers.combined import orders_in
from crossdock.papers.models import Kind, Manifest, ManifestParcel, Paper
from crossdock.papers.numbers import next_number
from crossdock.papers.parcels import Parcel, parcels_of
from crossdock.papers.stamp import Stamp
from crossdock.papers.typeset import typeset
from crossdock.rules.facts import Stage

_ON_A_PART = 100
"""Parcels that are laid out at once."""
_MOST_NAMED = 40
"""Orders that are named as left out; the rest is counted."""
_READY = frozenset({Stage.READY.value, Stage.SHIPPED.value})
_Found = dict[tuple[str, int | None], list[tuple[int, int]]]
"""(courier, store) → parcels and the orders that they are of, as keys alone: thousands of orders are not
held at once."""


def manifest_parts(
    paper: Paper, stamp: Stamp, chunks: Iterable[Sequence[Order]], folder: Path
) -> Iterator[Path]:
    """Lay out the manifests of a paper, each into files. They are made once, also if the job is done
    again; what died since is left out, and named."""
    if not Manifest.objects.filter(paper=paper).exists():
        _begin(paper, chunks)
    manifests = _with_parcels(paper)
    paper.laid_out = _mark(manifests)
    more = list(paper.left_out.values())
    laid: list[tuple[Manifest, list[Parcel], list[str]]] = []
    for manifest, parcels in manifests:
        going = [one for one in parcels if _is_listed(manifest, one)]
        named = _named([one for one in parcels if not _is_listed(manifest, one)], stamp.words)
        if going:
            laid.append((manifest, going, named))
        else:
            more += named
    for place, (manifest, going, named) in enumerate(laid, start=1):
        left_out = _capped(named + (more if place == len(laid) else []), stamp.words)
        yield from _parts(
            manifest, going, {**_whole(manifest, going, stamp), "left_out": left_out}, folder
        )


def _parts(
    manifest: Manifest, going: Sequence[Parcel], whole: Mapping[str, Any], folder: Path
) -> Iterator[Path]:
    first_page, inside = 1, _inside(going)
    for start in range(0, len(going), _ON_A_PART):
        file = folder / f"{manifest.pk}-{start}.pdf"
        part = {
            **whole,
            "first_page": first_page,
            "is_last": start + _ON_A_PART >= len(going),
            "parcels": [
                _row(one, inside[one.row.package_id]) for one in going[start : start + _ON_A_PART]
            ],
        }
        first_page += typeset("manifest", part, file)
        yield file


def is_stale(paper: Paper) -> bool:
    """Whether a manifest's file holds other parcels than may go now: it must be made anew."""
    if paper.kind != Kind.MANIFEST or paper.made_at is None:
        return False
    manifests = _with_parcels(paper)
    return bool(manifests) and paper.laid_out != _mark(manifests)


def why_none(paper: Paper) -> list[str]:
    """Why no parcel of a paper's manifests can go, in sentences."""
    return [
        f"{one.row.package.order}: {one.told}."
        for _, parcels in _with_parcels(paper)
        for one in parcels
        if one.is_dead
    ]


def _with_parcels(paper: Paper) -> list[tuple[Manifest, list[Parcel]]]:
    rows = Manifest.objects.filter(paper=paper).select_related("store").order_by("pk")
    return [(manifest, parcels_of(manifest)) for manifest in rows]


def _is_listed(manifest: Manifest, parcel: Parcel) -> bool:
    """Whether a parcel stands on the list: what was handed over stays on it, whatever became of it."""
    return manifest.handed_over_at is not None or not parcel.is_dead


def _mark(manifests: Iterable[tuple[Manifest, Sequence[Parcel]]]) -> str:
    """Stands for what the file of these manifests shows."""
    shown = [
        (one.row.pk, one.row.package.tracking_number, _is_listed(manifest, one) or str(one.told))
        for manifest, parcels in manifests
        for one in parcels
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def _named(parcels: Iterable[Parcel], words: Mapping[str, str]) -> list[str]:
    """What is left out, in the paper's language; numbers as they are."""
    return [
        f"{one.row.package.order} {one.row.package.tracking_number}: "
        + words[f"fate_{one.told.fate.value}"]
        + (f" ({one.told.numbers})" if one.told.numbers else "")
        for one in parcels
    ]


def _capped(left_out: Sequence[str], words: Mapping[str, str]) -> list[str]:
    more = len(left_out) - _MOST_NAMED
    return [*left_out[:_MOST_NAMED], *([f"+{more:,} {words['more']}"] if more > 0 else [])]


def _begin(paper: Paper, chunks: Iterable[Sequence[Order]]) -> None:
    """Sort the parcels by courier (and store), and write the manifests in one transaction."""
    with transaction.atomic():
        number = next_number(paper.company_id, Manifest.objects.all())
        groups = _grouped(paper, chunks)
        for place, (provider, store_id) in enumerate(sorted(groups, key=_by_courier)):
            manifest = Manifest.objects.create(
                company_id=paper.company_id,
                paper=paper,
                number=number + place,
                shipment_provider=provider,
                store_id=store_id,
            )
            _put_on(manifest, groups[provider, store_id], paper)
    paper.order_count = len({order for group in groups.values() for _, order in group})


def _put_on(manifest: Manifest, parcels: Sequence[tuple[int, int]], paper: Paper) -> None:
    ManifestParcel.objects.bulk_create(
        ManifestParcel(
            company_id=manifest.company_id, manifest=manifest, package_id=package, place=place
        )
        for place, (package, _) in enumerate(parcels, start=1)
    )
    words = f"Put on manifest {manifest} for {manifest.shipment_provider}."
    note_all(
        Entry(Order(pk=pk, company_id=manifest.company_id), "manifest", words, paper.person)
        for pk in dict.fromkeys(order for _, order in parcels)
    )


def _grouped(paper: Paper, chunks: Iterable[Sequence[Order]]) -> _Found:
    """What goes on which manifest. What is not for one is noted on the paper."""
    groups: _Found = {}
    listed: set[tuple[int, str]] = set()
    for chunk in chunks:
        taken = _in_open_manifests(chunk)
        for order in chunk:
            packages, refusal = _parcels(order, taken)
            if refusal:
                paper.left_out[order.channel_order_id] = refusal
            for package in packages:
                if (parcel := _parcel(order, package)) in listed:
                    continue  # of another order, which travels in it too
                listed.add(parcel)
                store_id = order.store_id if paper.options.get("per_store") else None
                group = groups.setdefault((package.shipment_provider, store_id), [])
                group.append((package.pk, order.pk))
    return groups


def _by_courier(group: tuple[str, int | None]) -> tuple[str, int]:
    provider, store_id = group
    return provider.casefold(), store_id or 0


def _parcel(order: Order, package: Package) -> tuple[int, str]:
    """A parcel, whichever of its orders' packages stands for it."""
    return order.store_id, package.package_id


def _in_open_manifests(orders: Sequence[Order]) -> dict[tuple[int, str], Manifest]:
    """The parcels of these orders that some open manifest has, as whosever."""
    ids = {package.package_id for order in orders for package in order.packages.all()}
    rows = ManifestParcel.objects.filter(is_open=True, package__package_id__in=ids)
    return {
        (row.package.order.store_id, row.package.package_id): row.manifest
        for row in rows.select_related("manifest", "package__order")
    }


def _parcels(order: Order, taken: Mapping[tuple[int, str], Manifest]) -> tuple[list[Package], str]:
    """The order's parcels for a manifest, and why something of it is not on one."""
    told = fate_told(order)
    if told.is_dead:
        return [], f"{order}: {told}."
    ready = {line.package_id for line in order.lines.all() if line.live and line.stage in _READY}
    packages = [
        one
        for one in order.packages.all()
        if one.voided_at is None and (one.package_id in ready or "" in ready)
    ]
    if not packages:
        return [], f"{order} has no parcel that is ready to ship."
    free = [one for one in packages if _parcel(order, one) not in taken]
    going = [one for one in free if one.shipment_provider]
    if len(free) < len(packages):
        on = next(taken[at] for one in packages if (at := _parcel(order, one)) in taken)
        return going, f"{order} is in open manifest {on} already."
    return going, "" if len(going) == len(free) else f"{order} has no courier yet."


def _whole(manifest: Manifest, parcels: Sequence[Parcel], stamp: Stamp) -> dict[str, Any]:
    """What stands on every part of a manifest."""
    return {
        **stamp.data,
        "number": str(manifest),
        "courier": manifest.shipment_provider,
        "store": manifest.store.name if manifest.store else "",
        "parcel_count": len(parcels),
        "units": sum(order.units for orders in _inside(parcels).values() for order in orders),
    }


def _inside(parcels: Sequence[Parcel]) -> dict[int, list[Order]]:
    """Package (key) → the orders that travel in it."""
    return orders_in(one.row.package for one in parcels)


def _row(parcel: Parcel, orders: Sequence[Order]) -> dict[str, Any]:
    package = parcel.row.package
    try:
        bars = list(code128(package.tracking_number))
    except NotABarcode:
        bars = []
    return {
        "place": parcel.row.place,
        "order_id": ", ".join(order.channel_order_id for order in orders),
        "store": package.order.store.name,
        "tracking": package.tracking_number,
        "bars": bars,
        "units": sum(order.units for order in orders),
    }
