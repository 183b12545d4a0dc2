"""Holding a run for a while: one worker at a time, and nobody for long after a kill.

The moment until which a worker holds a row is also its token: a worker that was overtaken (frozen
for longer than the lease) writes nothing more, since the row no longer holds its moment.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Q
from django.utils import timezone

from crossdock.sync.models import DayCheck, Held, Pull
from crossdock.work.times import times

Work = TypeVar("Work", Pull, DayCheck)


class Overtaken(Exception):
    """The run ended, was stopped, or is another worker's by now."""


def take(model: type[Work], pk: int) -> Work | None:
    """The run, held from now on; None when it has ended or another worker has it."""
    now = timezone.now()
    until = now + _lease()
    free = Q(held_until__isnull=True) | Q(held_until__lt=now)
    if not model.objects.filter(free, pk=pk, finished_at__isnull=True).update(held_until=until):
        return None
    return model.objects.select_related("store", "company").get(pk=pk)


def write(held: Held, **columns: Any) -> None:
    """Write down how far the run is, and hold it on. Raises Overtaken when it is not ours any more."""
    until = timezone.now() + _lease()
    _write(held, held_until=until, **columns)


def end(held: Held, **columns: Any) -> None:
    """Write the run's end, and give it back. Raises Overtaken."""
    _write(held, held_until=None, finished_at=timezone.now(), failures=0, **columns)


def give_back(held: Held, **columns: Any) -> None:
    """Let others go on with the run; nothing happens where it is not ours any more."""
    mine = type(held).objects.filter(pk=held.pk, held_until=held.held_until)
    mine.update(held_until=None, **columns)


def _write(held: Held, **columns: Any) -> None:
    mine = type(held).objects.filter(
        pk=held.pk, held_until=held.held_until, finished_at__isnull=True
    )
    if not mine.update(**columns):
        raise Overtaken
    for name, value in columns.items():
        setattr(held, name, value)


def _lease() -> timedelta:
    return timedelta(seconds=times().pull_lease)
