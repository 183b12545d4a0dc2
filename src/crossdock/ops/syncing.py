"""Fetching the newest orders of all stores at once, from the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator

from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.models import Store
from crossdock.sync.models import Pull
from crossdock.sync.pull import begin_regular, go_on


def sync_stores(name: str = "") -> Iterator[tuple[str, bool]]:
    """A line per store, and whether it went well."""
    with all_companies():
        stores = list(Store.objects.filter(unlinked_at__isnull=True).order_by("pk"))
    for store in stores:
        if name in ("", store.name):
            with company_scope(store.company_id):
                yield _sync(store)


def _sync(store: Store) -> tuple[str, bool]:
    pull = begin_regular(store)
    if pull is None:
        return f"{store.name}: {store.token_dead_words or 'paused'}", False
    began = time.monotonic()
    while (pause := go_on(pull.pk)) is not None:
        time.sleep(min(pause, 1.0))
    pull = Pull.objects.get(pk=pull.pk)
    if pull.finished_at is None:
        return f"{store.name}: {pull.error or 'another process is at it'}", False
    seconds = time.monotonic() - began
    return (
        f"{store.name}: {pull.listed} orders listed, {pull.changed} changed, {seconds:.1f} s",
        True,
    )
