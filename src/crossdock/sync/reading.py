"""Reading orders into the book so that a bad one never stops the others.

Orders are read many at once. What fails for one of them (the channel refuses it, its answer cannot
be understood, or a mistake of ours trips over it) is found by reading one by one: the bad order is
marked as far as its id allows and set aside (``sync.unread``), the others are in the book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError

from crossdock.channels.contract import Fetched, Glimpse
from crossdock.channels.errors import (
    ChannelError,
    NotPermitted,
    NotSent,
    Throttled,
    TokenDead,
    Unclear,
)
from crossdock.channels.registry import channel
from crossdock.companies.sealing import WrongKey
from crossdock.orders import record
from crossdock.orders.record import Arrived
from crossdock.rules.facts import OrderFacts
from crossdock.rules.from_outside import is_id
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered
from crossdock.sync.unread import NO_ITEMS, set_aside, settle

log = structlog.get_logger(__name__)

_NOT_GIVEN = "The channel does not give this order when it is asked for it."
_NOT_AN_ORDERS = (
    Throttled,
    TokenDead,
    NotRegistered,
    WrongKey,
    OperationalError,
    InterfaceError,
)
"""What says nothing about the order that was asked for: the whole run must wait."""
ONE_BY_ONE_AFTER = 2
"""Tries of the same place that broke (time-outs, HTTP 500), after which its orders are read one by one."""
SET_ASIDE_AFTER = 10
"""Tries after which the place's orders are set aside unread: nothing holds up those after them for ever."""
_BROKEN_LINE = 3
"""So many orders in a row that break, and none read: it is the line (or a permission), not the orders."""


def _go_on() -> None:
    """Nobody waits for a sign of life."""


@dataclass
class Read:
    """What reading some orders gave."""

    changed: int = 0
    bad: dict[str, str] = field(default_factory=dict)
    """Channel order id → why it could not be read whole."""
    partly: set[str] = field(default_factory=set)
    """Those of ``bad`` that arrived all the same."""
    newest: datetime | None = None
    """The latest update time among the orders."""
    latest: datetime | None = None
    """The latest creation time among them."""

    def saw(self, facts: Iterable[OrderFacts]) -> None:
        """Note the times of these orders."""
        for one in facts:
            self.newest = max(self.newest or one.updated_at, one.updated_at)
            self.latest = max(self.latest or one.created_at, one.created_at)

    def add(self, other: Read) -> None:
        """Add what another reading gave."""
        self.changed += other.changed
        self.bad |= other.bad
        self.partly |= other.partly
        for name in ("newest", "latest"):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, max(filter(None, (mine, theirs)), default=None))


def look_at(store: Store, order_ids: Sequence[str]) -> int:
    """Fetch these orders and take them in; how many brought news. Raises ``channels.errors``."""
    fetched_at = record.now()
    fetched = call_store(store, lambda known, shop: known.fetch(shop, order_ids))
    return record.take_in_many(store, _arrived(fetched), fetched_at=fetched_at)


def read_orders(store: Store, order_ids: Sequence[str], *, tries: int = 0) -> Read:
    """Read these orders into the book, however many at once the channel likes; bad ones are set aside.

    Raises what says nothing about an order; also NotSent and Unclear, see ``read_glimpses``.
    """
    read = Read()
    size = channel(store.channel).limits.fetch_orders
    for start in range(0, len(order_ids), size):
        glimpses = [Glimpse(order_id) for order_id in order_ids[start : start + size]]
        read.add(read_glimpses(store, glimpses, record.now(), tries=tries))
    return read


def read_glimpses(
    store: Store,
    glimpses: Sequence[Glimpse],
    listed_at: datetime,
    *,
    tries: int = 0,
    alive: Callable[[], None] = _go_on,
) -> Read:
    """Bring what a list showed into the book: at most ``limits.fetch_orders`` orders.

    ``listed_at``: when the list was asked for. What the list told whole is not fetched again. What
    fails is kept as the list showed it. ``tries``: how often this place has failed already. A line
    that breaks (NotSent, Unclear) is raised, until so many tries show that it is an order's fault.
    ``alive`` is called between the calls. What has no id that can be kept is passed over. Raises what says nothing about an order.
    """
    read = Read()
    glimpses = [one for one in glimpses if is_id(one.order_id)]
    heads = {one.order_id: Arrived(one.facts, one.raw) for one in glimpses if one.facts is not None}
    whole = [head for head in heads.values() if head.facts.lines]
    read.add(_keep(store, whole, listed_at))
    rest = [one.order_id for one in glimpses if not (one.facts and one.facts.lines)]
    if not rest:
        return _settled(store, glimpses, read)
    seen = {one.order_id: one.raw for one in glimpses if one.raw}
    seen_heads = [heads[order_id] for order_id in rest if order_id in heads]
    try:
        read.add(_fetch(store, rest, seen, tries, alive))
    except Exception:
        # The page is not lost with its items: what was seen is kept, then the trouble is told.
        _see(store, seen_heads, listed_at)
        raise
    _see(store, [one for one in seen_heads if one.facts.order_id in read.bad], listed_at)
    return _settled(store, glimpses, read)


def _fetch(
    store: Store,
    order_ids: Sequence[str],
    seen: Mapping[str, bytes],
    tries: int,
    alive: Callable[[], None],
) -> Read:
    """All of them in one call; one by one where that fails for a reason that may be one order's."""
    try:
        return _ask(store, order_ids, seen)
    except _NOT_AN_ORDERS:
        raise
    except (NotSent, Unclear) as error:
        if tries >= SET_ASIDE_AFTER:
            return Read(bad=dict.fromkeys(order_ids, error.words))
        if tries < ONE_BY_ONE_AFTER:
            raise
    except ChannelError as error:
        log.info("reading one by one", store=store.pk, why=error.words)
    except Exception:
        log.exception("reading one by one", store=store.pk)
    return _one_by_one(store, order_ids, seen, alive)


def _one_by_one(
    store: Store, order_ids: Sequence[str], seen: Mapping[str, bytes], alive: Callable[[], None]
) -> Read:
    read, broken = Read(), 0
    for number, order_id in enumerate(order_ids, start=1):
        alive()
        try:
            read.add(_alone(order_id, partial(_ask, store, [order_id], seen)))
        except (NotSent, Unclear, NotPermitted) as error:
            broken += 1
            if broken == number == _BROKEN_LINE:
                raise
            read.bad[order_id] = error.words
    return read


def _ask(store: Store, order_ids: Sequence[str], seen: Mapping[str, bytes]) -> Read:
    fetched_at = record.now()
    fetched = call_store(store, lambda known, shop: known.fetch(shop, order_ids, seen))
    read = _keep(store, _arrived(fetched), fetched_at)
    answered = {facts.order_id for facts in fetched.orders}
    read.bad |= {
        order_id: fetched.refused.get(order_id, _NOT_GIVEN)
        for order_id in order_ids
        if order_id not in answered
    }
    return read


def _keep(store: Store, arrived: Sequence[Arrived], fetched_at: datetime) -> Read:
    """Take orders in; where that fails, one by one."""
    if len(arrived) > 1:
        try:
            return _taken_in(store, arrived, fetched_at)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("taking in one by one", store=store.pk)
    read = Read()
    for one in arrived:
        read.add(_alone(one.facts.order_id, partial(_taken_in, store, [one], fetched_at)))
    return read


def _see(store: Store, heads: Sequence[Arrived], listed_at: datetime) -> None:
    """Keep orders as a list showed them, as far as they can be kept."""
    try:
        record.see(store, heads, fetched_at=listed_at)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("an order could not be kept as it was listed", store=store.pk)
        if len(heads) > 1:
            for head in heads:
                _see(store, [head], listed_at)


def _taken_in(store: Store, arrived: Sequence[Arrived], fetched_at: datetime) -> Read:
    read = Read(changed=record.take_in_many(store, arrived, fetched_at=fetched_at))
    read.saw(one.facts for one in arrived)
    for facts in (one.facts for one in arrived):
        if facts.problems or not facts.lines:
            words = "; ".join(one.words for one in facts.problems)
            read.bad[facts.order_id] = words or NO_ITEMS
            read.partly.add(facts.order_id)
    return read


def _alone(order_id: str, deed: Callable[[], Read]) -> Read:
    """Read one order; what is wrong with it is an answer, not an error."""
    try:
        return deed()
    except (*_NOT_AN_ORDERS, NotSent, Unclear, NotPermitted):
        raise
    except ChannelError as error:
        return Read(bad={order_id: error.words})
    except Exception as error:
        log.exception("an order could not be read", order=order_id)
        return Read(bad={order_id: unexpected(error)})


def unexpected(error: Exception) -> str:
    """A mistake of ours in words that hold nothing of an order's data."""
    return f"Crossdock could not deal with it ({type(error).__name__}): the log tells more."


def _settled(store: Store, glimpses: Sequence[Glimpse], read: Read) -> Read:
    """Mark the bad orders and set them aside; the good ones need no second look."""
    settle(store, [one.order_id for one in glimpses if one.order_id not in read.bad])
    if read.bad:
        record.note_not_read(
            store,
            {one: words for one, words in read.bad.items() if one not in read.partly},
        )
        set_aside(store, read.bad)
    return read


def _arrived(fetched: Fetched) -> list[Arrived]:
    return [Arrived(facts, fetched.raw.get(facts.order_id, b"")) for facts in fetched.orders]
