"""Runs that a person asks for: over chosen stores and days, and stopped again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.stores.models import Store
from crossdock.sync.begin import begin_asked
from crossdock.sync.jobs import defer_pull
from crossdock.sync.models import Part, Pull
from crossdock.work.jobs import FAST


def ask(
    stores: Iterable[Store],
    person: Person | None,
    since: datetime,
    until: datetime,
    *,
    by_creation: bool,
    with_returns: bool,
) -> list[Pull]:
    """A run for each store over this time, orders first; one that already runs is not begun twice."""
    runs = []
    for store in stores:
        for part in Part if with_returns else (Part.ORDERS,):
            run = _running(store, part, since, by_creation) or begin_asked(
                store, person, since, until, by_creation=by_creation, part=part
            )
            defer_pull(run, queue=FAST)
            runs.append(run)
    return runs


def cancel(run: Pull, person: Person) -> bool:
    """Stop a run: what it has brought stays. False when it had ended before."""
    now = timezone.now()
    return bool(
        Pull.objects.filter(pk=run.pk, finished_at__isnull=True, kind=Pull.Kind.ASKED).update(
            finished_at=now, cancelled_at=now, cancelled_by=person
        )
    )


def _running(store: Store, part: Part, since: datetime, by_creation: bool) -> Pull | None:
    return Pull.objects.filter(
        store=store,
        part=part,
        kind=Pull.Kind.ASKED,
        since=since,
        by_creation=by_creation and part == Part.ORDERS,
        finished_at__isnull=True,
    ).first()
