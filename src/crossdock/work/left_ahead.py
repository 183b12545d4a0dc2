"""How far ahead the moments of this room can lie by a right clock; see ``ahead``."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Q
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from crossdock.work.ahead import also_bring_back, due_at_once
from crossdock.work.models import OPEN, Attempt, Lane, Turn
from crossdock.work.pace import LONGEST_HOLD
from crossdock.work.times import times

_LONGEST_WAIT = timedelta(minutes=15)
"""For attempts and jobs: the longest are a marketplace's pause of 10 minutes and the last retry of a
job, after 12."""
_SLACK = timedelta(seconds=10)


def register() -> None:
    """Tell ``ahead`` of this room's moments."""
    due_at_once(Turn, "free_at", _longest_turn)
    due_at_once(Turn, "wanted_until", _longest_turn)
    due_at_once(Lane, "held_until", lambda: timedelta(seconds=times().lease) + _SLACK)
    due_at_once(Attempt, "due_at", lambda: _LONGEST_WAIT, Q(state__in=OPEN))
    also_bring_back("jobs", _wake_jobs)


def _longest_turn() -> timedelta:
    return timedelta(seconds=LONGEST_HOLD) + _SLACK


def _wake_jobs() -> int:
    table = ProcrastinateJob._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET scheduled_at = now() "  # noqa: S608 - the table's own name
            "WHERE status = %s AND scheduled_at > now() + make_interval(secs => %s)",
            [Status.TODO.value, _LONGEST_WAIT.total_seconds()],
        )
        return int(cursor.rowcount)
