"""Handing a manifest over to its courier, and taking parcels out of it before.

Whoever hands over parcels that were cancelled meanwhile, or are asked to be, must have said so of exactly
these: they are compared with the book at the moment of closing, under the locks of their orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.orders.history import Entry, note_all
from crossdock.orders.models import Order
from crossdock.orders.record import locked
from crossdock.papers.models import Manifest, ManifestParcel
from crossdock.papers.parcels import Parcel, are_these, parcels_of, standing


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided about the dead parcels that they were told of."""

    seen: frozenset[str]
    """Their marks (``Parcel.mark``)."""
    takes_out: bool
    """False: they go with the courier all the same."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What came of handing over."""

    is_done: bool
    was_before: bool = False
    dead: Sequence[Parcel] = ()
    """Those about which must be asked first, or that were taken out."""


def hand_over(manifest: Manifest, person: Person, answer: Answer | None = None) -> HandOver:
    """The courier has signed: close the manifest, unless there is something to ask first."""
    with transaction.atomic():
        locked(
            ManifestParcel.objects.filter(manifest=manifest).values_list(
                "package__order", flat=True
            )
        )
        held = Manifest.objects.select_for_update().get(pk=manifest.pk)
        if held.handed_over_at is not None:
            return HandOver(is_done=False, was_before=True)
        parcels = parcels_of(held)
        dead = [one for one in parcels if one.is_dead]
        if dead and (answer is None or not are_these(dead, answer.seen)):
            return HandOver(is_done=False, dead=dead)
        if dead and answer is not None and answer.takes_out:
            _take_out(held, dead, person)
            parcels = [one for one in parcels if not one.is_dead]
        _close(held, parcels, person)
        return HandOver(is_done=True, dead=dead)


def leave_out(manifest: Manifest, parcel_id: int, person: Person) -> bool:
    """Take a parcel out of an open manifest: it did not go with the courier. False: it was not in."""
    with transaction.atomic():
        Manifest.objects.select_for_update().get(pk=manifest.pk)
        rows = ManifestParcel.objects.filter(manifest=manifest, pk=parcel_id, is_open=True)
        found = standing(rows)
        _take_out(manifest, found, person)
        return bool(found)


def _take_out(manifest: Manifest, parcels: Sequence[Parcel], person: Person) -> None:
    now = timezone.now()
    for one in parcels:
        one.row.is_open, one.row.taken_out_at, one.row.taken_out_by = False, now, person
        one.row.taken_out_because = str(one.told)[:120] or "it did not go with the courier"
    ManifestParcel.objects.bulk_update(
        [one.row for one in parcels],
        ["is_open", "taken_out_at", "taken_out_by", "taken_out_because"],
    )
    note_all(
        Entry(
            one.row.package.order,
            "manifest",
            f"Taken out of manifest {manifest}: {one.row.taken_out_because}.",
            person,
        )
        for one in parcels
    )


def _close(manifest: Manifest, parcels: Sequence[Parcel], person: Person) -> None:
    manifest.handed_over_at, manifest.handed_over_by = timezone.now(), person
    manifest.save(update_fields=["handed_over_at", "handed_over_by"])
    for one in parcels:
        one.row.is_open = False
        one.row.fate_at_hand_over = one.told.fate.value if one.is_dead else ""
    ManifestParcel.objects.bulk_update(
        [one.row for one in parcels], ["is_open", "fate_at_hand_over"], batch_size=500
    )
    orders: dict[int, tuple[Order, str]] = {}
    for one in parcels:
        words = f"Handed over to {manifest.shipment_provider} on manifest {manifest}"
        though = f", though: {one.told}" if one.is_dead else ""
        orders[one.row.package.order_id] = (one.row.package.order, f"{words}{though}.")
    note_all(Entry(order, "handed over", words, person) for order, words in orders.values())
