"""Deferring a job unless its like waits already: the one place for it.

procrastinate's own ``queueing_lock`` is an insert that is meant to fail: each job that waited already
was an ERROR with its whole statement in PostgreSQL's log, thousands a day.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from procrastinate.tasks import Task

_UNLESS_IT_WAITS = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s)
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""


def defer_once(
    task: Task[..., Any, Any],
    once: str,
    *,
    queue: str,
    seconds: float = 0.0,
    priority: int = 0,
    lock: str | None = None,
    **arguments: Any,
) -> None:
    """Defer unless a job of this name waits; written in the caller's transaction.

    One that runs does not count: what it misses, this one finds. ``lock``: what runs one after the
    other; the task's own where none is given.
    """
    options: dict[str, Any] = {"queue": queue, "queueing_lock": once, "priority": priority}
    if lock is not None:
        options["lock"] = lock
    if seconds > 0:
        options["schedule_in"] = {"milliseconds": int(seconds * 1000)}
    job = task.configure(**options).make_new_job(**arguments)
    with connection.cursor() as cursor:
        cursor.execute(
            _UNLESS_IT_WAITS,
            [
                job.queue,
                job.task_name,
                job.priority,
                job.lock,
                job.queueing_lock,
                json.dumps(job.task_kwargs),
                job.scheduled_at,
            ],
        )
