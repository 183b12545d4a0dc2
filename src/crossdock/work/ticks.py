"""When periodic tasks run, whatever the clock does: the newest tick of each, once over all workers.

procrastinate makes up for every tick that a clock leapt over (45,000 for one that was 40 days ahead
for a moment), defers nothing until a clock that was put back has reached its last tick again, and
drops what was missed by more than ten minutes, as the night's work of a computer that is off at night.
"""

from __future__ import annotations

from collections.abc import Iterable

from procrastinate import periodic


class Ticks(periodic.PeriodicDeferrer):
    """Defers the newest tick of each task, unless this process did; the database knows what other
    workers, or this one before its restart, deferred."""

    def get_previous_tasks(self, at: float) -> Iterable[periodic.TaskAtTime]:
        """The tasks whose newest tick up to ``at`` (seconds since 1970) was not deferred here."""
        for key, task in self.registry.periodic_tasks.items():
            ticks = task.croniter
            ticks.set_current(start_time=at)
            newest = round(ticks.get_prev(ret_type=float))
            if self.last_defers.get(key) != newest:
                self.last_defers[key] = newest
                yield task, newest


def tick_by_these() -> None:
    """Have every worker of this process go by these ticks."""
    # The worker looks the class up by its name, and takes no other.
    setattr(periodic, "PeriodicDeferrer", Ticks)  # noqa: B010 - a class may not be assigned to
