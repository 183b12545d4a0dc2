"""Pulling a store's changed orders into the book: windows, pages, batches, and where it stands.

A pull moves on only when every order of a page is stored, and writes down where it is after each
page: killed, it goes on from there. An order that cannot be read whole is stored as it was seen,
marked, and never stops those after it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from crossdock.channels.contract import Fetched, Glimpse, Page
from crossdock.channels.errors import ChannelError, Throttled
from crossdock.channels.registry import channel
from crossdock.companies.models import Person
from crossdock.orders import record
from crossdock.orders.record import Arrived
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.sync.models import Pull

FIRST_DAYS = 3
"""How far back the first sync of a store reaches, unless a longer range is asked for."""
OVERLAP = timedelta(minutes=5)
"""How far a regular pull reaches back behind the last one: clocks differ, and lists lag behind."""
_LEASE = timedelta(seconds=60)
_SLICE_SECONDS = 20.0


def begin_regular(store: Store) -> Pull | None:
    """The store's running pull, or a new one up to now; None when nothing may run (paused, dead)."""
    if store.unlinked_at or store.paused_at or store.needs_relink:
        return None
    running = Pull.objects.filter(store=store, finished_at__isnull=True).exclude(
        kind=Pull.Kind.ASKED
    )
    if found := running.first():
        return found
    until = record.now()
    if store.synced_until is None:
        return _begin(store, Pull.Kind.FIRST, until - timedelta(days=FIRST_DAYS), until)
    return _begin(store, Pull.Kind.REGULAR, store.synced_until - OVERLAP, until)


def begin_first(store: Store, days: int) -> Pull | None:
    """The first sync of a store, over so many days; None when one is under way."""
    until = record.now()
    return _begin(store, Pull.Kind.FIRST, until - timedelta(days=days), until)


def begin_asked(
    store: Store, person: Person | None, since: datetime, until: datetime, *, by_creation: bool
) -> Pull:
    """A pull that a person asks for, over a range of their own."""
    return Pull.objects.create(
        company_id=store.company_id,
        store=store,
        kind=Pull.Kind.ASKED,
        person=person,
        since=since,
        until=until,
        reached=since,
        by_creation=by_creation,
    )


def _begin(store: Store, kind: Pull.Kind, since: datetime, until: datetime) -> Pull | None:
    try:
        with transaction.atomic():
            return Pull.objects.create(
                company_id=store.company_id,
                store=store,
                kind=kind,
                since=since,
                until=until,
                reached=since,
            )
    except IntegrityError:
        return None


def go_on(pull_id: int) -> float | None:
    """Work on a pull for a slice; None when it is done or another worker has it, else the seconds
    after which to go on. The channel's failures are kept on the store in its own words."""
    pull = _take(pull_id)
    if pull is None:
        return None
    ends = time.monotonic() + _SLICE_SECONDS
    try:
        while time.monotonic() < ends:
            if _read_page(pull):
                _finish(pull)
                return None
        return 0.0
    except Throttled as throttled:
        return max(throttled.wait, 0.1)
    except ChannelError as error:
        _fail(pull, error.words)
        return None
    finally:
        Pull.objects.filter(pk=pull.pk).update(held_until=None)


def look_at(store: Store, order_ids: Sequence[str]) -> int:
    """Fetch these orders and take them in; how many brought news. Raises ``channels.errors``."""
    fetched_at = record.now()
    fetched = call_store(store, lambda known, shop: known.fetch(shop, order_ids))
    return record.take_in_many(store, _arrived(fetched), fetched_at=fetched_at)


def _take(pull_id: int) -> Pull | None:
    now = timezone.now()
    free = Q(held_until__isnull=True) | Q(held_until__lt=now)
    taken = Pull.objects.filter(free, pk=pull_id, finished_at__isnull=True).update(
        held_until=now + _LEASE
    )
    if not taken:
        return None
    pull = Pull.objects.select_related("store").get(pk=pull_id)
    Store.objects.filter(pk=pull.store_id).update(sync_started_at=now)
    return pull


def _read_page(pull: Pull) -> bool:
    """Read one page into the book; whether that was the last of the last window."""
    store = pull.store
    known = channel(store.channel)
    window_ends = min(pull.reached + timedelta(days=known.limits.window_days), pull.until)
    fetched_at = record.now()
    page: Page = call_store(
        store,
        lambda known, shop: known.changed(
            shop,
            since=pull.reached,
            until=window_ends,
            cursor=pull.cursor or None,
            by_creation=pull.by_creation,
        ),
    )
    changed = 0
    for part in _parts(page.glimpses, known.limits.fetch_orders):
        changed += _store(store, part, fetched_at)
    pull.cursor = page.next or ""
    if page.next is None:
        pull.reached = window_ends
    Pull.objects.filter(pk=pull.pk).update(
        cursor=pull.cursor,
        reached=pull.reached,
        listed=F("listed") + len(page.glimpses),
        changed=F("changed") + changed,
        held_until=timezone.now() + _LEASE,
    )
    return page.next is None and pull.reached >= pull.until


def _store(store: Store, glimpses: Sequence[Glimpse], listed_at: datetime) -> int:
    """Store every order of this part, with its items where they can be read."""
    heads = [
        Arrived(glimpse.facts, glimpse.raw) for glimpse in glimpses if glimpse.facts is not None
    ]
    whole = [head for head in heads if head.facts.lines]
    rest = [glimpse for glimpse in glimpses if glimpse.facts is None or not glimpse.facts.lines]
    changed = record.take_in_many(store, whole, fetched_at=listed_at) if whole else 0
    if not rest:
        return changed
    try:
        fetched_at = record.now()
        seen = {glimpse.order_id: glimpse.raw for glimpse in rest if glimpse.raw}
        ids = [glimpse.order_id for glimpse in rest]
        fetched = call_store(store, lambda known, shop: known.fetch(shop, ids, seen))
    except ChannelError:
        # The page is not lost with its items: what was seen is kept, then the trouble is told.
        record.see(store, [head for head in heads if not head.facts.lines], fetched_at=listed_at)
        raise
    return changed + record.take_in_many(store, _arrived(fetched), fetched_at=fetched_at)


def _arrived(fetched: Fetched) -> list[Arrived]:
    return [
        Arrived(
            facts, fetched.raw.get(facts.order_id, b""), fetched.problems.get(facts.order_id, "")
        )
        for facts in fetched.orders
    ]


def _finish(pull: Pull) -> None:
    now = timezone.now()
    Pull.objects.filter(pk=pull.pk).update(finished_at=now, error="")
    success = {"sync_succeeded_at": now, "sync_error": ""}
    if pull.kind != Pull.Kind.ASKED:
        success["synced_until"] = pull.until
    Store.objects.filter(pk=pull.store_id).update(**success)


def _fail(pull: Pull, words: str) -> None:
    """Keep the failure where people see it. The pull stays open: the schedule goes on with it."""
    Pull.objects.filter(pk=pull.pk).update(error=words)
    Store.objects.filter(pk=pull.store_id).update(sync_failed_at=timezone.now(), sync_error=words)
    if pull.kind == Pull.Kind.ASKED:
        Pull.objects.filter(pk=pull.pk).update(finished_at=timezone.now())


def _parts(glimpses: Sequence[Glimpse], size: int) -> list[Sequence[Glimpse]]:
    return [glimpses[start : start + size] for start in range(0, len(glimpses), size)]
