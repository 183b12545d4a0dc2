"""Courier manifests: a list for each courier, signed at pick-up and closed when handed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.orders.models import Order, Package
from crossdock.papers.barcodes import NotABarcode, code128
from crossdock.papers.models import Manifest, ManifestParcel, Paper
from crossdock.papers.numbers import next_number
from crossdock.papers.stamp import Stamp
from crossdock.papers.typeset import typeset
from crossdock.rules.facts import Stage

_ON_A_PART = 100
"""Parcels that are laid out at once."""
_READY = frozenset({Stage.READY.value, Stage.SHIPPED.value})


def manifest_parts(
    paper: Paper, stamp: Stamp, chunks: Iterable[Sequence[Order]], folder: Path
) -> Iterator[Path]:
    """Lay out the manifests of a paper, each into files. They are made once, also if the job is done
    again."""
    if not Manifest.objects.filter(paper=paper).exists():
        _begin(paper, chunks)
    for manifest in Manifest.objects.filter(paper=paper).select_related("store").order_by("pk"):
        parcels, first_page = parcels_of(manifest), 1
        whole = _whole(manifest, parcels, stamp)
        for start in range(0, whole["parcel_count"], _ON_A_PART):
            file = folder / f"{manifest.pk}-{start}.pdf"
            part = {
                **whole,
                "first_page": first_page,
                "is_last": start + _ON_A_PART >= whole["parcel_count"],
                "parcels": [_row(row) for row in parcels[start : start + _ON_A_PART]],
            }
            first_page += typeset("manifest", part, file)
            yield file


def parcels_of(manifest: Manifest) -> QuerySet[ManifestParcel]:
    """The parcels of a manifest, in its order; those that were voided since are left out."""
    rows = manifest.parcels.filter(package__voided_at__isnull=True)
    return rows.select_related("package__order__store").order_by("place")


def hand_over(manifest: Manifest, person: Person) -> bool:
    """The courier has signed: close the manifest. False when it was closed before."""
    with transaction.atomic():
        closed = Manifest.objects.filter(pk=manifest.pk, handed_over_at__isnull=True).update(
            handed_over_at=timezone.now(), handed_over_by=person
        )
        if closed:
            ManifestParcel.objects.filter(manifest=manifest).update(is_open=False)
    return bool(closed)


def leave_out(manifest: Manifest, parcel_id: int) -> bool:
    """Take a parcel out of an open manifest: it did not go with the courier. False: it was not in."""
    gone, _ = ManifestParcel.objects.filter(manifest=manifest, pk=parcel_id, is_open=True).delete()
    return bool(gone)


def _begin(paper: Paper, chunks: Iterable[Sequence[Order]]) -> None:
    """Sort the parcels by courier (and store), and write the manifests in one transaction."""
    with transaction.atomic():
        number = next_number(paper.company_id, Manifest.objects.all())
        groups, orders = _grouped(paper, chunks)
        for place, (provider, store_id) in enumerate(sorted(groups, key=_by_courier)):
            manifest = Manifest.objects.create(
                company_id=paper.company_id,
                paper=paper,
                number=number + place,
                shipment_provider=provider,
                store_id=store_id,
            )
            ManifestParcel.objects.bulk_create(
                ManifestParcel(
                    company_id=paper.company_id, manifest=manifest, package_id=package, place=at
                )
                for at, package in enumerate(groups[provider, store_id], start=1)
            )
    paper.order_count = len(orders)


def _grouped(
    paper: Paper, chunks: Iterable[Sequence[Order]]
) -> tuple[dict[tuple[str, int | None], list[int]], set[int]]:
    """(courier, store) → parcels, and the orders that they are of, as keys alone: thousands of orders are
    not held at once. What is not for a manifest is noted on the paper."""
    groups: dict[tuple[str, int | None], list[int]] = {}
    orders: set[int] = set()
    for chunk in chunks:
        taken = _in_open_manifests(chunk)
        for order in chunk:
            packages, refusal = _parcels(order, taken)
            if refusal:
                paper.left_out[order.channel_order_id] = refusal
            for package in packages:
                store_id = order.store_id if paper.options.get("per_store") else None
                groups.setdefault((package.shipment_provider, store_id), []).append(package.pk)
                orders.add(order.pk)
    return groups, orders


def _by_courier(group: tuple[str, int | None]) -> tuple[str, int]:
    provider, store_id = group
    return provider.casefold(), store_id or 0


def _in_open_manifests(orders: Sequence[Order]) -> frozenset[int]:
    """The packages of these orders that some open manifest has."""
    rows = ManifestParcel.objects.filter(is_open=True, package__order__in=orders)
    return frozenset(rows.values_list("package_id", flat=True))


def _parcels(order: Order, taken: frozenset[int]) -> tuple[list[Package], str]:
    """The order's parcels for a manifest, and why something of it is not on one."""
    ready = {line.package_id for line in order.lines.all() if line.live and line.stage in _READY}
    packages = [
        one
        for one in order.packages.all()
        if one.voided_at is None and (one.package_id in ready or "" in ready)
    ]
    if not packages:
        return [], f"{order} has no parcel that is ready to ship."
    free = [one for one in packages if one.pk not in taken]
    going = [one for one in free if one.shipment_provider]
    if len(free) < len(packages):
        return going, f"{order} is in an open manifest already."
    return going, "" if len(going) == len(free) else f"{order} has no courier yet."


def _whole(manifest: Manifest, parcels: QuerySet[ManifestParcel], stamp: Stamp) -> dict[str, Any]:
    """What stands on every part of a manifest."""
    told = parcels.aggregate(count=Count("pk"), units=Sum("package__order__units"))
    return {
        **stamp.data,
        "number": str(manifest),
        "courier": manifest.shipment_provider,
        "store": manifest.store.name if manifest.store else "",
        "parcel_count": told["count"],
        "units": told["units"] or 0,
    }


def _row(row: ManifestParcel) -> dict[str, Any]:
    package = row.package
    try:
        bars = list(code128(package.tracking_number))
    except NotABarcode:
        bars = []
    return {
        "place": row.place,
        "order_id": package.order.channel_order_id,
        "store": package.order.store.name,
        "tracking": package.tracking_number,
        "bars": bars,
        "units": package.order.units,
    }
