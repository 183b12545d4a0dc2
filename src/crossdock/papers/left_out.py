"""Labels that must not be printed any more, and the page that names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crossdock.orders.fates import Told, fate_told
from crossdock.orders.models import FormerNumber, Order
from crossdock.papers.binding import paper_of
from crossdock.papers.combined import only
from crossdock.papers.label_order import Labels
from crossdock.papers.models import PaperSettings, Size
from crossdock.papers.typeset import typeset
from crossdock.rules.fate import Fate


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A label that was fetched, and whose parcel must stay here since."""

    order_id: str
    told: Told


@dataclass(frozen=True, slots=True)
class Sorted:
    """The labels of a batch as they stand now."""

    going: tuple[Labels, ...]
    left_out: tuple[LeftOut, ...]


def sort_out(labels: Sequence[Labels], orders: Mapping[int, Order]) -> Sorted:
    """Which of these labels may be printed now. ``orders``: by key, with lines and packages loaded."""
    replaced = _replaced(orders)
    going: list[Labels] = []
    left_out: list[LeftOut] = []
    for one in labels:
        order, good = orders[one.order], list[int]()
        for place, package_id in enumerate(one.packages):
            told = _told(order, package_id, _is_older(one.fetched_at, replaced, order, package_id))
            if told.is_dead:
                left_out.append(LeftOut(one.order_id, told))
            else:
                good.append(place)
        if good:
            going.append(only(one, good))
    return Sorted(tuple(going), tuple(left_out))


def left_out_page(
    out: Sequence[LeftOut],
    labels: Sequence[Labels],
    kept: PaperSettings,
    words: Mapping[str, str],
    note: str,
    target: Path,
) -> None:
    """Lay out the page that names what is left out, on the paper of these labels."""
    width, height = paper_of(labels, kept)
    data = {
        "language": kept.language,
        "labels": dict(words),
        "printed": note,
        "size": kept.awb_size or Size.A6.value,
        "width": width,
        "height": height,
        "orders": [{"order_id": one.order_id, "why": _why(one.told, words)} for one in out],
    }
    typeset("left_out", data, target)


def _told(order: Order, package_id: str, is_void: bool) -> Told:
    package = next((one for one in order.packages.all() if one.package_id == package_id), None)
    return fate_told(order, package, is_void=is_void)


def _is_older(
    fetched_at: datetime | None,
    replaced: Mapping[tuple[int, str], datetime],
    order: Order,
    package_id: str,
) -> bool:
    """Whether a label was fetched before its package had the number that it has now."""
    at = replaced.get((order.pk, package_id))
    return at is not None and fetched_at is not None and fetched_at < at


def _replaced(orders: Mapping[int, Order]) -> dict[tuple[int, str], datetime]:
    """When the number of a package was last replaced, for those that have another one now."""
    now = {
        (order.pk, one.package_id): one.tracking_number
        for order in orders.values()
        for one in order.packages.all()
    }
    found: dict[tuple[int, str], datetime] = {}
    rows = FormerNumber.objects.filter(order__in=list(orders)).order_by("replaced_at")
    for row in rows:
        key = (row.order_id, row.package_id)
        if row.number != now.get(key):
            found[key] = row.replaced_at
    return found


def _why(told: Told, words: Mapping[str, str]) -> str:
    """The reason in the paper's language; numbers as they are."""
    if told.fate is not Fate.VOID:
        return words[f"fate_{told.fate.value}"]
    return words["fate_void"] + (f" ({told.numbers})" if told.numbers else "")
