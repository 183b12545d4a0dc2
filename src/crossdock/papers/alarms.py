"""Parcels that must stay here though their label is on paper, or they stand on a manifest: said loudly,
wherever their order is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import FilteredRelation, OuterRef, Q

from crossdock.orders.fates import Told, fate_told
from crossdock.orders.history import went_out
from crossdock.orders.labels import is_on_paper
from crossdock.orders.models import Order, Package
from crossdock.papers.models import Manifest
from crossdock.rules.fate import Fate


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is said of an order's dead parcels."""

    words: str
    manifests: Sequence[Manifest] = ()
    """Those that such a parcel is on."""


def with_alarms(orders: Iterable[Order]) -> list[Order]:
    """These orders, each with its ``alarm`` (None: there is none). Lines and packages are loaded; orders
    without a dead parcel cost no query."""
    rows = list(orders)
    dead = {order.pk: _dead_parcels(order) for order in rows}
    on, gone = _manifests_and_gone([pk for pk, parcels in dead.items() if parcels])
    for order in rows:
        found = None if order.pk in gone else _alarm(order, dead[order.pk], on)
        order.alarm = found  # type: ignore[attr-defined]
    return rows


def _dead_parcels(order: Order) -> list[tuple[Package, Told]]:
    told = [(one, fate_told(order, one)) for one in order.packages.all()]
    return [(one, fate) for one, fate in told if fate.is_dead]


def _manifests_and_gone(order_ids: Sequence[int]) -> tuple[dict[int, Manifest], set[int]]:
    """Package → the newest manifest that it is on, for these orders; and those orders that have left."""
    if not order_ids:
        return {}, set()
    standing = FilteredRelation("manifests", condition=Q(manifests__taken_out_at__isnull=True))
    packages = Package.objects.filter(order__in=order_ids).annotate(
        standing=standing, went_out=went_out(OuterRef("order"))
    )
    # The checker knows no relation that a query makes.
    rows = list(packages.select_related("standing__manifest").order_by("standing__pk"))  # type: ignore[misc]
    on = {row.pk: row.standing.manifest for row in rows if hasattr(row, "standing")}
    return on, {row.order_id for row in rows if row.went_out}


def _alarm(
    order: Order, dead: Sequence[tuple[Package, Told]], on: dict[int, Manifest]
) -> Alarm | None:
    loud = [(one, told) for one, told in dead if one.pk in on or is_on_paper(order, one)]
    if not loud:
        return None
    manifests = list(dict.fromkeys(on[one.pk] for one, _ in loud if one.pk in on))
    return Alarm(_words(order, loud, on), manifests)


def _words(order: Order, loud: Sequence[tuple[Package, Told]], on: dict[int, Manifest]) -> str:
    staying = [(one, told) for one, told in loud if told.fate is not Fate.VOID]
    if not staying:
        return f"Void label on paper: {loud[0][1].words}"
    here = [one for one, _ in staying if one.pk not in on or on[one.pk].handed_over_at is None]
    if not here:
        return "The parcel was handed over before"
    which = "" if len(here) == len(order.packages.all()) else f" ({_numbers(here)})"
    on_paper = any(is_on_paper(order, one) for one in here)
    return f"{'Label on paper: keep' if on_paper else 'Keep'} the parcel here{which}"


def _numbers(packages: Sequence[Package]) -> str:
    return ", ".join(one.tracking_number or one.package_id for one in packages)
