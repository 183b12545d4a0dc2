"""Lanes: queues with one holder at a time, drained by jobs.

A lane is a row with a lease, not a lock on jobs. A drain job takes the lease, works off what is
due, gives the lease back, commits, and looks once more. Whoever finds the lease taken ends at once.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from crossdock.companies.only_one import is_copy
from crossdock.companies.scope import current_company_id
from crossdock.work import attempt as road
from crossdock.work import pace
from crossdock.work.action import Action, LanePlan, action_named
from crossdock.work.models import Attempt, Lane, Priority, State
from crossdock.work.times import times

_PATIENCE = 1.0
"""Seconds that a drain waits for a turn before it gives its thread back."""
_GLANCE = 0.02
"""Seconds between two looks for new work while calls are in the air."""
_COME_BACK = 1.0
"""Seconds until orders are looked at that had to wait for a turn."""
_LOOK_AT = 50
"""Orders that wait to be read again before the sending stops for it."""


_TAKEN = """
UPDATE work_lane SET token = token + 1, held_until = %s
WHERE id = %s AND company_id = %s AND (held_until IS NULL OR held_until < %s)
RETURNING *
"""


def lane_for(company_id: int, plan: LanePlan) -> Lane:
    """The lane of this name, made when there is none."""
    lane, _ = Lane.objects.get_or_create(company_id=company_id, name=plan.name)
    return lane


def drain(lane_id: int) -> float | None:
    """Work off a lane until nothing is due or the slice is over.

    None when there is nothing left to wait for; else the seconds after which to drain again. Nothing
    begins while this installation may be a copy: the sweep looks again.
    """
    if is_copy():
        return None
    lane = _take_lease(lane_id)
    if lane is None:
        return None
    road.adopt(lane)
    try:
        pause = _Drain(lane).run()
    except road.Overtaken:
        return None
    finally:
        _give_back(lane)
    return pause if pause is not None else _next_due(lane)


class _Drain:
    """One holder's slice of one lane."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.ends = time.monotonic() + times().slice
        self.calls: set[Future[None]] = set()
        self.reading: Future[None] | None = None
        self.waited = 0.0
        """Seconds since the last turn was got."""

    def run(self) -> float | None:
        """Seconds after which to go on; None when nothing is due any more."""
        with self._pool() as pool:
            pause: float | None = None
            try:
                while pause is None and time.monotonic() < self.ends:
                    pause = self._step(pool)
            finally:
                while self.calls:
                    self._await_one()
        return pause or (0.0 if pause is None else None)

    def _step(self, pool: ThreadPoolExecutor) -> float | None:
        """Start one call. None: go on; 0: nothing is left to do; more: wait that long for a turn."""
        first = road.first_in(self.lane)
        self._read(pool, least=_LOOK_AT if first else 1)
        if first is None:
            if self.calls:
                self._await_one(_GLANCE)
                return None
            return 0.0
        action = action_named(first.action)
        plan = action.lane(first.order, first.priority)
        if len(self.calls - {self.reading}) >= plan.in_flight:
            self._await_one()
            return None
        if pause := pace.take(plan.pace, urgent=first.priority == Priority.SCAN):
            return self._await_turn(pause)
        self.waited = 0.0
        with bound_contextvars(batch=first.batch_id):
            if first.state == State.ASKING:
                road.ask(self.lane, action, road.next_like(self.lane, first, plan.per_call))
            else:
                self._send(pool, action, road.next_like(self.lane, first, plan.per_call))
        return None

    def _await_turn(self, pause: float) -> float | None:
        """Sleep towards the next turn. None: look again; else the seconds after which to come back,
        since no job sleeps for long."""
        if self.waited + pause > _PATIENCE:
            return pause
        time.sleep(pause)
        self.waited += pause
        return None

    def _read(self, pool: ThreadPoolExecutor, *, least: int) -> None:
        """Have orders read that changed out there, one reading at a time."""
        if self.reading is not None and not self.reading.done():
            return
        if unread := road.unread_in(self.lane, least, _LOOK_AT):
            self.reading = self._begin(pool, road.reread, unread)
            self.calls.add(self.reading)

    def _send(self, pool: ThreadPoolExecutor, action: Action, attempt_ids: list[int]) -> None:
        lease_ends = time.monotonic() + times().lease - 1.0
        ready = road.prepare(self.lane, action, attempt_ids)
        if ready:
            deadline = lease_ends - _longest_call()
            self.calls.add(self._begin(pool, road.carry_out, self.lane, action, ready, deadline))

    def _await_one(self, seconds: float | None = None) -> None:
        """Await a call's end, at most so long."""
        done, self.calls = wait(self.calls, seconds, return_when=FIRST_COMPLETED)
        for call in done:
            call.result()

    @staticmethod
    def _begin(
        pool: ThreadPoolExecutor, deed: Callable[..., None], *arguments: object
    ) -> Future[None]:
        """Have it done on a thread, within the company at hand."""
        return pool.submit(contextvars.copy_context().run, _on_thread, deed, *arguments)

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix=f"lane-{self.lane.pk}") as pool:
            yield pool


def _on_thread(deed: Callable[..., None], *arguments: object) -> None:
    try:
        deed(*arguments)
    finally:
        connection.close()


def _longest_call() -> float:
    """How much of the lease must be left when a call begins, so that it ends within it."""
    return min(times().lease / 2, 20.0)


def _take_lease(lane_id: int) -> Lane | None:
    """The lane with a token of ours, when nobody holds it: in one step."""
    now = timezone.now()
    ends = now + timedelta(seconds=times().lease)
    taken = Lane.objects.raw(_TAKEN, [ends, lane_id, current_company_id(), now])
    return next(iter(taken), None)


def _give_back(lane: Lane) -> None:
    Lane.objects.filter(pk=lane.pk, token=lane.token).update(held_until=None)


def _next_due(lane: Lane) -> float | None:
    """Look once more after giving back: what came in between must not sleep on."""
    due: datetime | None = Attempt.objects.filter(
        lane=lane, state__in=(State.QUEUED, State.ASKING)
    ).aggregate(due=Min("due_at"))["due"]
    if due is None:
        return _COME_BACK if road.unread_in(lane, 1, 1) else None
    return max((due - timezone.now()).total_seconds(), 0.0)
