"""The jobs of this room, and the schedule."""

from __future__ import annotations

from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crossdock.channels.errors import ChannelError, NotSent, Throttled, Unclear, Unreadable
from crossdock.companies.scope import all_companies, company_scope
from crossdock.orders.record import without_lines
from crossdock.stores.models import Store
from crossdock.sync.models import Pull
from crossdock.sync.pull import begin_first, begin_regular, go_on, look_at
from crossdock.work.jobs import FAST, SLOW

_AGAIN = RetryStrategy(
    max_attempts=8,
    exponential_wait=3,
    retry_exceptions={NotSent, Throttled, Unclear, Unreadable},
)


def defer_pull(pull: Pull, *, queue: str = SLOW, seconds: float = 0.0) -> None:
    """Have a pull worked on, now or later; written in the caller's transaction."""
    options: dict[str, Any] = {"queue": queue}
    if seconds > 0:
        options["schedule_in"] = {"milliseconds": int(seconds * 1000)}
    pull_store.configure(**options).defer(company_id=pull.company_id, pull_id=pull.pk)


@app.task(name="sync.pull", queue=SLOW)
def pull_store(company_id: int, pull_id: int) -> None:
    """Work on a pull, and come back while there is more."""
    with company_scope(company_id):
        pause = go_on(pull_id)
        if pause is not None:
            defer_pull(Pull.objects.get(pk=pull_id), seconds=pause)


@app.task(name="sync.look", queue=FAST, retry=_AGAIN)
def look_at_order(company_id: int, store_id: int, order_id: str) -> None:
    """Look at an order that a webhook named."""
    with company_scope(company_id):
        look_at(Store.objects.get(pk=store_id), [order_id])


@app.task(name="sync.complete", queue=SLOW)
def complete_orders(company_id: int, store_id: int) -> None:
    """Fetch the items of orders that were listed before their items could be read."""
    with company_scope(company_id):
        store = Store.objects.get(pk=store_id)
        waiting = without_lines(store, 50)
        try:
            if waiting:
                look_at(store, waiting)
        except ChannelError:
            return  # the schedule asks again in a minute


@app.periodic(cron="* * * * *")
@app.task(name="sync.schedule", queue=FAST, queueing_lock="sync.schedule")
def schedule(timestamp: int) -> None:
    """Every minute: a pull for each store that may run, and another look at unread orders."""
    del timestamp
    with all_companies():
        stores = list(Store.objects.filter(unlinked_at__isnull=True, paused_at__isnull=True))
    for store in stores:
        with company_scope(store.company_id):
            if pull := begin_regular(store):
                defer_pull(pull)
            complete_orders.defer(company_id=store.company_id, store_id=store.pk)


def on_linked(store: Store, days: int) -> None:
    """The first sync of a newly linked store; a store that was linked again simply goes on."""
    pull = begin_first(store, days) if store.synced_until is None else begin_regular(store)
    if pull is not None:
        defer_pull(pull, queue=FAST)


def on_asked(store: Store) -> None:
    """A person wants the newest orders now."""
    if pull := begin_regular(store):
        defer_pull(pull, queue=FAST)
