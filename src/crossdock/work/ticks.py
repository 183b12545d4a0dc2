"""When periodic tasks run, whatever the clock does: the newest tick of each, once over all workers.

procrastinate makes up for every tick that a clock leapt over (45,000 for one that was 40 days ahead
for a moment), defers nothing until a clock that was put back has reached its last tick again, and
drops what was missed by more than ten minutes, as the night's work of a computer that is off at night. A tick
whose like still waits it finds out by an insert that fails: an ERROR in PostgreSQL's log, each minute that the
queue is behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from procrastinate import periodic
from procrastinate.tasks import Task


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

    async def defer_jobs(self, jobs_to_defer: Iterable[periodic.TaskAtTime]) -> None:
        """Defer these, but none whose like waits already: that one does the work of this tick."""
        ticks = list(jobs_to_defer)
        waits = await _waiting([task.task for task, _ in ticks])
        await super().defer_jobs(
            [(task, tick) for task, tick in ticks if task.task.queueing_lock not in waits]
        )


async def _waiting(tasks: list[Task[..., Any, Any]]) -> set[str]:
    """Return the queueing locks of these tasks' jobs that wait."""
    if not tasks:
        return set()
    connector = tasks[0].configure().job_manager.connector
    rows = await connector.execute_query_all_async(
        "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%(locks)s)",
        locks=[task.queueing_lock for task in tasks if task.queueing_lock],
    )
    return {row["queueing_lock"] for row in rows}


def tick_by_these() -> None:
    """Have every worker of this process go by these ticks."""
    # The worker looks the class up by its name, and takes no other.
    setattr(periodic, "PeriodicDeferrer", Ticks)  # noqa: B010 - a class may not be assigned to
