"""How fresh every store is, for the head of the orders page, and which have stopped, for the shell of
every page. What is said of each follows the one rule of ``health``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crossdock.stores.health import Health, Remedy, State, health_of
from crossdock.stores.models import Store

_ALL_NAMED = 3
"""So many fresh stores are named one by one; of more, the line tells how many and the oldest."""
_NAMES = 3
"""Of the stores that stopped for one reason, so many are named in the banner."""
_EVER = datetime.min.replace(tzinfo=UTC)
_WORST_FIRST = (State.STOPPED, State.LATE, State.LEAVING, State.COMING, State.FRESH, State.GONE)


@dataclass(frozen=True, slots=True)
class Freshness:
    """One store, how it fares, and when everything was in last (None: never yet)."""

    store: Store
    health: Health

    @property
    def since(self) -> datetime | None:
        """When its last scheduled run came to its end."""
        return self.store.sync_succeeded_at


@dataclass(frozen=True, slots=True)
class Line:
    """What the head of the page says: those that are not fresh each with the reason, worst first."""

    sick: Sequence[Freshness]
    fresh: Sequence[Freshness]
    """The oldest first."""

    @property
    def folds(self) -> bool:
        """Whether the fresh ones are told as a number."""
        return len(self.fresh) > _ALL_NAMED

    @property
    def mark(self) -> list[tuple[int, str, str, datetime | None]]:
        """What must differ for the line to look different, apart from time that passes."""
        return [
            (one.store.pk, one.health.word, one.health.reason, one.since)
            for one in (*self.sick, *self.fresh)
        ]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Stores that stopped for the same reason."""

    stores: Sequence[Store]
    reason: str
    remedy: Remedy

    @property
    def names(self) -> str:
        """``Kedai A``, ``Kedai A and Kedai B``, ``Kedai A, Kedai B, Kedai C and 4 more stores``."""
        names = [store.name for store in self.stores]
        if len(names) > _NAMES + 1:
            names = [*names[:_NAMES], f"{len(names) - _NAMES} more stores"]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    @property
    def since(self) -> datetime | None:
        """When the first of them had everything in last."""
        known = [one.sync_succeeded_at for one in self.stores if one.sync_succeeded_at]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class AllStopped:
    """All stores that have stopped, by reason."""

    groups: Sequence[Stopped]

    @property
    def number(self) -> int:
        """How many stores these are."""
        return sum(len(one.stores) for one in self.groups)


def freshness(stores: Iterable[Store], now: datetime | None = None) -> Line:
    """How fresh these linked stores are."""
    found = [Freshness(store, health_of(store, now)) for store in stores]
    sick = [one for one in found if one.health.state is not State.FRESH]
    fresh = [one for one in found if one.health.state is State.FRESH]
    return Line(
        sorted(sick, key=lambda one: (_WORST_FIRST.index(one.health.state), one.store.name)),
        sorted(fresh, key=lambda one: (one.store.sync_succeeded_at or _EVER, one.store.name)),
    )


def stopped(stores: Iterable[Store], now: datetime | None = None) -> AllStopped:
    """Those of these linked stores that have stopped, by reason, in the order of their names."""
    groups: dict[tuple[str, Remedy], list[Store]] = {}
    for one in freshness(stores, now).sick:
        if one.health.state is State.STOPPED:
            groups.setdefault((one.health.reason, one.health.remedy), []).append(one.store)
    return AllStopped([Stopped(rows, reason, remedy) for (reason, remedy), rows in groups.items()])
