"""What is known of an order's labels: fetched (ready), opened (on paper), and void since.

A label counts as printed when somebody opens it, not when it is fetched. What the channel packs again,
or gives another number, has no printed label any more; what is cancelled keeps its mark, since the paper
is still on the parcel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.orders.history import Entry, note_all
from crossdock.orders.models import FormerNumber, Order, Package
from crossdock.rules.news import News

_WITH_ANOTHER = "AWB opened for printing, with another order of the same parcel."


def is_on_paper(order: Order, package: Package) -> bool:
    """Whether the label of a package was printed. Packages are loaded. Before packages had a mark of
    their own, the order's stood for all of them."""
    if package.label_opened_at is not None:
        return True
    marked = any(one.label_opened_at is not None for one in order.packages.all())
    return bool(order.printed_count) and not marked


def mark_ready(order_ids: Collection[int], at: datetime) -> None:
    """Note that the labels of these orders were fetched. They are locked."""
    Order.objects.filter(pk__in=order_ids).update(label_ready_at=at)


def mark_opened(
    orders: Sequence[Order],
    package_ids: Collection[int],
    *,
    together: Sequence[Order] = (),
    at: datetime,
    person: Person,
    batch_id: int,
) -> None:
    """Note that somebody opened the labels of these orders to print them, of these packages (keys): once
    more each, and in every history. ``together``: orders that were not chosen, and travel in the same
    parcels. All of them are locked."""
    Order.objects.filter(pk__in=[order.pk for order in (*orders, *together)]).update(
        printed_count=F("printed_count") + 1, printed_at=at, printed_by=person
    )
    Package.objects.filter(pk__in=package_ids).update(label_opened_at=at)
    note_all(
        Entry(order, "awb opened", _opened_words(order.printed_count), person, batch_id)
        for order in orders
    )
    note_all(Entry(order, "awb opened", _WITH_ANOTHER, person, batch_id) for order in together)


def follow(changed: Iterable[tuple[Order, News]], known: Iterable[Package]) -> None:
    """Keep up with what the channel changed of packages: the numbers that it replaced stay known, and an
    order whose printed labels are all void is as good as never printed.

    ``known``: the packages of these orders as they were before. The orders are locked, and the news
    are written.
    """
    before: dict[int, dict[str, Package]] = {}
    for package in known:
        before.setdefault(package.order_id, {})[package.package_id] = package
    replaced: list[Package] = []
    for order, told in changed:
        mine = before.get(order.pk, {})
        renumbered = _renumbered(mine, told)
        replaced += renumbered
        _follow(order, told, mine, {one.package_id for one in renumbered})
    now = timezone.now()
    FormerNumber.objects.bulk_create(
        [
            FormerNumber(
                company_id=one.company_id,
                order_id=one.order_id,
                package_id=one.package_id,
                number=one.tracking_number,
                replaced_at=now,
            )
            for one in replaced
        ],
        update_conflicts=True,
        unique_fields=["order", "package_id", "number"],
        update_fields=["replaced_at"],
    )


def _renumbered(before: dict[str, Package], told: News) -> list[Package]:
    """The packages, as they were, that have another tracking number now."""
    return [
        was
        for package_id, now in told.packages.items()
        if (was := before.get(package_id))
        and was.tracking_number
        and was.tracking_number != now.tracking_number
    ]


def _follow(
    order: Order, told: News, before: dict[str, Package], renumbered: Collection[str]
) -> None:
    """What the changed packages of an order mean for its own marks. What is dead keeps them."""
    changed = [*told.voided, *renumbered]
    if not told.facts.live_lines:
        return
    good = [
        was
        for one in told.facts.packages
        if one.package_id not in renumbered and (was := before.get(one.package_id))
    ]
    if changed and not good:
        _forget(order, before.values())
    back = [one.label_opened_at for one in good if one.voided_at and one.label_opened_at]
    if back and not order.printed_count:
        Order.objects.filter(pk=order.pk).update(printed_count=1, printed_at=max(back))


def _forget(order: Order, before: Iterable[Package]) -> None:
    """None of the order's labels on paper is good any more: its new ones were never printed."""
    if order.printed_count and not any(one.label_opened_at for one in before):
        Package.objects.filter(order=order, pk__in=[one.pk for one in before]).update(
            label_opened_at=order.printed_at
        )
    if order.printed_count or order.label_ready_at:
        Order.objects.filter(pk=order.pk).update(
            printed_count=0, printed_at=None, printed_by=None, label_ready_at=None
        )


def _opened_words(before: int) -> str:
    """What the history says; ``before``: how often they had been opened."""
    again = f" again, for the {_nth(before + 1)} time" if before else ""
    return f"AWB opened for printing{again}."


def _nth(number: int) -> str:
    """2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
