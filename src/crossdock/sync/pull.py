"""Pulling a store's changed orders and returns into the book: windows, pages, and where it stands.

A pull moves on only when every order of a page is stored or set aside, and writes down where it is
after each page: killed, it goes on from there. It never ends for an error: the error is shown, and
the schedule goes on with it every minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from django.utils import timezone

from crossdock.channels.contract import Channel, Shop
from crossdock.channels.errors import (
    ChannelError,
    NotPermitted,
    NotSent,
    Throttled,
    TokenDead,
    Unclear,
    Unreadable,
)
from crossdock.channels.registry import channel
from crossdock.companies.sealing import WrongKey
from crossdock.orders import record
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.stores.registration import NotRegistered
from crossdock.sync import lease
from crossdock.sync.begin import begin_asked, begin_first, begin_regular, may_run
from crossdock.sync.health import note_failure, note_success
from crossdock.sync.models import Part, Pull
from crossdock.sync.reading import Read, look_at, read_glimpses, unexpected
from crossdock.sync.returns import read_returns

__all__ = ["begin_asked", "begin_first", "begin_regular", "go_on", "look_at"]

T = TypeVar("T")
log = structlog.get_logger(__name__)

_SLICE_SECONDS = 20.0


@dataclass
class Run:
    """A pull that this worker has in hand."""

    pull: Pull
    cursor_is_old: bool
    """The cursor was given before this slice: the channel may no longer take it."""


@dataclass(frozen=True, slots=True)
class PageRead:
    """What one page gave."""

    read: Read
    listed: int
    following: str | None


def go_on(pull_id: int) -> float | None:
    """Work on a pull for a slice; None when it is done, cannot get on now, or another worker has it,
    else the seconds after which to go on. What fails is kept on the pull in the channel's words."""
    pull = lease.take(Pull, pull_id)
    if pull is None:
        return None
    try:
        if not may_run(pull.store) and not pull.store.needs_relink:
            return None
        _note_start(pull)
        return _slice(Run(pull, cursor_is_old=bool(pull.cursor)))
    except lease.Overtaken:
        return None
    except Throttled as refusal:
        if not refusal.is_ours:
            lease.give_back(pull, error=refusal.words)
        return max(refusal.wait, 0.1)
    except ChannelError as error:
        _fail(pull, error.words)
    except (NotRegistered, WrongKey) as error:
        _fail(pull, str(error))
    except Exception as error:
        log.exception("a pull stumbled", store=pull.store_id, pull=pull.pk)
        _fail(pull, unexpected(error))
    finally:
        lease.give_back(pull)
    return None


def _note_start(pull: Pull) -> None:
    if pull.kind != Pull.Kind.ASKED and pull.part == Part.ORDERS:
        Store.objects.filter(pk=pull.store_id).update(sync_started_at=timezone.now())


def _slice(run: Run) -> float | None:
    ends = time.monotonic() + _SLICE_SECONDS
    while time.monotonic() < ends:
        if _read_page(run):
            _finish(run.pull)
            return None
    return 0.0


def _read_page(run: Run) -> bool:
    """Read one page into the book; whether that was the last of the last window."""
    pull = run.pull
    window = timedelta(days=channel(pull.store.channel).limits.window_days)
    window_ends = min(pull.reached + window, pull.until)
    page = (_orders if pull.part == Part.ORDERS else _returns)(run, window_ends)
    if page is None:
        return False
    if page.following and page.following == pull.cursor:
        raise Unreadable("The channel's list does not move on.")
    reached = pull.reached if page.following else window_ends
    seen = page.read.latest if pull.by_creation else page.read.newest
    lease.write(
        pull,
        cursor=page.following or "",
        reached=reached,
        seen_until=max(filter(None, (pull.seen_until, seen)), default=None),
        listed=pull.listed + page.listed,
        changed=pull.changed + page.read.changed,
        set_aside=pull.set_aside + len(page.read.bad),
        failures=0,
        error="",
    )
    run.cursor_is_old = False
    return page.following is None and reached >= pull.until


def _orders(run: Run, window_ends: datetime) -> PageRead | None:
    """One page of orders, with their items where the list does not tell them."""
    pull, store = run.pull, run.pull.store
    asked_at = record.now()
    page = _listed(
        run,
        lambda known, shop: known.changed(
            shop,
            since=pull.reached,
            until=window_ends,
            cursor=pull.cursor or None,
            by_creation=pull.by_creation,
        ),
    )
    if page is None:
        return None
    read, size = Read(), channel(store.channel).limits.fetch_orders
    alive = partial(lease.write, pull)
    for start in range(0, len(page.glimpses), size):
        part = page.glimpses[start : start + size]
        read.add(read_glimpses(store, part, asked_at, tries=pull.failures, alive=alive))
        alive()
    return PageRead(read, len(page.glimpses), page.next)


def _returns(run: Run, window_ends: datetime) -> PageRead | None:
    """One page of returns, with their orders where the book does not have them."""
    pull = run.pull
    asked_at = record.now()
    page = _listed(
        run,
        lambda known, shop: known.returns(
            shop, since=pull.reached, until=window_ends, cursor=pull.cursor or None
        ),
    )
    if page is None:
        return None
    return PageRead(read_returns(pull.store, page.returns, asked_at), len(page.returns), page.next)


def _listed(run: Run, ask: Callable[[Channel, Shop], T]) -> T | None:
    """What the list answers; None when it no longer takes a cursor of an earlier slice, and the
    window is to be begun anew."""
    try:
        return call_store(run.pull.store, ask)
    except (Throttled, TokenDead, NotPermitted, NotSent, Unclear, NotRegistered, WrongKey):
        raise
    except Exception as error:
        if not run.cursor_is_old:
            raise
        words = error.words if isinstance(error, ChannelError) else unexpected(error)
        log.warning("a window is begun anew", pull=run.pull.pk, why=words)
    run.cursor_is_old = False
    lease.write(run.pull, cursor="")
    return None


def _finish(pull: Pull) -> None:
    lease.end(pull, error="")
    if pull.kind != Pull.Kind.ASKED:
        note_success(pull)


def _fail(pull: Pull, words: str) -> None:
    """Keep the failure where people see it. The pull stays open: the schedule goes on with it."""
    columns: dict[str, Any] = {"error": words, "failures": pull.failures + 1}
    lease.give_back(pull, **columns)
    if pull.kind != Pull.Kind.ASKED:
        note_failure(pull, words)
