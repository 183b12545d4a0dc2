"""A linked store with its shop in the sandbox, the same for every channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from crossdock.channels.contract import Channel
from crossdock.channels.registry import channel
from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.stores.models import Store
from crossdock.sync.models import Part, Pull
from crossdock.sync.pull import begin_asked, begin_regular, go_on
from tests.sandbox.running import RunningSandbox


@dataclass
class Played:
    """One store, and what can be done with its shop."""

    store: Store
    sandbox: RunningSandbox
    shop: str
    """The shop's short name at the sandbox."""

    @property
    def known(self) -> Channel:
        """The store's channel."""
        return channel(self.store.channel)

    @contextmanager
    def company(self) -> Iterator[None]:
        """The scope of the store's company."""
        with company_scope(self.store.company_id):
            yield

    def orders(self, count: int, **more: Any) -> list[str]:
        """Make orders; their ids."""
        return self.sandbox.orders(count, self.shop, **more)

    def event(self, order_id: str, event: str) -> None:
        """Let something happen to an order."""
        self.sandbox.event(order_id, event, self.store.channel)

    def fault(self, kind: str, path: str = "", **more: Any) -> None:
        """Order a fault."""
        self.sandbox.post("/faults", system=self.store.channel, kind=kind, path=path, **more)

    def calls(self) -> dict[str, int]:
        """Calls so far, by method and path."""
        counted: dict[str, int] = self.sandbox.get("/stats")["calls"]
        system = f"{self.store.channel} "
        return {name: n for name, n in counted.items() if name.startswith(system)}

    def regular(self, part: Part = Part.ORDERS) -> Pull:
        """A regular pull, as the schedule makes it; the row as it is afterwards."""
        with self.company():
            pull = begin_regular(self.fresh(), part)
            assert pull is not None
            return self.worked(pull)

    def asked(self, days: int = 3, *, by_creation: bool = False) -> Pull:
        """A pull over the last days."""
        with self.company():
            until = record.now()
            since = until - timedelta(days=days)
            return self.worked(begin_asked(self.store, None, since, until, by_creation=by_creation))

    def worked(self, pull: Pull) -> Pull:
        """Work on a pull until it ends or cannot get on."""
        with self.company():
            while go_on(pull.pk) is not None:
                continue
            return Pull.objects.get(pk=pull.pk)

    def here(self) -> set[str]:
        """The ids of all orders in the book."""
        with self.company():
            return set(Order.objects.values_list("channel_order_id", flat=True))

    def order(self, order_id: str) -> Order:
        """An order of the book."""
        with self.company():
            return Order.objects.get(channel_order_id=order_id)

    def fresh(self) -> Store:
        """The store as it is now."""
        with self.company():
            self.store.refresh_from_db()
        return self.store

    def poisoned(
        self, monkeypatch: pytest.MonkeyPatch, bad: set[str] | None, error: Exception
    ) -> None:
        """Have the channel fail whenever it is asked for one of these orders (None: for any)."""
        plain = type(self.known).fetch

        def fetch(known: Any, shop: Any, order_ids: Any, seen: Any = None) -> Any:
            if bad is None or bad & set(order_ids):
                raise error
            return plain(known, shop, order_ids, seen)

        self._without_whole_lists(monkeypatch)
        monkeypatch.setattr(type(self.known), "fetch", fetch)

    def skewed(self, monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
        """Set the channel's clock ahead of ours (or behind, where negative)."""
        from dataclasses import replace

        plain = type(self.known).changed

        def shown(glimpse: Any) -> Any:
            facts = glimpse.facts
            if facts is None:
                return glimpse
            return replace(glimpse, facts=replace(facts, updated_at=facts.updated_at + ahead))

        def changed(known: Any, shop: Any, *, since: datetime, until: datetime, **more: Any) -> Any:
            page = plain(known, shop, since=since - ahead, until=until - ahead, **more)
            return replace(page, glimpses=tuple(map(shown, page.glimpses)))

        fetch = type(self.known).fetch

        def fetched(known: Any, shop: Any, order_ids: Any, seen: Any = None) -> Any:
            got = fetch(known, shop, order_ids, seen)
            orders = tuple(replace(one, updated_at=one.updated_at + ahead) for one in got.orders)
            return replace(got, orders=orders)

        monkeypatch.setattr(type(self.known), "changed", changed)
        monkeypatch.setattr(type(self.known), "fetch", fetched)

    def _without_whole_lists(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have lists name orders only, so that each must be fetched."""
        from dataclasses import replace

        plain = type(self.known).changed

        def changed(known: Any, shop: Any, **window: Any) -> Any:
            page = plain(known, shop, **window)
            cut = tuple(
                replace(one, facts=None, raw=b"") if one.facts and one.facts.lines else one
                for one in page.glimpses
            )
            return replace(page, glimpses=cut)

        monkeypatch.setattr(type(self.known), "changed", changed)
