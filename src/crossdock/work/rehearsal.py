"""What the first scans of a process would wait for, done at its start: statements are put together,
connections opened, tables met, in a few tenths of a second that nobody notices then."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import structlog
from django.db import connection, transaction

from crossdock.companies.scope import all_companies, company_scope
from crossdock.orders.models import Order
from crossdock.work import attempt as road
from crossdock.work import pace
from crossdock.work.action import action_named
from crossdock.work.jobs import FAST, defer_drain
from crossdock.work.models import Attempt, Lane, Priority

log = structlog.get_logger(__name__)

AT_ONCE = 2
"""Connections that a scan needs: the lane's and the call's."""
_TIMES = 5
"""An interpreter learns from repetition which way its code goes."""
_NOBODY = 0
"""A key that no company and no lane has."""

_prepared: list[Callable[[], None]] = []
_scanned: list[str] = []
"""The name of the action that a scan begins."""


def prepare_with(deed: Callable[[], None]) -> None:
    """Have a deed done at the start of every rehearsal. Called by rooms above, at start."""
    _prepared.append(deed)


def rehearse_scans_of(action: str) -> None:
    """Tell the name of the action that a scan begins. Called once, at start."""
    _scanned[:] = [action]


def rehearse() -> None:
    """Walk a scan's road up to the call, with the newest order, and undo it; and leave a job with
    nothing to do, to be fetched first. Changes nothing, and sends nothing to anybody."""
    for deed in _prepared:
        deed()
    together = Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(AT_ONCE):
            threads.submit(_walk, together)
    defer_drain(_NOBODY, _NOBODY, queue=FAST)


def _walk(together: Barrier) -> None:
    try:
        connection.ensure_connection()
        together.wait(timeout=10)
        with all_companies():
            newest = Order.objects.select_related("store").order_by("-pk").first()
        if newest is not None and _scanned:
            with company_scope(newest.company_id):
                for _ in range(_TIMES):
                    _scan(newest)
    except Exception:
        log.exception("the rehearsal stumbled; the first scans may be slower")
    finally:
        connection.close()


def _scan(order: Order) -> None:
    action, name = action_named(_scanned[0]), f"rehearsal:{secrets.token_hex(8)}"
    with transaction.atomic():
        lane = Lane.objects.create(company_id=order.company_id, name=name)
        Attempt.objects.create(
            company_id=order.company_id,
            order=order,
            action=name,
            lane=lane,
            priority=Priority.SCAN,
        )
        road.adopt(lane)
        road.unread_in(lane, 1, 1)
        pace.take([(name, 1e6)])
        if first := road.first_in(lane):
            action.lane(first.order, first.priority)
            road.prepare(lane, action, road.next_like(lane, first, 1))
        transaction.set_rollback(True)
