"""Rate limits that hold across workers: many orders to ship, and scans that still go first.

    python -m bench.rates                                  each channel, 2,000 orders, 4 workers
    python -m bench.rates --shops shopee-my --orders 300

The sandbox refuses above the real limit; ours is the connector's own pace. In one run: no order is lost, refusals stay under 1% of the
calls, the whole takes at most 15% longer than the limit allows for the calls that were made, and each
of 20 single orders that are shipped meanwhile at a scan's priority is called within 2 turns.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.stage import Broken, Stage, stage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from crossdock.channels.contract import Channel
    from crossdock.orders.models import Order
    from crossdock.stores.models import Store
    from crossdock.work.models import Attempt, Batch

LIMITS = {
    "lazada": {"per_app": 10, "per_shop": 5},
    "shopee": {"per_shop": 10},
    "tiktok": {"per_shop": 20},
}
"""What the sandbox refuses above, in calls a second."""
_LONGER, _REFUSED, _TURNS = 1.15, 0.01, 2.0


@dataclass(frozen=True)
class Calls:
    """What a system has had so far."""

    made: int
    refused: int


def main() -> int:
    """Run the proof for the shops that are asked for; 0 when it holds for all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shops", nargs="+", default=["lazada-my", "shopee-my", "tiktok-my"])
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--scans", type=int, default=20)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with stage() as played:
        for shop in options.shops:
            _prove(played, shop, options.orders, options.scans, options.workers)
    print("Every promise held.", flush=True)
    return 0


def _prove(played: Stage, shop: str, orders: int, scans: int, workers: int) -> None:
    from crossdock.channels.registry import channel
    from crossdock.companies.scope import company_scope

    with company_scope(played.company):
        store = played.store(shop)
        known = channel(store.channel)
        many = ready_to_ship(played, store, known, orders)
        single = ready_to_ship(played, store, known, scans)
        rate = known.limits.per_shop
        _limit(played, known.name, on=True)
        try:
            for _ in range(workers):
                played.worker()
            played.await_ready()
            before = _calls(played, known.name)
            began = time.monotonic()
            batch = start_shipping(played, many)
            waits = _scan(played, single, orders / known.limits.ship_packages / rate)
            played.await_settled(batch.pk, seconds=3600)
            took = time.monotonic() - began
            await_finished(batch)
            after = _calls(played, known.name)
        finally:
            played.end_workers()
            _limit(played, known.name, on=False)
        witness(played, store, shop, [*many, *single], effect="ship")
    made, refused = after.made - before.made, after.refused - before.refused
    allowed = made / rate
    turns = max(waits, default=0.0) * rate
    middle = sorted(waits)[len(waits) // 2] * rate if waits else 0.0
    print(
        f"{shop}: {orders} orders and {len(waits)} scans in {took:.1f} s, {made} calls, "
        f"{allowed:.1f} s at {rate:g} a second (+{(took / allowed - 1) * 100:.1f}%), {refused} refused, "
        f"scans called within {turns:.2f} turns (half of them within {middle:.2f})",
        flush=True,
    )
    if refused > made * _REFUSED:
        raise Broken(f"{shop}: {refused} of {made} calls were refused")
    if took > allowed * _LONGER:
        raise Broken(f"{shop}: {took:.1f} s, where {allowed:.1f} s were allowed")
    if turns > _TURNS:
        raise Broken(f"{shop}: a scan waited {turns:.2f} turns")


def ready_to_ship(played: Stage, store: Store, known: Channel, count: int) -> list[int]:
    """Orders of the book that wait in To Process; their keys."""
    from django.db import transaction
    from django.utils import timezone

    from crossdock.orders.marks import mark_packed
    from crossdock.orders.models import Order
    from crossdock.orders.record import locked
    from crossdock.sync.reading import look_at

    shop = next(
        one["shop"]
        for one in played.sandbox.identities[known.name]["shops"]
        if played.sandbox.shop(one["shop"])["shop_id"] == store.shop_id
    )
    ids = played.sandbox.orders(count, shop, **({"status": "packed"} if known.can.pack else {}))
    played.hurry(True)
    pace, known.limits = known.limits, _unlimited(known)
    try:
        for first in range(0, len(ids), known.limits.fetch_orders):
            look_at(store, ids[first : first + known.limits.fetch_orders])
    finally:
        known.limits = pace
    rows = Order.objects.filter(store=store, channel_order_id__in=ids)
    keys = list(rows.values_list("pk", flat=True))
    if known.can.choose_how_to_ship:
        _say_how(store, rows)
    if not known.can.pack:
        with transaction.atomic():
            mark_packed(locked(keys), timezone.now())
    return keys


def _say_how(store: Store, orders: QuerySet[Order]) -> None:
    """Answer once how each kind of delivery goes, as the dialog would ask it."""
    from crossdock.actions.to_ship import ToShip
    from crossdock.channels.shipping import HowToShip
    from crossdock.orders.facts import facts_of
    from crossdock.stores.calling import call
    from crossdock.stores.ways import remember, way_of

    for order in orders.prefetch_related("lines", "packages"):
        facts = facts_of(order)
        kind = facts.packages[0].logistics_id
        store.refresh_from_db()
        if way_of(store, kind) is None:
            parcel = ToShip().parcel(order, facts)
            ways = call(store, lambda known, shop, parcel=parcel: known.ways_to_ship(shop, parcel))  # type: ignore[misc]
            if ways.methods:
                branch = ways.branches[0].place_id if ways.branches else ""
                remember(store, ways, HowToShip(ways.methods[0], branch_id=branch))


def _unlimited(known: Channel):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(known.limits, per_app=0, per_shop=1e6)


def start_shipping(played: Stage, keys: Sequence[int]) -> Batch:
    from crossdock.companies.models import Person
    from crossdock.work.batch import start

    return start(
        played.company,
        Person.objects.get(email="owner@demo.test"),
        "ship",
        form_key=f"batch-{time.time_ns()}",
        order_ids=list(keys),
    )


def await_finished(batch: Batch) -> None:
    """Wait until the batch is closed: by then what changed out there has been read."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        batch.refresh_from_db()
        if batch.finished_at:
            return
        time.sleep(0.1)
    raise Broken(f"batch {batch.pk} was never closed")


def _await_outcome(attempt: Attempt) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        attempt.refresh_from_db()
        if attempt.settled_at:
            return
        time.sleep(0.1)
    raise Broken(f"a scan was left unfinished: {attempt.state} {attempt.words}")


def _scan(played: Stage, keys: Sequence[int], spread: float) -> list[float]:
    """Ship single orders one by one while the batch runs; seconds from each scan to its call."""
    from crossdock.companies.models import Person
    from crossdock.orders.models import Order
    from crossdock.work.single import begin

    packer = Person.objects.get(email="owner@demo.test")
    clicked = {}
    for key in keys:
        time.sleep(max(spread / (len(keys) + 2), 0.3))
        order = Order.objects.select_related("store").get(pk=key)
        clicked[order.channel_order_id] = time.time()
        attempt, _ = begin(packer, "ship", order)
        _await_outcome(attempt)
    called = {
        row["order_id"]: datetime.fromisoformat(row["at"]).timestamp()
        for row in played.sandbox.ledger("ship")
        if row["order_id"] in clicked
    }
    return [called[order_id] - at for order_id, at in clicked.items()]


def _limit(played: Stage, system: str, *, on: bool) -> None:
    limits = LIMITS[system] if on else dict.fromkeys(LIMITS[system], 0)
    played.sandbox.post("/limits", system=system, **limits)
    played.sandbox.post("/latency", system=system, ms=0)


def _calls(played: Stage, system: str) -> Calls:
    stats = played.sandbox.get("/stats")
    made = sum(n for name, n in stats["calls"].items() if name.startswith(f"{system} "))
    return Calls(made, stats["refused_rate_limit"].get(system, 0))


def witness(played: Stage, store: Store, shop: str, keys: Sequence[int], effect: str) -> None:
    """Raises Broken unless every order was shipped exactly once, out there and in our book."""
    from crossdock.orders.models import Order

    ids = set(Order.objects.filter(pk__in=keys).values_list("channel_order_id", flat=True))
    rows = [row["order_id"] for row in played.sandbox.ledger(effect) if row["order_id"] in ids]
    lost = ids - set(rows)
    if lost or len(rows) != len(set(rows)):
        raise Broken(
            f"{shop}: {len(lost)} orders were never shipped, {len(rows)} calls for {len(ids)}"
        )
    stay = Order.objects.filter(pk__in=keys).exclude(tab="to-ship")
    if stay:
        seen = Counter(stay.values_list("tab", "status"))
        raise Broken(
            f"{shop}: {len(stay)} orders of {store} are not in To Ship in our book: {seen}"
        )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
