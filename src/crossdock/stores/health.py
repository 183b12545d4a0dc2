"""How a store fares: fresh, late or stopped, and why. The one rule, for every page that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from crossdock.stores.models import Store
from crossdock.stores.permissions import missing_of
from crossdock.stores.tokens import DEAD

SYNC_EVERY = timedelta(minutes=1)
"""How often the schedule asks every store for its changed orders."""
RETURNS_EVERY = timedelta(minutes=5)
"""Returns move by the day, are told by webhooks too, and cost a call each to read: not every minute."""
LATE_AFTER = 3 * SYNC_EVERY
"""With so much since the last success, some runs did not come to their end."""
STOPPED_AFTER = 15 * SYNC_EVERY
"""With so much, it counts as stopped, whatever the reason."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""What lies further in the future than clocks of one installation differ was stamped by a wrong one."""
_RETURNS_STOPPED_AFTER = 3 * RETURNS_EVERY
"""Failing returns may be so old: then they have stopped, however fresh the orders are."""


class State(StrEnum):
    """What matters first about a store."""

    FRESH = "fresh"
    LATE = "late"
    """What is here is older than it should be, or the last try failed: it may mend by itself."""
    STOPPED = "stopped"
    """Nothing comes in: somebody has to do something."""
    COMING = "coming"
    """Its first orders are being fetched."""
    LEAVING = "leaving"
    GONE = "gone"


class Remedy(StrEnum):
    """What would help."""

    NOTHING = ""
    RELINK = "relink"
    """An owner links the store again."""
    GO_ON = "go on"
    """An owner ends the pause."""
    LOOK = "look"
    """Somebody looks what the sync says."""


_TONES = {
    State.FRESH: "good",
    State.LATE: "warn",
    State.STOPPED: "bad",
    State.COMING: "info",
    State.LEAVING: "warn",
    State.GONE: "",
}


@dataclass(frozen=True, slots=True)
class Health:
    """A word for people, and the reason in a clause; "" where there is none to give."""

    state: State
    word: str
    reason: str = ""
    """In the channel's own words where it spoke. Goes on after "has stopped:"."""
    remedy: Remedy = Remedy.NOTHING

    @property
    def tone(self) -> str:
        """The colour: ``good``, ``info``, ``warn``, ``bad``, or none."""
        return _TONES[self.state]

    @property
    def is_moving(self) -> bool:
        """Whether it will be another soon without a person's doing: worth looking again by itself."""
        return self.state not in (State.FRESH, State.GONE) and self.remedy not in (
            Remedy.RELINK,
            Remedy.GO_ON,
        )


def health_of(store: Store, now: datetime | None = None) -> Health:
    """The rule: what hinders most comes first. Reads nothing but the store's own columns.

    An error makes a store late at once, since the next minute's try may succeed, and stops it when
    those tries have not either; so does silence, which takes longer. Without a first success nothing
    is here to be fresh: an error stops it at once.
    """
    now = now or timezone.now()
    if store.unlinked_at is not None:
        return Health(State.GONE, "unlinked")
    if store.unlinking_at is not None:
        return Health(State.LEAVING, "being unlinked", "what is under way is awaited")
    if store.needs_relink:
        dead = store.token_dead_words.removeprefix(DEAD)
        return Health(
            State.STOPPED, "link again", f"it must be linked again: {dead}", Remedy.RELINK
        )
    if store.paused_at is not None:
        return Health(
            State.STOPPED, "paused", "it is paused, and nothing comes in until it goes on",
            Remedy.GO_ON,
        )  # fmt: skip
    for missing in missing_of(store):
        if missing.is_for_orders:
            reason = f"it may not read its orders. {missing.lack} ({missing.words})"
            return Health(State.STOPPED, "not permitted", reason, Remedy.LOOK)
    if store.sync_error:
        state = State.STOPPED if _is_stuck(store, now) else State.LATE
        return Health(state, "failing", store.sync_error, Remedy.LOOK)
    if store.sync_succeeded_at is None:
        return _first(store, now)
    return _by_age(store, now - store.sync_succeeded_at, now)


def _is_stuck(store: Store, now: datetime) -> bool:
    """Whether what fails has failed for longer than a few tries."""
    if store.sync_succeeded_at is None or now - store.sync_succeeded_at > LATE_AFTER:
        return True
    if any(one.lack in store.sync_error for one in missing_of(store)):
        return False  # of these calls alone: the orders are as fresh as ever
    returns = store.returns_synced_until or store.linked_at
    return returns is not None and now - returns > _RETURNS_STOPPED_AFTER


def _first(store: Store, now: datetime) -> Health:
    begun = max(filter(None, (store.linked_at, store.sync_started_at)), default=now)
    if now - begun > STOPPED_AFTER:
        return Health(
            State.STOPPED, "stopped", f"its first orders have not come: {_silence(store, now)}",
            Remedy.LOOK,
        )  # fmt: skip
    days = f"{store.first_days} days" if store.first_days != 1 else "day"
    return Health(State.COMING, "first sync", f"the last {days} are coming in")


def _by_age(store: Store, age: timedelta, now: datetime) -> Health:
    if age < -CLOCKS_DIFFER:
        return Health(
            State.LATE, "late", "this computer's clock has been put back since the last sync: see "
            "that it is right", Remedy.LOOK,
        )  # fmt: skip
    if age > STOPPED_AFTER:
        return Health(State.STOPPED, "stopped", _silence(store, now), Remedy.LOOK)
    if age > LATE_AFTER:
        return Health(State.LATE, "late", _silence(store, now), Remedy.LOOK)
    return Health(State.FRESH, "fresh")


def _silence(store: Store, now: datetime) -> str:
    """Why nothing was heard, as far as it can be told without an error."""
    started = store.sync_started_at
    if started is None or now - started > LATE_AFTER:
        return "nobody has asked the marketplace since; Crossdock's worker may not be running"
    return "the run that is under way has not come to its end"


def lag_of(store: Store, now: datetime | None = None) -> timedelta | None:
    """How old the book can be: every change before it is in. None before the first sync."""
    if store.synced_until is None:
        return None
    return max((now or timezone.now()) - store.synced_until, timedelta())
