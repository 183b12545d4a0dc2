"""What runs by itself, every minute: nothing that failed, was killed or is due is left lying.

The schedule never depends on how the last run went. One store's trouble never reaches the others.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from crossdock.companies.only_one import is_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.health import RETURNS_EVERY
from crossdock.stores.models import Store
from crossdock.sync import named
from crossdock.sync.begin import begin_regular, may_run
from crossdock.sync.jobs import defer_checks, defer_named, defer_pull, defer_unread
from crossdock.sync.models import DayCheck, Part, Pull
from crossdock.sync.nightly import begin_nightly
from crossdock.sync.unread import due, note_orders_not_whole
from crossdock.work.jobs import FAST

log = structlog.get_logger(__name__)

_GIVE_UP_AFTER = timedelta(days=1)
"""What a person or the night asked for and that could not be done within a day is ended, and says so."""


@app.periodic(cron="* * * * *")
@app.task(name="sync.schedule", queue=FAST, queueing_lock="sync.schedule")
def schedule(timestamp: int) -> None:
    """Every minute, for each store: begin what is due, and go on with whatever lies open."""
    del timestamp
    if is_copy():
        return
    with all_companies():
        stores = list(Store.objects.filter(unlinked_at__isnull=True).select_related("company"))
    for store in stores:
        with company_scope(store.company_id):
            try:
                come_back(store)
            except Exception:
                log.exception("the schedule stumbled over a store", store=store.pk)


@app.periodic(cron="11 * * * *")
@app.task(name="sync.fold", queue="slow", queueing_lock="sync.fold")
def fold_counters(timestamp: int) -> None:
    """Every hour: one row an hour for each kind of message and store, instead of one a message."""
    del timestamp
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)


_FOLD = """
WITH gone AS (
    DELETE FROM sync_counter
    WHERE at < date_trunc('hour', now()) AND at >= now() - interval '1 day'
    RETURNING name, store_id, number, at
)
INSERT INTO sync_counter (name, store_id, number, at)
SELECT name, store_id, sum(number), max(at) FROM gone GROUP BY name, store_id, date_trunc('hour', at)
"""


def come_back(store: Store) -> None:
    """Begin what is due for a store, and have everything open gone on with."""
    give_up_old(store)
    if not may_run(store):
        return
    begin_regular(store)
    if _returns_are_due(store):
        begin_regular(store, Part.RETURNS)
    begin_nightly(store)
    for pull in Pull.objects.filter(_free(), store=store, finished_at__isnull=True):
        defer_pull(pull)
    if DayCheck.objects.filter(store=store, finished_at__isnull=True).exists():
        defer_checks(store)
    if named.waiting(store):
        defer_named(store)
    note_orders_not_whole(store)
    if due(store, 1):
        defer_unread(store)


def give_up_old(store: Store) -> None:
    """End what was asked for a day ago and cannot get on. Scheduled pulls are never given up."""
    now = timezone.now()
    old = Q(store=store, finished_at__isnull=True, started_at__lt=now - _GIVE_UP_AFTER)
    stuck = old if not may_run(store) else old & ~Q(error="")
    for rows in (
        Pull.objects.filter(_free(), stuck, kind=Pull.Kind.ASKED),
        DayCheck.objects.filter(_free(), stuck),
    ):
        rows.filter(error="").update(error="Nothing could be asked of the channel within a day.")
        rows.update(finished_at=now)


def _returns_are_due(store: Store) -> bool:
    """Once the first orders are in; then every few minutes."""
    if store.synced_until is None:
        return False
    until = store.returns_synced_until
    now = timezone.now()
    return until is None or not now - RETURNS_EVERY < until <= now


def _free() -> Q:
    return Q(held_until__isnull=True) | Q(held_until__lt=timezone.now())
