"""The orders that could not be read whole: kept in sight, and tried again ever more rarely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import structlog
from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from crossdock.orders.models import Order
from crossdock.stores.models import Store
from crossdock.sync.models import Unread

log = structlog.get_logger(__name__)

NO_ITEMS = "Its items could not be read yet."
_NOT_WHOLE = Q(lines_known=False) | ~Q(problem="")
_FIRST_PAUSES = (timedelta(seconds=2), timedelta(seconds=10))
"""Most of what fails is a hiccup: an order should not be a minute late for one."""
_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)


def set_aside(store: Store, bad: Mapping[str, str], *, with_returns: bool = False) -> int:
    """Note orders (channel order id → why) that could not be read whole; how many.

    Each is due again after 2 and 10 seconds, then 1, 2, 4 … minutes, at last every 6 hours.
    """
    now = timezone.now()
    known = {row.order_id: row for row in Unread.objects.filter(store=store, order_id__in=bad)}
    rows = []
    for order_id, words in bad.items():
        row = known.get(order_id) or Unread(
            company_id=store.company_id, store=store, order_id=order_id, tries=0
        )
        row.words, row.last_at = words, now
        row.with_returns = row.with_returns or with_returns
        row.tries += 1
        row.next_at = now + pause_after(row.tries)
        rows.append(row)
    Unread.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["store", "order_id"],
        update_fields=["words", "with_returns", "tries", "last_at", "next_at"],
    )
    if stubborn := sorted(row.order_id for row in rows if row.tries > len(_FIRST_PAUSES)):
        log.warning("orders could not be read", store=store.pk, orders=stubborn[:20])
    return len(rows)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries (1 and more)."""
    if tries <= len(_FIRST_PAUSES):
        return _FIRST_PAUSES[tries - 1]
    later = tries - len(_FIRST_PAUSES) - 1
    return min(_PAUSE * (1 << min(later, 20)), _LONGEST_PAUSE)


def set_aside_with_returns(store: Store, bad: Mapping[str, str]) -> None:
    """Note that the returns of these orders are to be read once the orders can be."""
    noted = Unread.objects.filter(store=store, order_id__in=bad)
    known = set(noted.values_list("order_id", flat=True))
    noted.update(with_returns=True)
    set_aside(
        store,
        {order_id: words for order_id, words in bad.items() if order_id not in known},
        with_returns=True,
    )


def settle(store: Store, order_ids: Iterable[str], *, with_returns: bool = False) -> None:
    """These orders were read whole: nothing is left to try, but for returns that are still to come."""
    rows = Unread.objects.filter(store=store, order_id__in=list(order_ids))
    (rows if with_returns else rows.filter(with_returns=False)).delete()


def note_orders_not_whole(store: Store) -> None:
    """Have the orders tried again that a list showed before their items could be read, and those of
    which a reading beside the sync (after a button) could not read everything."""
    waiting = Unread.objects.filter(store=OuterRef("store"), order_id=OuterRef("channel_order_id"))
    lost = Order.objects.filter(~Exists(waiting), _NOT_WHOLE, store=store)
    now = timezone.now()
    Unread.objects.bulk_create(
        [
            Unread(
                company_id=store.company_id,
                store=store,
                order_id=order_id,
                words=problem or NO_ITEMS,
                tries=0,
                last_at=now,
                next_at=now,
            )
            for order_id, problem in lost.values_list("channel_order_id", "problem")[:1000]
        ],
        ignore_conflicts=True,
    )


def forget(row: Unread) -> bool:
    """Try this one no more. False: it is in the book and not whole there, and is tried until it is."""
    if Order.objects.filter(_NOT_WHOLE, store=row.store, channel_order_id=row.order_id).exists():
        return False
    row.delete()
    return True


def due(store: Store, most: int) -> list[Unread]:
    """What is to be tried now, the longest waiting first."""
    return list(
        Unread.objects.filter(store=store, next_at__lte=timezone.now()).order_by("next_at")[:most]
    )


def next_due(store: Store) -> float | None:
    """Seconds until the next is to be tried, 0.0 for one that is due; None where none waits."""
    next_at = Unread.objects.filter(store=store).aggregate(first=Min("next_at"))["first"]
    return None if next_at is None else max((next_at - timezone.now()).total_seconds(), 0.0)


def hurry(stores: Iterable[Store], order_id: str = "") -> int:
    """Have these stores' unread orders (or one of them) tried at once; how many."""
    named = Q(order_id=order_id) if order_id else Q()
    return Unread.objects.filter(named, store__in=list(stores)).update(next_at=timezone.now())
