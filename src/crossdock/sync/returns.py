"""Reading returns into the book: with their orders, where those are not in it yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError

from crossdock.channels.errors import NotSent, Unclear
from crossdock.orders import record
from crossdock.orders.models import Return
from crossdock.orders.returns import take_in_returns
from crossdock.rules.facts import ReturnFacts
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.sync.reading import ONE_BY_ONE_AFTER, Read, read_orders, unexpected
from crossdock.sync.unread import set_aside_with_returns

log = structlog.get_logger(__name__)


def read_returns(store: Store, arrived: Sequence[ReturnFacts], fetched_at: datetime) -> Read:
    """Take returns in that one fetch told; an order that is not in the book is read first.

    ``fetched_at``: when the returns were asked for. Where an order cannot be read, its returns are
    set aside with it. Raises what says nothing about an order (``sync.reading``).
    """
    read, strangers = _taken_in(store, arrived, fetched_at)
    if strangers:
        first = _read_first(store, strangers)
        again, unknown = _taken_in(
            store, [one for one in arrived if one.order_id in strangers], fetched_at
        )
        read.add(again)
        read.bad |= {one: first.bad.get(one, "Its order is not known.") for one in unknown}
    set_aside_with_returns(store, read.bad)
    read.newest = max((one.updated_at for one in arrived), default=None)
    return read


def read_returns_of(store: Store, order_id: str, return_ids: Iterable[str] = ()) -> Read:
    """Ask for the returns of one order and take them in. Raises ``channels.errors``."""
    known = Return.objects.filter(order__store=store, order__channel_order_id=order_id)
    ids = sorted({*return_ids, *known.values_list("return_id", flat=True)})
    fetched_at = record.now()
    arrived = call_store(store, lambda known, shop: known.returns_of(shop, order_id, ids))
    return read_returns(store, arrived, fetched_at)


def _read_first(store: Store, order_ids: Sequence[str]) -> Read:
    """The orders of these returns; a line that breaks sets them aside: the returns are known."""
    try:
        return read_orders(store, order_ids, tries=ONE_BY_ONE_AFTER)
    except (NotSent, Unclear) as error:
        return Read(bad=dict.fromkeys(order_ids, error.words))


def _taken_in(
    store: Store, arrived: Sequence[ReturnFacts], fetched_at: datetime
) -> tuple[Read, list[str]]:
    """Take them in together, order by order where that fails; the orders that are not in the book."""
    try:
        changed, strangers = take_in_returns(store, arrived, fetched_at=fetched_at)
        return Read(changed=changed), strangers
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("taking in returns order by order", store=store.pk)
    read, strangers = Read(), []
    for order_id in dict.fromkeys(one.order_id for one in arrived):
        theirs = [one for one in arrived if one.order_id == order_id]
        try:
            changed, unknown = take_in_returns(store, theirs, fetched_at=fetched_at)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("a return could not be taken in", order=order_id)
            read.bad[order_id] = unexpected(error)
        else:
            read.changed += changed
            strangers += unknown
    return read, strangers
