"""The long proofs: whatever is killed, cut or frozen, nothing is done twice and nothing is left undone.

    python -m bench.prove                       all of it, ten rounds each
    python -m bench.prove --kinds pack --faults kill --rounds 3 --orders 50 --seed 11

Everything is real: the embedded PostgreSQL, the sandbox over HTTP (taking duplicates, so that blind
repetition is found out), worker processes, signals. A round counts only if a call was in flight at
the moment of its kill or freeze. The witness is the sandbox's ledger: exactly one row per order and
effect, refused ones included.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from bench.stage import TIMES, Broken, Stage, stage

FREEZE_SECONDS = 12.0
EFFECTS = {"pack": "pack", "post": "invoice_create"}
SYSTEMS = {"pack": "lazada", "post": "sqlaccount"}
PATHS = {"pack": "/order/fulfill/pack", "post": "/salesinvoice"}


def main() -> int:
    """Run the proofs that are asked for; 0 when all hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", nargs="+", default=["pack", "post"], choices=["pack", "post"])
    parser.add_argument(
        "--faults",
        nargs="+",
        default=["kill", "drop", "freeze"],
        choices=["kill", "drop", "freeze"],
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20260302)
    options = parser.parse_args()
    print(
        f"seed {options.seed}, {options.rounds} rounds of {options.orders} orders, times: {TIMES}",
        flush=True,
    )
    with stage() as played:
        for kind in options.kinds:
            for fault in options.faults:
                rounds = max(1, options.rounds // 2) if fault == "freeze" else options.rounds
                chance = random.Random(f"{options.seed}/{kind}/{fault}")
                _prove(played, kind, fault, rounds, options.orders, chance)
    print("Every promise held.", flush=True)
    return 0


def _begin(stage: Stage, kind: str, orders: int) -> tuple[int, list[str]]:
    """Bring orders in and start a batch over them; its number and the order ids."""
    from crossdock.companies.models import Person
    from crossdock.companies.scope import company_scope
    from crossdock.orders.models import Order
    from crossdock.sync.reading import look_at
    from crossdock.work.batch import start

    ids = stage.sandbox.orders(orders, status="pending" if kind == "pack" else "shipped")
    with company_scope(stage.company):
        store = stage.store("lazada-my")
        stage.hurry(True)
        for first in range(0, len(ids), 50):
            look_at(store, ids[first : first + 50])
        stage.hurry(False)
        chosen = Order.objects.filter(channel_order_id__in=ids).values_list("pk", flat=True)
        person = Person.objects.get(email="owner@demo.test")
        batch = start(
            stage.company,
            person,
            kind,
            form_key=f"{kind}-{time.time_ns()}",
            order_ids=list(chosen),
        )
    return batch.pk, ids


def _prove(
    stage: Stage, kind: str, fault: str, rounds: int, orders: int, chance: random.Random
) -> None:
    recovered, counted, played = [], 0, 0
    while counted < rounds:
        played += 1
        if played > rounds * 3 + 5:
            raise Broken(
                f"{kind}/{fault}: a call was in flight in only {counted} of {played} rounds"
            )
        seq = max((row["seq"] for row in stage.sandbox.get("/ledger")["calls"]), default=0)
        batch, ids = _begin(stage, kind, orders)
        hit, seconds = _play(stage, kind, fault, batch, chance)
        _witness(stage, kind, fault, ids, seq)
        counted += hit
        if hit:
            recovered.append(seconds)
    told = ", ".join(f"{seconds:.1f}" for seconds in recovered)
    print(
        f"{kind:5} {fault:7} {counted} rounds: once each, none left; done after (s): {told}",
        flush=True,
    )


def _play(
    stage: Stage, kind: str, fault: str, batch: int, chance: random.Random
) -> tuple[bool, float]:
    """One round; whether the fault struck a call in flight, and how long the rest took."""
    try:
        if fault == "drop":
            stage.sandbox.post(
                "/faults",
                system=SYSTEMS[kind],
                path=PATHS[kind],
                kind="drop_after",
                probability=0.05,
            )
            stage.worker()
            return True, stage.await_settled(batch)
        first = stage.worker()
        hit = stage.await_in_flight(batch, chance)
        if fault == "kill":
            stage.strike(first, signal.SIGKILL)
            first.wait()
            stage.worker()
            return hit, stage.await_settled(batch)
        stage.strike(first, signal.SIGSTOP)
        stage.worker()
        time.sleep(FREEZE_SECONDS)
        stage.strike(first, signal.SIGCONT)
        return hit, stage.await_settled(batch)
    finally:
        stage.end_workers()
        stage.sandbox.control.delete("/faults").raise_for_status()


def _witness(stage: Stage, kind: str, fault: str, ids: list[str], seq: int) -> None:
    """Raises Broken unless the ledger has exactly one row per order."""
    rows = Counter(
        row["order_id"]
        for row in stage.sandbox.ledger(EFFECTS[kind], seq)
        if row["order_id"] in ids
    )
    twice = {order_id: number for order_id, number in rows.items() if number != 1}
    never = set(ids) - set(rows)
    if twice or never:
        raise Broken(f"{kind}/{fault}: {len(twice)} orders not once ({twice}), {len(never)} never")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
