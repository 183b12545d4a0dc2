"""Beginning a run: what it covers, and when nothing may run."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from crossdock.companies.models import Person
from crossdock.companies.only_one import NOTHING_GOES_OUT, is_copy
from crossdock.orders import record
from crossdock.stores.models import Store
from crossdock.sync.models import Health, Part, Pull

OVERLAP = timedelta(minutes=5)
"""How far a regular pull reaches back behind the last one: lists lag behind, and clocks differ."""
SLOWEST_CLOCK = timedelta(hours=2)
"""The most that a channel's clock can be behind ours: Lazada takes no signature that is further off."""


def may_run(store: Store) -> bool:
    """Whether anything may be fetched for a store: not while it is paused, unlinked, or must be
    linked again, nor while this installation may be a copy."""
    lives = store.serves and store.paused_at is None and not store.needs_relink
    return lives and not is_copy()


def why_it_rests(store: Store) -> str:
    """Why nothing may be fetched for a store, for people."""
    if is_copy():
        return NOTHING_GOES_OUT
    return store.token_dead_words or "it is paused"


def begin_regular(store: Store, part: Part = Part.ORDERS) -> Pull | None:
    """The store's running pull, or a new one up to now; None when nothing may run (paused, dead)."""
    if not may_run(store):
        return None
    running = Pull.objects.filter(store=store, part=part, finished_at__isnull=True)
    if found := running.exclude(kind=Pull.Kind.ASKED).first():
        return found
    until = record.now()
    known_until = store.synced_until if part == Part.ORDERS else store.returns_synced_until
    if known_until is not None and known_until > until:
        known_until = _last_right(store, part, until)
    if known_until is None:
        return _begin(store, part, Pull.Kind.FIRST, _first_since(store, until), until)
    return _begin(store, part, Pull.Kind.REGULAR, _since(store, part, known_until), until)


def begin_first(store: Store, days: int) -> Pull | None:
    """The first sync of a store, over so many days; None when one is under way."""
    until = record.now()
    since = until - timedelta(days=days)
    return _begin(store, Part.ORDERS, Pull.Kind.FIRST, since, until)


def begin_asked(
    store: Store,
    person: Person | None,
    since: datetime,
    until: datetime,
    *,
    by_creation: bool,
    part: Part = Part.ORDERS,
) -> Pull:
    """A pull that a person asks for, over a range of their own. Returns have no list by creation."""
    return Pull.objects.create(
        company_id=store.company_id,
        store=store,
        part=part,
        kind=Pull.Kind.ASKED,
        person=person,
        since=since,
        until=until,
        reached=since,
        by_creation=by_creation and part == Part.ORDERS,
    )


def _since(store: Store, part: Part, known_until: datetime) -> datetime:
    """Where the next regular pull begins, whatever the channel's clock shows.

    ``known_until`` is a moment of our clock, and the channel's lists go by the channel's. What changed
    just after the last pull is stamped as much earlier as that clock is behind; one that is ahead only
    has its news come a pull later.
    """
    behind = Health.objects.filter(store=store, part=part).values_list("behind", flat=True).first()
    return (
        known_until - min(behind if behind is not None else SLOWEST_CLOCK, SLOWEST_CLOCK) - OVERLAP
    )


def _last_right(store: Store, part: Part, now: datetime) -> datetime | None:
    """Until when the last pull reached whose clock was not ahead; None where none is known."""
    ended = Pull.objects.filter(store=store, part=part, kind=Pull.Kind.REGULAR, error="")
    right = ended.filter(finished_at__isnull=False, until__lte=now).order_by("-until")
    return right.values_list("until", flat=True).first()


def _first_since(store: Store, until: datetime) -> datetime:
    """As far back as the store's first sync of orders reached."""
    first = Pull.objects.filter(store=store, part=Part.ORDERS, kind=Pull.Kind.FIRST)
    return first.values_list("since", flat=True).first() or until - timedelta(days=store.first_days)


def _begin(
    store: Store, part: Part, kind: Pull.Kind, since: datetime, until: datetime
) -> Pull | None:
    try:
        with transaction.atomic():
            return Pull.objects.create(
                company_id=store.company_id,
                store=store,
                part=part,
                kind=kind,
                since=since,
                until=until,
                reached=since,
            )
    except IntegrityError:
        return None  # somebody else began it at this moment
