"""More workers, more done: the same batches with one, two and four workers.

    python -m bench.workers                    four stores, channels that answer after 200 ms
    python -m bench.workers --calls 60         shorter

Each worker has one thread for batches. A store's orders are one lane, and a lane is served by one thread at
a time: four stores are the most that four workers can do at once. Each doubling must do at least 1.8 times as
much, unless the machine's cores were busy all the while, and every order is shipped exactly once. Each count
of workers begins with an empty book, so that none reads what another one left behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from bench.rates import await_finished, ready_to_ship, start_shipping, witness
from bench.stage import Broken, Stage, stage

if TYPE_CHECKING:
    from crossdock.stores.models import Store

CALLS_PER_ORDER = {"lazada-my": 0.4, "lazada-sg": 0.4, "shopee-my": 4.3, "shopee-sg": 4.3}
"""What shipping takes, by store, so that every lane is equally long. A call that ships twenty of Lazada's
orders is followed by the work of writing twenty down."""
WORKERS = (1, 2, 4)
LATENCY_MS = 200
_GAIN = 1.8
_BUSY = 0.85
"""From here on the cores are what bounds: the sandbox and the database share them with the workers."""


@dataclass(frozen=True)
class Took:
    """How long the same orders took, and how busy the cores were meanwhile."""

    seconds: float
    busy: float


def main() -> int:
    """Ship the same with one, two and four workers; 0 when each doubling gains what it must."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=120, help="calls in each store's lane")
    options = parser.parse_args()
    # Django's settings are those of one database for the life of a process.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as alone:
        took = {
            workers: alone.submit(_measured, workers, options.calls).result() for workers in WORKERS
        }
    for fewer, more in pairwise(WORKERS):
        gain = took[fewer].seconds / took[more].seconds
        print(f"{fewer} → {more} workers: {gain:.2f} times as fast", flush=True)
        if gain < _GAIN and took[more].busy < _BUSY:
            raise Broken(f"{more} workers are only {gain:.2f} times as fast as {fewer}")
    print("Every promise held.", flush=True)
    return 0


def _measured(workers: int, calls: int) -> Took:
    with stage() as played:
        return _ship(played, workers, calls)


def _ship(played: Stage, workers: int, calls: int) -> Took:
    """Ship every lane's orders with so many workers."""
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
            began, idle = time.monotonic(), _idle()
            batches = [start_shipping(played, keys) for _, keys in lanes.values()]
            for batch in batches:
                played.await_settled(batch.pk, seconds=900)
            seconds = time.monotonic() - began
            took = Took(seconds, 1 - (_idle() - idle) / seconds / (os.cpu_count() or 1))
            for batch in batches:
                await_finished(batch)
            made = _calls(played) - before
        finally:
            played.end_workers()
        for shop, (store, keys) in lanes.items():
            witness(played, store, shop, keys, effect="ship")
    orders = sum(len(keys) for _, keys in lanes.values())
    print(
        f"{workers} workers: {orders} orders of {len(lanes)} stores in {took.seconds:.1f} s, {made} calls, "
        f"{os.cpu_count()} cores {took.busy:.0%} busy",
        flush=True,
    )
    return took


def _idle() -> float:
    """Seconds that all cores together have been idle since the machine started."""
    return float(Path("/proc/uptime").read_text().split()[1])


def _calls(played: Stage) -> int:
    made: dict[str, int] = played.sandbox.get("/stats")["calls"]
    return sum(made.values())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
