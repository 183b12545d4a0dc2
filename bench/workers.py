"""More workers, more done: the same batches with one, two and four workers.

    python -m bench.workers                    four stores, channels that answer after 200 ms
    python -m bench.workers --calls 60         shorter

Each worker has one thread for batches. A store's orders are one lane, and a lane is served by one thread at
a time: four stores are the most that four workers can do at once. Each doubling must do at least 1.8 times as
much, and every order is shipped exactly once.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from bench.rates import ready_to_ship, start_shipping, witness
from bench.stage import Broken, Stage, stage

if TYPE_CHECKING:
    from crossdock.stores.models import Store

CALLS_PER_ORDER = {"lazada-my": 0.15, "lazada-sg": 0.15, "shopee-my": 4.3, "shopee-sg": 4.3}
"""What shipping takes, by store, so that every lane is equally long."""
WORKERS = (1, 2, 4)
LATENCY_MS = 200
_GAIN = 1.8


def main() -> int:
    """Ship the same with one, two and four workers; 0 when each doubling gains what it must."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=120, help="calls in each store's lane")
    options = parser.parse_args()
    with stage() as played:
        took = {workers: _ship(played, workers, options.calls) for workers in WORKERS}
    for fewer, more in pairwise(WORKERS):
        gain = took[fewer] / took[more]
        print(f"{fewer} → {more} workers: {gain:.2f} times as fast", flush=True)
        if gain < _GAIN:
            raise Broken(f"{more} workers are only {gain:.2f} times as fast as {fewer}")
    print("Every promise held.", flush=True)
    return 0


def _ship(played: Stage, workers: int, calls: int) -> float:
    """Ship every lane's orders with so many workers; the seconds that it took."""
    from crossdock.channels.registry import channel
    from crossdock.companies.scope import company_scope

    with company_scope(played.company):
        lanes: dict[str, tuple[Store, list[int]]] = {}
        for shop, share in CALLS_PER_ORDER.items():
            store = played.store(shop)
            lanes[shop] = (
                store,
                ready_to_ship(played, store, channel(store.channel), round(calls / share)),
            )
        try:
            for _ in range(workers):
                played.worker(concurrency=2)
            played.await_ready()
            before = _calls(played)
            for system in ("lazada", "shopee"):
                played.sandbox.post("/latency", system=system, ms=LATENCY_MS)
            began = time.monotonic()
            batches = [start_shipping(played, keys) for _, keys in lanes.values()]
            for batch in batches:
                played.await_settled(batch.pk, seconds=900)
            took = time.monotonic() - began
            made = _calls(played) - before
        finally:
            played.end_workers()
        for shop, (store, keys) in lanes.items():
            witness(played, store, shop, keys, effect="ship")
    orders = sum(len(keys) for _, keys in lanes.values())
    print(
        f"{workers} workers: {orders} orders of {len(lanes)} stores in {took:.1f} s, {made} calls",
        flush=True,
    )
    return took


def _calls(played: Stage) -> int:
    made: dict[str, int] = played.sandbox.get("/stats")["calls"]
    return sum(made.values())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
