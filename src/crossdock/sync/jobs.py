"""The jobs of this room, and how each is deferred."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.contrib.django import app

from crossdock.channels.errors import NotSent, Throttled, Unclear, Unreadable
from crossdock.companies.only_one import Patiently
from crossdock.companies.scope import company_scope
from crossdock.stores.models import Store
from crossdock.sync import completeness, named
from crossdock.sync.begin import may_run
from crossdock.sync.look import look, put_off, try_again, verify
from crossdock.sync.models import Pull
from crossdock.sync.pull import go_on
from crossdock.sync.unread import next_due
from crossdock.work.jobs import FAST, SLOW
from crossdock.work.once import defer_once

_AGAIN = Patiently(
    max_attempts=6,
    exponential_wait=3,
    retry_exceptions={NotSent, Throttled, Unclear, Unreadable},
)
_MOST_PAUSES = 5
"""After so many pauses that a channel asked for, an order that was named is left to the retries."""
_A_MINUTE = 60.0
_LESS_THAN_PULLS = -5
"""Priority of a check: whatever else waits on the queue goes first."""


def defer_pull(pull: Pull, *, queue: str = SLOW, seconds: float = 0.0) -> None:
    """Have a pull worked on, now or later; written in the caller's transaction."""
    defer_once(
        pull_store,
        f"sync.pull {pull.pk}",
        queue=queue,
        seconds=seconds,
        company_id=pull.company_id,
        pull_id=pull.pk,
    )


def defer_named(store: Store, *, seconds: float = 0.0) -> None:
    """Have the orders read that messages named: however many, by one job at a time."""
    lock = f"sync.named {store.pk}"
    defer_once(
        read_named,
        lock,
        queue=FAST,
        seconds=seconds,
        lock=lock,
        company_id=store.company_id,
        store_id=store.pk,
    )


def defer_look(
    store: Store,
    order_id: str,
    *,
    return_ids: Sequence[str] = (),
    seconds: float = 0.0,
    pauses: int = 0,
) -> None:
    """Have an order looked at with its returns; several messages about one order that come before its
    turn are one look."""
    defer_once(
        look_at_order,
        f"sync.look {store.pk} {order_id} returns",
        queue=FAST,
        seconds=seconds,
        company_id=store.company_id,
        store_id=store.pk,
        order_id=order_id,
        return_ids=list(return_ids),
        pauses=pauses,
    )


def defer_verify(store: Store) -> None:
    """Have the store's authorisation tried at once."""
    defer_once(
        verify_store,
        f"sync.verify {store.pk}",
        queue=FAST,
        company_id=store.company_id,
        store_id=store.pk,
    )


def defer_checks(store: Store, *, seconds: float = 0.0) -> None:
    """Have a store's open checks worked on."""
    defer_once(
        check_days,
        f"sync.check {store.pk}",
        queue=SLOW,
        seconds=seconds,
        priority=_LESS_THAN_PULLS,
        company_id=store.company_id,
        store_id=store.pk,
    )


def defer_unread(store: Store, *, seconds: float = 0.0) -> None:
    """Have the orders read again that could not be read and are due."""
    defer_once(
        read_unread,
        f"sync.unread {store.pk}",
        queue=SLOW,
        seconds=seconds,
        company_id=store.company_id,
        store_id=store.pk,
    )


def try_unread_soon(store: Store) -> None:
    """Have what is due again within the minute tried at its moment: the schedule would come later."""
    seconds = next_due(store)
    if seconds is not None and seconds < _A_MINUTE and may_run(store):
        defer_unread(store, seconds=seconds)


@app.task(name="sync.pull", queue=SLOW)
def pull_store(company_id: int, pull_id: int) -> None:
    """Work on a pull, and come back while there is more."""
    with company_scope(company_id):
        pause = go_on(pull_id)
        pull = Pull.objects.select_related("store").get(pk=pull_id)
        if pause is not None:
            defer_pull(pull, seconds=pause)
        try_unread_soon(pull.store)


@app.task(name="sync.named", queue=FAST)
def read_named(company_id: int, store_id: int) -> None:
    """Read orders that messages named, and come back while there are more."""
    with company_scope(company_id):
        store = Store.objects.get(pk=store_id)
        pause = named.read(store)
        if pause is not None:
            defer_named(store, seconds=pause)
        try_unread_soon(store)


@app.task(name="sync.look", queue=FAST)
def look_at_order(
    company_id: int,
    store_id: int,
    order_id: str,
    return_ids: Sequence[str] = (),
    pauses: int = 0,
) -> None:
    """Look at an order whose returns a webhook named."""
    with company_scope(company_id):
        store = Store.objects.get(pk=store_id)
        pause = look(store, order_id, with_returns=True, return_ids=return_ids)
        if pause is None:
            try_unread_soon(store)
            return
        if pauses >= _MOST_PAUSES:
            put_off(store, [order_id], "The channel asks for pauses.", with_returns=True)
            return
        defer_look(store, order_id, return_ids=return_ids, seconds=pause, pauses=pauses + 1)


@app.task(name="sync.verify", queue=FAST, retry=_AGAIN)
def verify_store(company_id: int, store_id: int) -> None:
    """Try a store's authorisation: the channel says that it has ended."""
    with company_scope(company_id):
        verify(Store.objects.get(pk=store_id))


@app.task(name="sync.unread", queue=SLOW)
def read_unread(company_id: int, store_id: int) -> None:
    """Read again what is due among the orders that could not be read."""
    with company_scope(company_id):
        store = Store.objects.get(pk=store_id)
        if try_again(store):
            try_unread_soon(store)


@app.task(name="sync.check", queue=SLOW)
def check_days(company_id: int, store_id: int) -> None:
    """Work on a store's completeness checks, and come back while there are more."""
    with company_scope(company_id):
        store = Store.objects.select_related("company").get(pk=store_id)
        pause = completeness.go_on(store)
        if pause is not None:
            defer_checks(store, seconds=pause)
