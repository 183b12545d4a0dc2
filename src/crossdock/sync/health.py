"""How each store's sync fares: written by the runs, read by pages, checks and metrics.

What the storeys below show (``Store.sync_error`` and its neighbours) is written here too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.utils import timezone

from crossdock.orders import record
from crossdock.stores import health
from crossdock.stores.models import Store
from crossdock.sync.models import Counter, DayCheck, Health, Part, Pull, Unread

_DRIFT = timedelta(seconds=1)
"""By a pull: some 20 minutes a day while a shop has no news."""


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How one store fares."""

    store: Store
    parts: dict[str, Health] = field(default_factory=dict)
    """Part → how its scheduled runs fare; nothing before the first run."""
    webhooks: int = 0
    """Messages of the last 24 hours that led to a look at an order."""
    unread: int = 0
    """Orders that could not be read whole, tried again by themselves."""
    gaps: int = 0
    """Orders that the newest check of each of the last 15 days missed and could not fetch."""

    @property
    def orders(self) -> Health | None:
        """How its orders fare."""
        return self.parts.get(Part.ORDERS)

    @property
    def returns(self) -> Health | None:
        """How its returns fare."""
        return self.parts.get(Part.RETURNS)

    @property
    def state(self) -> health.Health:
        """How it fares, in one word."""
        return health.health_of(self.store)

    @property
    def lag(self) -> timedelta | None:
        """How old the book can be: every change before it is in. None before the first sync."""
        return health.lag_of(self.store)


def note_success(pull: Pull) -> None:
    """A scheduled run came to its end."""
    now = timezone.now()
    row, _ = Health.objects.get_or_create(
        company_id=pull.company_id, store_id=pull.store_id, part=pull.part
    )
    behind = _behind(row.behind, pull)
    Health.objects.filter(pk=row.pk).update(
        succeeded_at=now,
        error="",
        failures=0,
        listed=pull.listed,
        changed=pull.changed,
        behind=behind,
    )
    if pull.part == Part.ORDERS:
        columns = {"synced_until": pull.until, "sync_succeeded_at": now}
    else:
        columns = {"returns_synced_until": pull.until}
    Store.objects.filter(pk=pull.store_id).update(sync_error=_words(pull.store_id), **columns)


def _behind(known: timedelta | None, pull: Pull) -> timedelta | None:
    """How far the channel's clock can be behind ours, at most: it had reached the newest moment that
    this pull told. What was learnt before is slowly forgotten, since clocks drift."""
    bounds = [known + _DRIFT] if known is not None else []
    if pull.seen_until is not None:
        bounds.append(max(record.now() - pull.seen_until, timedelta()))
    return min(bounds, default=None)


def note_failure(pull: Pull, words: str) -> None:
    """A scheduled run does not get on; ``words`` are the channel's."""
    now = timezone.now()
    row, _ = Health.objects.get_or_create(
        company_id=pull.company_id, store_id=pull.store_id, part=pull.part
    )
    Health.objects.filter(pk=row.pk).update(failed_at=now, error=words, failures=row.failures + 1)
    linked = Store.objects.filter(pk=pull.store_id, unlinked_at__isnull=True)
    linked.update(sync_failed_at=now, sync_error=_words(pull.store_id))


def _words(store_id: int) -> str:
    """What is wrong with a store's sync, the orders first."""
    errors = dict(Health.objects.filter(store_id=store_id).values_list("part", "error"))
    if errors.get(Part.ORDERS):
        return errors[Part.ORDERS]
    return f"Returns: {errors[Part.RETURNS]}" if errors.get(Part.RETURNS) else ""


def health_of(stores: Iterable[Store]) -> list[StoreHealth]:
    """How these stores of the running scope fare, in their order."""
    rows = list(stores)
    ids = [store.pk for store in rows]
    parts: dict[int, dict[str, Health]] = {store_id: {} for store_id in ids}
    for row in Health.objects.filter(store__in=ids):
        parts[row.store_id][row.part] = row
    unread = dict(
        Unread.objects.filter(store__in=ids).values_list("store").annotate(number=Count("pk"))
    )
    webhooks = _webhooks(ids)
    gaps = _open_gaps(ids)
    return [
        StoreHealth(
            store,
            parts[store.pk],
            webhooks.get(store.pk, 0),
            unread.get(store.pk, 0),
            gaps.get(store.pk, 0),
        )
        for store in rows
    ]


def _webhooks(store_ids: Iterable[int]) -> dict[int, int]:
    since = timezone.now() - timedelta(hours=24)
    taken = Counter.objects.filter(store__in=store_ids, at__gte=since, name="webhook taken")
    return dict(taken.values_list("store").annotate(total=Sum("number")))


def _open_gaps(store_ids: Iterable[int]) -> dict[int, int]:
    newest = DayCheck.objects.filter(
        store__in=store_ids, day__gte=_first_day(), finished_at__isnull=False
    )
    newest = newest.order_by("store", "day", "-pk").distinct("store", "day")
    found: dict[int, int] = {}
    for check in newest.only("store", "day", "gap_ids", "fetched"):
        found[check.store_id] = found.get(check.store_id, 0) + len(check.gap_ids) - check.fetched
    return found


def _first_day() -> datetime:
    return timezone.now() - timedelta(days=16)
