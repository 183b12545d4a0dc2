"""How fast 10,000 orders come in, twice, beside a bare ``bulk_create`` of the same rows.

    python -m bench.sync [--orders 10000]

The second sync must make the same calls, change nothing and write nothing to any history.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.stage import Stage, stage

if TYPE_CHECKING:
    from crossdock.stores.models import Store


@dataclass
class Figures:
    """What one sync did."""

    listed: int
    changed: int
    seconds: float
    calls: Counter[str]
    rows: dict[str, int]

    def told(self) -> str:
        """One line."""
        rate = f"{self.seconds:.1f} s, {self.listed / self.seconds:.0f} orders/s"
        return (
            f"{self.listed} listed, {self.changed} changed, {rate}, {dict(self.calls)}, {self.rows}"
        )


def main() -> int:
    """Print the figures; 1 when the second sync changed anything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=10_000)
    options = parser.parse_args()
    with stage() as played:
        played.sandbox.post("/latency", system="lazada", ms=0)
        played.sandbox.orders(options.orders)
        return _measure(played)


def _measure(played: Stage) -> int:
    from crossdock.channels.contract import Limits
    from crossdock.channels.lazada.channel import Lazada
    from crossdock.companies.scope import company_scope

    Lazada.limits = Limits(1e6, 1e6, 2, 20, 20, 50, 15)  # the sandbox's limits are lifted as well
    with company_scope(played.company):
        store = played.store("lazada-my")
        first = _sync(played, store)
        print(f"first:  {first.told()}", flush=True)
        second = _sync(played, store)
        print(f"second: {second.told()}", flush=True)
        _bare(first.listed)
    same = second.calls == first.calls and second.rows == first.rows
    return 0 if same and second.changed == 0 else 1


def _sync(played: Stage, store: Store) -> Figures:
    from crossdock.orders.models import History, Line, Order
    from crossdock.orders.record import now
    from crossdock.sync.models import Pull
    from crossdock.sync.pull import begin_asked, go_on

    before, began = _calls(played), time.monotonic()
    pull = begin_asked(store, None, now() - timedelta(days=3), now(), by_creation=False)
    while go_on(pull.pk) is not None:
        continue
    seconds = time.monotonic() - began
    pull = Pull.objects.get(pk=pull.pk)
    rows = {model.__name__: model.objects.count() for model in (Order, Line, History)}
    return Figures(pull.listed, pull.changed, seconds, _calls(played) - before, rows)


def _calls(played: Stage) -> Counter[str]:
    calls: dict[str, int] = played.sandbox.get("/stats")["calls"]
    return Counter(
        {path: number for path, number in calls.items() if path.startswith("lazada GET")}
    )


def _bare(orders: int) -> None:
    """The same rows by bulk_create alone, in batches of 50, rolled back."""
    from django.db import transaction

    from crossdock.orders.models import History, Line, Order

    known = list(Order.objects.order_by("-pk")[:orders].prefetch_related("lines"))
    lines = {order.pk: list(order.lines.all()) for order in known}
    began = time.monotonic()
    with transaction.atomic():
        for start in range(0, len(known), 50):
            part = known[start : start + 50]
            old = [order.pk for order in part]
            for order in part:
                order.pk, order.channel_order_id = None, f"bare-{order.channel_order_id}"
            Order.objects.bulk_create(part)
            fresh = []
            for order, before in zip(part, old, strict=True):
                for line in lines[before]:
                    line.pk, line.order = None, order
                    fresh.append(line)
            Line.objects.bulk_create(fresh)
            History.objects.bulk_create(
                History(company_id=order.company_id, order=order, kind="arrived", text="")
                for order in part
            )
        seconds = time.monotonic() - began
        transaction.set_rollback(True)
    print(f"bare bulk_create: {seconds:.1f} s, {len(known) / seconds:.0f} orders/s")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
