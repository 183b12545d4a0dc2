"""How a store fares, in one word: what its card says first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from crossdock.stores.models import Store

LAGGING_AFTER = timedelta(minutes=15)
"""A store is looked at every minute: with so much between it and its last success, something is slow."""
STOPPED_AFTER = timedelta(hours=2)
"""With so much, it counts as stopped, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Health:
    """A word for people, and its tone (``good``, ``info``, ``warn``, ``bad``, or none)."""

    word: str
    tone: str
    is_moving: bool = False
    """It will be another soon: worth looking again by itself."""


def health_of(store: Store, now: datetime | None = None) -> Health:
    """What hinders most comes first."""
    now = now or timezone.now()
    if store.unlinked_at is not None:
        return Health("unlinked", "")
    if store.unlinking_at is not None:
        return Health("being unlinked", "warn", is_moving=True)
    if store.needs_relink:
        return Health("link again", "bad")
    if store.paused_at is not None:
        return Health("paused", "warn")
    if store.sync_error:
        return Health("failing", "bad", is_moving=True)
    if store.sync_succeeded_at is None:
        return Health("first sync", "info", is_moving=True)
    if now - store.sync_succeeded_at > STOPPED_AFTER:
        return Health("stopped", "bad", is_moving=True)
    if now - store.sync_succeeded_at > LAGGING_AFTER:
        return Health("lagging", "warn", is_moving=True)
    return Health("fresh", "good")


def lag_of(store: Store, now: datetime | None = None) -> timedelta | None:
    """How old the book can be: every change before it is in. None before the first sync."""
    if store.synced_until is None:
        return None
    return max((now or timezone.now()) - store.synced_until, timedelta())
