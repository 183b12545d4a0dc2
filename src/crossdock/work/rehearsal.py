"""What the first scan of a process would wait for, done at its start: statements are put together and
connections opened, in a tenth of a second that nobody notices then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from crossdock.channels import wire
from crossdock.companies.scope import all_companies
from crossdock.orders.record import locked
from crossdock.work import attempt as road
from crossdock.work import pace
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane, State

_AT_ONCE = 2
"""Connections that a scan needs: the lane's and the call's."""
_NOBODY = 0
"""A key that no row has."""


def rehearse() -> None:
    """Walk a scan's road with nothing on it. Changes nothing."""
    wire.get_ready()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for walked in [threads.submit(_walk) for _ in range(_AT_ONCE)]:
            walked.result()


def _walk() -> None:
    try:
        with all_companies():
            drain(_NOBODY)
            lane = Lane(pk=_NOBODY)
            road.first_in(lane)
            road.next_like(lane, Attempt(state=State.QUEUED), 1)
            road.unread_in(lane, 1, 1)
            with transaction.atomic():
                locked([_NOBODY])
                pace.take([("rehearsal", 1e6)])
                transaction.set_rollback(True)
    finally:
        connection.close()
