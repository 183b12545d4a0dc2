"""Looking at single orders: one that a webhook named, and those that could not be read before."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from crossdock.channels.errors import ChannelError, NotPermitted, Throttled, TokenDead
from crossdock.channels.patience import WHILE_A_PERSON_WAITS, within
from crossdock.companies.sealing import WrongKey
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered
from crossdock.sync.begin import may_run
from crossdock.sync.models import Unread
from crossdock.sync.reading import ONE_BY_ONE_AFTER, read_orders, unexpected
from crossdock.sync.returns import read_returns_of
from crossdock.sync.unread import due, hurry, set_aside, set_aside_with_returns, settle

log = structlog.get_logger(__name__)

_AT_ONCE = 50


def look(
    store: Store, order_id: str, *, with_returns: bool = False, return_ids: Sequence[str] = ()
) -> float | None:
    """Read an order, and its returns where they are meant; the seconds to wait when the channel asks
    for a pause, else None. What fails is set aside and tried again by itself.

    A paused or dead store is left alone: its next pull covers the time since the last one.
    """
    if not may_run(store):
        return None
    try:
        read_orders(store, [order_id])
        if with_returns:
            read_returns_of(store, order_id, return_ids)
    except Throttled as refusal:
        return max(refusal.wait, 0.1)
    except TokenDead:
        return None
    except ChannelError as error:
        put_off(store, [order_id], error.words, with_returns=with_returns)
    except Exception as error:
        log.exception("an order could not be looked at", store=store.pk, order=order_id)
        put_off(store, [order_id], unexpected(error), with_returns=with_returns)
    return None


def read_now(store: Store, order_id: str) -> str:
    """Read an order anew while a person waits; why that could not be done, in words: "" where it was.
    What of it still could not be read, the order says itself, and is soon tried again."""
    try:
        with within(WHILE_A_PERSON_WAITS):
            read = read_orders(store, [order_id])
    except ChannelError as error:
        return error.words
    except (NotRegistered, WrongKey) as error:
        return str(error)
    hurry([store], order_id)
    return "" if order_id in read.partly else read.bad.get(order_id, "")


def put_off(
    store: Store, order_ids: Sequence[str], words: str, *, with_returns: bool = False
) -> None:
    """Set orders aside that could not be asked for."""
    aside = set_aside_with_returns if with_returns else set_aside
    aside(store, dict.fromkeys(order_ids, words))


def try_again(store: Store) -> int:
    """Read again what is due among the orders that could not be read; how many were tried."""
    if not may_run(store):
        return 0
    rows = due(store, _AT_ONCE)
    for row in rows:
        if row.with_returns:
            _returns_again(store, row)
    plain = [row.order_id for row in rows if not row.with_returns]
    try:
        read_orders(store, plain, tries=ONE_BY_ONE_AFTER)
    except (Throttled, TokenDead, NotPermitted):
        return 0  # nothing was learnt about these orders: the schedule asks again
    except ChannelError as error:
        put_off(store, plain, error.words)
    return len(rows)


def _returns_again(store: Store, row: Unread) -> None:
    try:
        bad = read_orders(store, [row.order_id], tries=ONE_BY_ONE_AFTER).bad
        bad |= read_returns_of(store, row.order_id).bad
    except (Throttled, TokenDead):
        return
    except ChannelError as error:
        put_off(store, [row.order_id], error.words)
    except Exception as error:
        log.exception("returns could not be read", store=store.pk, order=row.order_id)
        put_off(store, [row.order_id], unexpected(error))
    else:
        if not bad:
            settle(store, [row.order_id], with_returns=True)


def verify(store: Store) -> None:
    """Ask the channel whether our authorisation lives: a dead one shows as "link again" at once.

    Raises ``channels.errors``, but for TokenDead and NotPermitted: these are answers.
    """
    if store.needs_relink:
        return
    try:
        call_store(store, lambda known, shop: known.shop_name(shop))
    except TokenDead:
        log.warning("a store must be linked again", store=store.pk)
    except NotPermitted:
        log.info("the authorisation lives, without this permission", store=store.pk)
