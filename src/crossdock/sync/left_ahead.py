"""How far ahead the moments of this room can lie by a right clock; see ``work.ahead``."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from crossdock.sync.models import DayCheck, Named, Pull, Unread
from crossdock.work.ahead import also_bring_back, due_at_once
from crossdock.work.times import times

_SLACK = timedelta(seconds=10)


def register() -> None:
    """Tell ``work.ahead`` of this room's moments."""
    due_at_once(Pull, "held_until", _longest_hold)
    due_at_once(DayCheck, "held_until", _longest_hold)
    due_at_once(Named, "named_at", timedelta)
    also_bring_back("orders that could not be read", _unread)


def _longest_hold() -> timedelta:
    return timedelta(seconds=times().pull_lease) + _SLACK


def _unread() -> int:
    return Unread.objects.filter(last_at__gt=Now() + _SLACK).update(last_at=Now(), next_at=Now())
