"""What every worker runs beside its jobs, in a thread of its own: nothing may sleep for ever.

Jobs of dead workers are put back; what a wrong clock put off is due again; lanes that have due work and no holder are drained; batches
whose last outcome came are closed; work that waited for a re-linked store goes on.
"""

from __future__ import annotations

import itertools
import threading

import structlog
from asgiref.sync import async_to_sync
from django.db import close_old_connections, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from crossdock.companies.scope import all_companies
from crossdock.work.ahead import bring_back
from crossdock.work.batch import done
from crossdock.work.jobs import SLOW, defer_finish, drain_lane
from crossdock.work.models import Attempt, Lane, State
from crossdock.work.once import defer_once
from crossdock.work.times import times

log = structlog.get_logger(__name__)

_CLOCK_EVERY = 15
"""Sweeps between two looks for what a clock that was wrong has put off: half a minute."""


def watch(stop: threading.Event) -> None:
    """Sweep until told to stop."""
    rounds = itertools.count()
    while not stop.wait(times().sweep):
        try:
            sweep()
            if next(rounds) % _CLOCK_EVERY == 0:
                with all_companies():
                    bring_back()
        except Exception:
            log.exception("a sweep failed; the next one tries again")
        finally:
            close_old_connections()
    connection.close()


def sweep() -> None:
    """Put right, once, whatever a dead process left behind."""
    put_back_stalled_jobs()
    with all_companies():
        wake_waiting()
        for lane in idle_lanes_with_work():
            defer_once(
                drain_lane,
                f"drain {lane.pk}",
                queue=SLOW,
                company_id=lane.company_id,
                lane_id=lane.pk,
            )
        for batch in done():
            defer_finish(batch)


def put_back_stalled_jobs() -> int:
    """Give the jobs of workers without a heartbeat to the others; how many."""
    stalled = async_to_sync(app.job_manager.get_stalled_jobs)(
        seconds_since_heartbeat=times().stalled
    )
    numbers = [job.id for job in stalled if job.id is not None]
    for number in numbers:
        _put_back(number)
    return len(numbers)


def _put_back(number: int) -> None:
    """Have a job done again. Where its like waits already (``queueing_lock``), that one does what this
    one left, and this one goes: it would hold the ``lock`` that the other waits for, for ever."""
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(number, timezone.now())
    except UniqueViolation:
        finish = async_to_sync(app.job_manager.finish_job_by_id_async)
        finish(number, Status.FAILED, delete_job=True)


def wake_waiting() -> int:
    """Queue again what waited for a store that lives again, or for an API that may be open; how many."""
    return (
        Attempt.objects.filter(state=State.WAITING, due_at__lte=timezone.now())
        .filter(Q(order__store__token_dead_words=""))
        .update(state=State.QUEUED, due_at=timezone.now())
    )


def idle_lanes_with_work() -> list[Lane]:
    """Lanes that nobody holds though something in them is due."""
    now = timezone.now()
    due = Attempt.objects.filter(
        lane=OuterRef("pk"),
        state__in=(State.QUEUED, State.ASKING, State.SENDING),
        due_at__lte=now,
    )
    unread = Attempt.objects.filter(lane=OuterRef("pk"), unread=True)
    unheld = Q(held_until__isnull=True) | Q(held_until__lt=now)
    return list(Lane.objects.filter(unheld).filter(Exists(due) | Exists(unread)))
