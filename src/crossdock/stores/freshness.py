"""How fresh every store is, for the head of the orders page: those that are not well come first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crossdock.stores.health import health_of
from crossdock.stores.models import Store


@dataclass(frozen=True, slots=True)
class Freshness:
    """One store, its tone (``good``, ``info``, ``warn``, ``bad``) and why it is not well."""

    store: Store
    tone: str
    words: str
    """"" while all is well."""
    since: datetime | None
    """When everything was in last; None before the first sync."""

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be said of it."""
        return self.tone == "good"


_ORDER = ("bad", "warn", "info", "good", "")


def freshness(stores: Iterable[Store]) -> list[Freshness]:
    """How fresh these (linked) stores are, the worst first, then by name."""
    found = [_of(store) for store in stores]
    return sorted(found, key=lambda one: (_ORDER.index(one.tone), one.store.name))


def _of(store: Store) -> Freshness:
    health = health_of(store)
    return Freshness(
        store, health.tone, _words(store, health.word, health.tone), store.sync_succeeded_at
    )


def _words(store: Store, word: str, tone: str) -> str:
    if tone == "good":
        return ""
    reason = store.token_dead_words or store.sync_error
    return f"{word}: {reason}" if reason else word
