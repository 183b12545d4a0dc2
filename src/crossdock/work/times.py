"""How long things may take. Settings, so that a proof need not wait for minutes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from django.conf import settings

_MOST_ASKED = 12
_GROWTH = 1.4


@dataclass(frozen=True, slots=True)
class Times:
    """All in seconds."""

    lease: float = 30.0
    """How long a lane stays with a holder that gives no sign of life: the stall timeout. Longer
    than the longest call (``channels.wire.TOTAL_SECONDS``)."""
    pull_lease: float = 60.0
    """How long a pull stays with a worker that gives no sign of life: longer than the longest call,
    with the wait for its turn."""
    slice: float = 20.0
    """How long one drain job works before it lets others have the thread."""
    ask_first: float = 5.0
    ask_second: float = 30.0
    ask_last: float = 120.0
    heartbeat: float = 2.0
    stalled: float = 10.0
    """A worker without a heartbeat for this long is dead: its jobs are put back."""
    stuck: float = 30.0
    """A worker that gives no sign of life for this long ends, and is started again."""
    sweep: float = 2.0
    recheck_waiting: float = 60.0
    settle: float = 0.0
    """How long after sending "not there" counts, in place of the actions' own; 0: theirs."""

    def settle_after(self, own: timedelta) -> timedelta:
        """How long after sending "not there" counts as "was not done"."""
        return timedelta(seconds=self.settle) if self.settle and own else own

    def next_asking(self, asked: int, own: timedelta) -> float | None:
        """Seconds from an asking to the next, of which ``asked`` are over; None after the last one.

        The first come soon after the sending and when "not there" counts, the last half an hour later.
        """
        settle = self.settle_after(own).total_seconds()
        plan = sorted({self.ask_first, self.ask_second, settle or self.ask_second, self.ask_last})
        while len(plan) < _MOST_ASKED:
            plan.append(plan[-1] * _GROWTH)
        return plan[asked] - plan[asked - 1] if asked < _MOST_ASKED else None


def times() -> Times:
    """The times of this installation."""
    known = {part.name for part in fields(Times)}
    return Times(**{name: value for name, value in settings.WORK_TIMES.items() if name in known})
