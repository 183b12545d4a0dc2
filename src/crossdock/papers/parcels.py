"""The parcels of a manifest as they stand now: which of them go, and what keeps the others here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from crossdock.orders.fates import Told, fate_told
from crossdock.orders.models import Line
from crossdock.papers.models import Manifest, ManifestParcel
from crossdock.rules.facts import Tab
from crossdock.rules.fate import Fate


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel of a manifest."""

    row: ManifestParcel
    told: Told

    @property
    def is_dead(self) -> bool:
        """Whether it must not go: it is not counted, and on no paper that is made now."""
        return self.told.is_dead

    @property
    def died_after(self) -> bool:
        """Whether it went with the courier, and died only then."""
        return self.is_dead and not self.row.is_open and not self.row.fate_at_hand_over

    @property
    def units(self) -> int:
        """What is in it: also of a dead one, since that is to be unpacked."""
        order = self.row.package.order
        lines = order.lines.all()
        mine = [line for line in lines if line.package_id == self.row.package.package_id] or lines
        return sum(line.quantity for line in mine if line.live or self.is_dead)

    @property
    def mark(self) -> str:
        """Names the parcel with what keeps it here: a person who answers says what they were told."""
        return f"{self.row.pk}-{self.told.fate.value}"


def parcels_of(manifest: Manifest) -> list[Parcel]:
    """The parcels of a manifest, in its order, dead ones among them; those that were taken out are not."""
    return standing(manifest.parcels.filter(taken_out_at__isnull=True))


def standing(rows: QuerySet[ManifestParcel]) -> list[Parcel]:
    """These parcels as they stand now, in as many queries for one as for many."""
    loaded = (
        rows.select_related("package__order__store", "taken_out_by")
        .prefetch_related("package__order__lines", "package__order__packages")
        .order_by("manifest", "place")
    )
    return [Parcel(row, fate_told(row.package.order, row.package)) for row in loaded]


def counted(parcels: Iterable[Parcel]) -> list[tuple[str, int]]:
    """How many of these died of what, in words: ``[("was cancelled", 1), ("asks to cancel", 2)]``."""
    found = Counter(one.told.fate for one in parcels if one.is_dead)
    return [(_COUNTED[fate][found[fate] > 1], found[fate]) for fate in _COUNTED if found[fate]]


def counts_of(manifests: Sequence[Manifest]) -> dict[int, tuple[int, int]]:
    """Manifest → how many parcels it has, and how many of them are dead. Only those are read whole that
    may be."""
    rows = ManifestParcel.objects.filter(manifest__in=manifests, taken_out_at__isnull=True)
    every = dict(rows.order_by().values_list("manifest").annotate(number=Count("pk")))
    line = Line.objects.filter(
        order=OuterRef("package__order"), package_id=OuterRef("package__package_id"), live=False
    )
    suspects = rows.filter(
        Q(package__voided_at__isnull=False)
        | Q(package__order__tab__in=_SUSPECT_TABS)
        | Exists(line)
    )
    dead = Counter(one.row.manifest_id for one in standing(suspects) if one.is_dead)
    return {one.pk: (every.get(one.pk, 0), dead[one.pk]) for one in manifests}


def are_these(parcels: Collection[Parcel], marks: Collection[str]) -> bool:
    """Whether a person was told of exactly these dead parcels."""
    return {one.mark for one in parcels} == set(marks)


_COUNTED = {
    Fate.CANCELLED: ("was cancelled", "were cancelled"),
    Fate.ASKS: ("asks to cancel", "ask to cancel"),
    Fate.STOPPED: ("is being stopped by the marketplace", "are being stopped by the marketplace"),
    Fate.VOID: ("was packed again", "were packed again"),
}
_SUSPECT_TABS = (Tab.TO_CANCEL.value, Tab.OTHERS.value, Tab.TO_RETURN.value)
