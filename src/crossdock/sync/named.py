"""Orders that messages named: written down with the message, and read many at once.

On a busy day a message comes for every order and every step of it. One call a message would fall
behind the channel's limit; a reading takes all that were named meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db.models import Exists, OuterRef, QuerySet

from crossdock.channels.errors import ChannelError, NotPermitted, Throttled, TokenDead
from crossdock.channels.registry import channel
from crossdock.orders.models import Order
from crossdock.orders.record import now
from crossdock.stores.models import Store
from crossdock.sync.begin import may_run
from crossdock.sync.models import Named
from crossdock.sync.reading import ONE_BY_ONE_AFTER, read_orders, unexpected
from crossdock.sync.unread import set_aside

log = structlog.get_logger(__name__)


def note(store: Store, order_ids: Iterable[str]) -> None:
    """Have these orders read: written in the caller's transaction."""
    moment = now()
    Named.objects.bulk_create(
        [
            Named(company_id=store.company_id, store=store, order_id=order_id, named_at=moment)
            for order_id in sorted(set(order_ids))
        ],
        update_conflicts=True,
        unique_fields=["store", "order_id"],
        update_fields=["named_at"],
    )


def waiting(store: Store) -> bool:
    """Whether orders of this store wait to be read."""
    return Named.objects.filter(store=store).exists()


def read(store: Store) -> float | None:
    """Read as many as the channel tells in one call: orders that the book does not have first, then
    those that wait longest; the seconds after which to go on, None when nothing is left. What fails is
    set aside, and tried again by itself.

    A paused or dead store is left alone: its next pull covers the time since the last one.
    """
    most = channel(store.channel).limits.fetch_orders
    began = now()
    _drop_read(store, began)
    rows = list(_new_first(store)[:most])
    if rows and may_run(store):
        pause = _read(store, [row.order_id for row in rows])
        if pause is not None:
            return pause
    Named.objects.filter(pk__in=[row.pk for row in rows], named_at__lte=began).delete()
    return 0.0 if waiting(store) else None


def _new_first(store: Store) -> QuerySet[Named]:
    """Those that wait. After a stop the marketplaces name thousands of known orders again, and a new
    one must not wait for these."""
    known = Order.objects.filter(store=store, channel_order_id=OuterRef("order_id"))
    return (
        Named.objects.filter(store=store)
        .annotate(is_known=Exists(known))
        .order_by("is_known", "named_at", "pk")
    )


def _drop_read(store: Store, now: datetime) -> None:
    """Forget those that were fetched whole after they were named: by a pull, or for an action. What was
    fetched in the future was stamped by a wrong clock."""
    read = Order.objects.filter(
        store=store,
        channel_order_id=OuterRef("order_id"),
        fetched_at__gt=OuterRef("named_at"),
        fetched_at__lte=now,
        lines_known=True,
        problem="",
    )
    Named.objects.filter(Exists(read), store=store).delete()


def _read(store: Store, order_ids: list[str]) -> float | None:
    """Read these; the seconds to wait when the channel asks for a pause."""
    try:
        read_orders(store, order_ids, tries=ONE_BY_ONE_AFTER if len(order_ids) > 1 else 0)
    except Throttled as refusal:
        return max(refusal.wait, 0.1)
    except (TokenDead, NotPermitted):
        return None  # the next pull that may read covers the time since the last one
    except ChannelError as error:
        set_aside(store, dict.fromkeys(order_ids, error.words))
    except Exception as error:
        log.exception("named orders could not be read", store=store.pk)
        set_aside(store, dict.fromkeys(order_ids, unexpected(error)))
    return None
