"""What this room says and offers on the Stores page, and does when a store is linked, asked for, or
wanted further back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crossdock.companies.rights import Deed
from crossdock.orders.record import now
from crossdock.stores.linked import Offer, Remark
from crossdock.stores.models import Store
from crossdock.sync.asked import ask
from crossdock.sync.begin import begin_first, begin_regular
from crossdock.sync.health import StoreHealth, health_of
from crossdock.sync.jobs import defer_pull
from crossdock.sync.models import Part, Pull
from crossdock.work.jobs import FAST

SYNC_PAGE = Offer("Sync …", "history", "sync:sync", Deed.SYNC_NOW)


def first_sync(store: Store, days: int) -> None:
    """The first sync of a newly linked store; a store that was linked again simply goes on."""
    pull = begin_first(store, days) if store.synced_until is None else None
    pull = pull or begin_regular(store)
    if pull is not None:
        defer_pull(pull, queue=FAST)


def catch_up(store: Store) -> None:
    """A person wants the newest orders and returns now."""
    for part in Part:
        if part == Part.RETURNS and store.synced_until is None:
            continue  # the orders come first: most returns are of orders that are not here yet
        if pull := begin_regular(store, part):
            defer_pull(pull, queue=FAST)


def reach_back(store: Store, days: int) -> None:
    """A run over so many days, as the first sync would have made it."""
    until = now()
    ask([store], None, until - timedelta(days=days), until, by_creation=False, with_returns=True)


def remarks(stores: Sequence[Store]) -> dict[int, list[Remark]]:
    """What is to be said of these stores' sync beyond their last success and failure."""
    begun = Pull.objects.filter(
        store__in=stores, part=Part.ORDERS, kind=Pull.Kind.FIRST, finished_at__isnull=True
    )
    listed = dict(begun.values_list("store", "listed"))
    return {one.store.pk: _of(one, listed.get(one.store.pk, 0)) for one in health_of(stores)}


def _of(health: StoreHealth, first: int) -> list[Remark]:
    found = []
    if first:
        found.append(Remark(f"{_orders(first)} of the first sync so far."))
    if health.gaps:
        found.append(
            Remark(f"{_orders(health.gaps)} missing in checked days could not be fetched.", "bad")
        )
    if health.unread:
        found.append(
            Remark(
                f"{_orders(health.unread)} could not be read whole; tried again by itself.", "warn"
            )
        )
    if health.webhooks:
        found.append(Remark(f"{health.webhooks} messages of the marketplace in 24 hours."))
    return found


def _orders(number: int) -> str:
    return f"{number} order{'' if number == 1 else 's'}"
