"""Sync from the command line: the newest of all stores, chosen days, or the proof that days are complete."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.models import Store
from crossdock.sync import completeness
from crossdock.sync.begin import begin_asked, begin_regular, may_run, why_it_rests
from crossdock.sync.days import days, moments, today
from crossdock.sync.models import DayCheck, Part, Pull
from crossdock.sync.outcome import of_check, of_run
from crossdock.sync.pull import go_on

Told = tuple[str, bool]
"""A line for the screen, and whether it went well."""


class NoSuchStore(Exception):
    """No linked store has this name; the message says which there are."""


def stores_named(name: str) -> list[Store]:
    """The linked stores of this name in all companies; all of them for "". Raises NoSuchStore."""
    with all_companies():
        stores = list(
            Store.objects.filter(unlinked_at__isnull=True).select_related("company").order_by("pk")
        )
    found = [store for store in stores if name in ("", store.name)]
    if name and not found:
        names = ", ".join(sorted({store.name for store in stores})) or "none"
        raise NoSuchStore(f"No linked store is called {name!r}. There are: {names}.")
    return found


def sync_stores(name: str = "") -> Iterator[Told]:
    """Fetch the newest orders and returns of these stores now; a line per store and part."""
    yield from _each(stores_named(name), _newest)


def sync_days(name: str, since: date, until: date | None, *, by_creation: bool) -> Iterator[Told]:
    """Fetch the orders and returns of these days (None: up to today), each company's own; a line per
    store and part."""

    def chosen(store: Store) -> Iterator[Told]:
        zone = store.company.zone
        begins, ends = moments(since, until or today(zone), zone)
        for part in Part:
            run = begin_asked(store, None, begins, ends, by_creation=by_creation, part=part)
            yield _worked(run)

    yield from _each(stores_named(name), chosen)


def check_days(name: str, since: date | None, until: date | None) -> Iterator[Told]:
    """Prove that these days are complete (None: yesterday), and fetch what is missing; a line per
    store and day."""

    def checked(store: Store) -> Iterator[Told]:
        last = until or today(store.company.zone) - timedelta(days=1)
        rows = completeness.begin_checks(store, days(since or last, last), DayCheck.Why.ASKED)
        while _is_open(rows) and (pause := completeness.go_on(store)) is not None:
            time.sleep(min(pause, 1.0))
        for row in DayCheck.objects.filter(pk__in=[one.pk for one in rows]).order_by("day"):
            outcome = of_check(row)
            numbers = f"{row.listed} listed, {row.known_before} were here, {len(row.gap_ids)} missing, {row.fetched} fetched"
            complete = row.compared_at is not None and row.fetched == len(row.gap_ids)
            yield f"{store.name} {row.day}: {numbers}. {outcome.words}", complete

    yield from _each(stores_named(name), checked)


def _each(stores: Iterable[Store], deed: Callable[[Store], Iterator[Told]]) -> Iterator[Told]:
    for store in stores:
        with company_scope(store.company_id):
            if may_run(store):
                yield from deed(store)
            else:
                yield f"{store.name}: {why_it_rests(store)}", False


def _newest(store: Store) -> Iterator[Told]:
    for part in Part:
        run = begin_regular(store, part)
        if run is not None:
            yield _worked(run)


def _worked(run: Pull) -> Told:
    """Work on a run until it ends or cannot get on."""
    began = time.monotonic()
    while (pause := go_on(run.pk)) is not None:
        time.sleep(min(pause, 1.0))
    run = Pull.objects.select_related("store", "cancelled_by").get(pk=run.pk)
    if run.finished_at is None:
        return f"{run.store.name}: {run.error or 'another process is at it'}", False
    return f"{run.store.name}: {of_run(run).words} {time.monotonic() - began:.1f} s", True


def _is_open(rows: Sequence[DayCheck]) -> bool:
    ids = [row.pk for row in rows]
    return DayCheck.objects.filter(pk__in=ids, finished_at__isnull=True).exists()
