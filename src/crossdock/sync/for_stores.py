"""What this room says and offers on the Stores page, and does when more days are wanted there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crossdock.companies.rights import Deed
from crossdock.orders.record import now
from crossdock.stores.linked import Offer, Remark
from crossdock.stores.models import Store
from crossdock.sync.asked import ask
from crossdock.sync.health import StoreHealth, health_of

SYNC_PAGE = Offer("Sync …", "history", "sync:sync", Deed.SYNC_NOW)


def reach_back(store: Store, days: int) -> None:
    """A run over so many days, as the first sync would have made it."""
    until = now()
    ask([store], None, until - timedelta(days=days), until, by_creation=False, with_returns=True)


def remarks(stores: Sequence[Store]) -> dict[int, list[Remark]]:
    """What is to be said of these stores' sync beyond their last success and failure."""
    return {health.store.pk: _of(health) for health in health_of(stores)}


def _of(health: StoreHealth) -> list[Remark]:
    found = []
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
