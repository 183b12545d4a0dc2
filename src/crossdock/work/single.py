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
    """
    plan = action_named(action).lane(order, priority)
    lane = lane_for(order.company_id, plan)
    try:
        with transaction.atomic():
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
    except IntegrityError:
        return Attempt.objects.get(order=order, action=action, state__in=OPEN), False
