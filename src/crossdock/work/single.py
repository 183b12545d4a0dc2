"""One action on one order, begun by itself: no batch, and served before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from crossdock.companies.models import Person
from crossdock.orders.models import Order
from crossdock.work.action import action_named
from crossdock.work.jobs import defer_drain, queue_for
from crossdock.work.lane import lane_for
from crossdock.work.models import OPEN, Attempt, Priority


def begin(
    person: Person,
    action: str,
    order: Order,
    *,
    priority: Priority = Priority.SCAN,
    options: Mapping[str, Any] | None = None,
) -> tuple[Attempt, bool]:
    """The attempt, and whether it is a new one: while an order has an open attempt of this action,
    another one is not begun. Attempt and job are written in one transaction. ``order.store`` is loaded.

    The order is locked first, as by whoever writes attempts for a batch: each would else wait for the
    other's attempt and order.
    """
    plan = action_named(action).lane(order, priority)
    lane = lane_for(order.company_id, plan)
    try:
        with transaction.atomic():
            _lock(order)
            if there := _open_one(order, action):
                return there, False
            attempt = Attempt.objects.create(
                company_id=order.company_id,
                order=order,
                action=action,
                lane=lane,
                person=person,
                priority=priority,
                options=dict(options or {}),
            )
            defer_drain(order.company_id, lane.pk, queue=queue_for(priority))
            return attempt, True
    except IntegrityError:  # by an earlier version beside us, which does not lock
        return Attempt.objects.get(order=order, action=action, state__in=OPEN), False


def _lock(order: Order) -> None:
    rows = Order.objects.select_for_update(no_key=True).filter(pk=order.pk)
    rows.values_list("pk", flat=True).get()


def _open_one(order: Order, action: str) -> Attempt | None:
    return Attempt.objects.filter(order=order, action=action, state__in=OPEN).first()
