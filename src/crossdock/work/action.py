"""What an action is, and the register that the rooms above fill at start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from crossdock.channels.errors import ChannelError, Throttled
from crossdock.companies.rights import Deed
from crossdock.orders.models import Order
from crossdock.work.models import Attempt, Batch, State


@dataclass(frozen=True, slots=True)
class LanePlan:
    """How the calls of one lane are made."""

    name: str
    """Unique in the company: ``store:12:pack``, ``store:12:ship:scan``, ``sqlaccount``."""
    pace: tuple[tuple[str, float], ...]
    """(key, calls per second) of every limit that a call counts against, such as
    ``("lazada:shop:MY:1001", 5.0)``; sorted by key when turns are taken."""
    in_flight: int
    """How many calls may be in the air at once."""
    per_call: int
    """How many attempts go into one call."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt ends before anything is sent: ALREADY, REFUSED or WAITING."""

    state: State
    words: str


class Evidence:
    """What an outside system showed after a call: each room that calls one has a kind of its own, and
    writes it down in ``Action.record``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt that was sent (or asked about)."""

    state: State
    """DONE, ALREADY, PARTLY, REFUSED or WAITING; QUEUED to try again after ``wait``;
    UNCLEAR when the answer never came (``attempt`` then asks)."""
    words: str = ""
    code: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    wait: float | None = 0.0
    """Seconds until the next try, for QUEUED and WAITING; None: after growing gaps."""
    counts: bool = True
    """For QUEUED: whether this was one of the tries after which no more follow."""
    evidence: Evidence | None = None
    """Handed to ``record``: an order as it is now, documents in the books."""
    unread: bool = False
    """The order has changed out there, and was not read again: ``Action.reread`` does it soon."""


@dataclass(frozen=True, slots=True)
class NotThere:
    """The outside system does not show the effect (yet): see ``Action.settle_after``."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The question got no answer."""

    words: str
    counts: bool = True
    """Whether it was a question at all: one that nobody looked at is put again, however often."""
    wait: float | None = None
    """Seconds until it is put again, where it does not count; None: after growing gaps."""


def unanswered(error: ChannelError) -> Unanswered:
    """What an error says of a question."""
    wait = error.wait if isinstance(error, Throttled) else None
    return Unanswered(error.words, counts=not error.turned_away, wait=wait)


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt with what came of it. The order is locked, with store, lines and packages loaded."""

    order: Order
    attempt: Attempt
    outcome: Outcome | Refusal


Seen = Outcome | NotThere | Unanswered
"""What the outside system shows of an attempt."""


class Action(Protocol):
    """One kind of change to an outside system. Registered once, at start, by its own room.

    The road (``work.attempt``) calls the methods in this order: ``lane`` when the attempt is
    written; ``refusal`` and ``sending`` with the order locked; ``call`` outside any transaction;
    ``record`` in the transaction that settles it. ``ask`` replaces ``call`` after an unclear end.
    """

    name: str
    """``pack``: in addresses, in the database and in the history."""
    title: str
    """``Pack``: as the button says it."""
    deed: Deed
    """The right that starting it needs."""
    settle_after: timedelta
    """"Not there" counts as "was not done" only this long after sending."""

    def lane(self, order: Order, priority: int) -> LanePlan:
        """The lane for this order at this priority. ``order.store`` is loaded."""
        ...

    def refusal(self, order: Order, options: Mapping[str, Any]) -> Refusal | None:
        """Whether it may be done now, from our own book. ``order`` is locked, with store loaded."""
        ...

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        """What will be sent for this order, as JSON; kept in ``attempt.sent``."""
        ...

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        """Do it, in one call to the outside system, for attempts of one lane; attempt pk → outcome.

        No transaction is open. Must come back within 20 s. An attempt left out of the answer, and
        every attempt if this raises, counts as unclear.
        """
        ...

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        """Look whether it was done. Reading only. Raising, or leaving one out: ask again later."""
        ...

    def record(self, ended: Sequence[Ended]) -> None:
        """Write what it means for the orders, in the settling transaction.

        Called for every settled state, with all that one call brought to an end; writes facts and
        history through ``orders.record``.
        """
        ...

    def reread(self, attempts: Sequence[Attempt]) -> None:
        """Read the orders of attempts that ended ``unread``, many at once. Reading only: whatever it
        raises, or a kill before it, leaves the reading to the next sync."""
        ...

    def finish(self, batch: Batch) -> None:
        """Called once, outside any transaction, when every attempt of a batch is settled
        (UNCLEAR counts as settled here). Makes the batch's product, if it has one; safe to repeat."""
        ...


_actions: dict[str, Action] = {}


def register(action: Action) -> None:
    """Make an action known. Called by the action's own room from its AppConfig.ready."""
    _actions[action.name] = action


def action_named(name: str) -> Action:
    """The action of this name. Raises LookupError with the known names."""
    try:
        return _actions[name]
    except KeyError:
        known = ", ".join(sorted(_actions))
        raise LookupError(f"There is no action called {name!r}; known: {known}.") from None


def known_actions() -> tuple[Action, ...]:
    """All registered actions, by name."""
    return tuple(_actions[name] for name in sorted(_actions))
