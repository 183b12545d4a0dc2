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
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TIMES = (
    "lease=8,slice=4,ask_first=1,ask_second=3,ask_last=20,heartbeat=1,stalled=4,sweep=1,settle=6"
)
"""Shorter than an installation's, in the same order: calls here take 0.4 s."""
FREEZE_SECONDS = 12.0
LATENCY_MS = {"lazada": 400, "sqlaccount": 60}
EFFECTS = {"pack": "pack", "post": "invoice_create"}
SYSTEMS = {"pack": "lazada", "post": "sqlaccount"}
PATHS = {"pack": "/order/fulfill/pack", "post": "/salesinvoice"}


class Broken(Exception):
    """A promise does not hold; the message says which, and how to see it again."""


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
                rounds = max(1, options.rounds // 5) if fault == "freeze" else options.rounds
                chance = random.Random(f"{options.seed}/{kind}/{fault}")
                _prove(played, kind, fault, rounds, options.orders, chance)
    print("Every promise held.", flush=True)
    return 0


@contextmanager
def stage() -> Iterator[Stage]:
    """A database, a sandbox and a linked company, gone afterwards."""
    from crossdock.ops import embedded
    from tests.sandbox.running import start_sandbox

    data = Path(tempfile.mkdtemp(prefix="crossdock-prove-"))
    sandbox = start_sandbox(data=data / "sandbox")
    lazada = sandbox.identities["lazada"]

    os.environ |= {
        "CROSSDOCK_DATA": str(data),
        "DATABASE_URL": embedded.start(data).url(),
        "DJANGO_SETTINGS_MODULE": "crossdock.settings",
        "CROSSDOCK_WORK_TIMES": TIMES,
        "CROSSDOCK_SQLACCOUNT_PACE": "1000",
        "CROSSDOCK_TRUSTED_HOSTS": "127.0.0.1",
        "CROSSDOCK_SANDBOX_URL": f"http://127.0.0.1:{sandbox.base_port}",
        "CROSSDOCK_LAZADA_APP_KEY": lazada["app_key"],
        "CROSSDOCK_LAZADA_APP_SECRET": lazada["app_secret"],
        "CROSSDOCK_LAZADA_BASE_URLS": f"*={lazada['base_url']},auth={lazada['auth_url']},"
        f"authorize={lazada['base_url'].removesuffix('/rest')}/oauth/authorize",
    }
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        yield Stage(sandbox, data)
    finally:
        sandbox.close()
        embedded.destroy(data)
        shutil.rmtree(data, ignore_errors=True)


class Stage:
    """What a round plays on."""

    def __init__(self, sandbox, data: Path) -> None:  # type: ignore[no-untyped-def]
        from crossdock.ops.demo import prepare

        self.sandbox, self.data = sandbox, data
        self.sandbox.unlimited()
        self.company = prepare()
        self.sandbox.post("/apps", channel="lazada", webhook_url=None)
        for system in ("lazada", "sqlaccount"):
            self.sandbox.post("/strict", system=system, duplicates="take")
        self.hurry(False)
        self.workers: list[subprocess.Popen[bytes]] = []

    def hurry(self, fast: bool) -> None:
        """Have the outside systems answer at once, or as slowly as a kill needs to find a call."""
        for system, ms in LATENCY_MS.items():
            self.sandbox.post("/latency", system=system, ms=0 if fast else ms)

    def worker(self) -> subprocess.Popen[bytes]:
        """One more worker process."""
        log = (self.data / "worker.log").open("ab")
        command = [sys.executable, "-m", "crossdock.cli", "worker", "--concurrency", "4"]
        started = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self.workers.append(started)
        return started

    def end_workers(self) -> None:
        """End what still runs."""
        for one in self.workers:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.kill()
                one.wait()
        self.workers.clear()

    def begin(self, kind: str, orders: int) -> tuple[int, list[str]]:
        """Bring orders in and start a batch over them; its number and the order ids."""
        from crossdock.companies.models import Person
        from crossdock.companies.scope import company_scope
        from crossdock.orders.models import Order
        from crossdock.stores.models import Store
        from crossdock.sync.pull import look_at
        from crossdock.work.batch import start

        ids = self.sandbox.orders(orders, status="pending" if kind == "pack" else "shipped")
        with company_scope(self.company):
            store = Store.objects.get(region="MY")
            self.hurry(True)
            for first in range(0, len(ids), 50):
                look_at(store, ids[first : first + 50])
            self.hurry(False)
            chosen = Order.objects.filter(channel_order_id__in=ids).values_list("pk", flat=True)
            person = Person.objects.get(email="owner@demo.test")
            batch = start(
                self.company,
                person,
                kind,
                form_key=f"{kind}-{time.time_ns()}",
                order_ids=list(chosen),
            )
        return batch.pk, ids

    def states(self, batch: int) -> Counter[str]:
        """How many attempts of a batch are in which state."""
        from crossdock.companies.scope import company_scope
        from crossdock.work.models import Attempt

        with company_scope(self.company):
            return Counter(Attempt.objects.filter(batch_id=batch).values_list("state", flat=True))

    def await_in_flight(self, batch: int, chance: random.Random) -> bool:
        """Wait until a call of this batch is in the air, some way into it; False when all was done before."""
        share = chance.random() * 0.4
        while True:
            states = self.states(batch)
            settled = sum(
                number
                for state, number in states.items()
                if state in ("done", "already", "refused")
            )
            if states["sending"] and settled >= share * states.total():
                return True
            if settled == states.total():
                return False
            time.sleep(0.03)

    def await_settled(self, batch: int, seconds: float = 240.0) -> float:
        """Wait until every attempt has an outcome; how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            states = self.states(batch)
            if states and not {"queued", "sending", "asking", "waiting", "unclear"} & states.keys():
                return time.monotonic() - began
            time.sleep(0.1)
        raise Broken(f"batch {batch} was left unfinished: {dict(self.states(batch))}")


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
        batch, ids = stage.begin(kind, orders)
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
            first.kill()
            first.wait()
            stage.worker()
            return hit, stage.await_settled(batch)
        first.send_signal(signal.SIGSTOP)
        stage.worker()
        time.sleep(FREEZE_SECONDS)
        first.send_signal(signal.SIGCONT)
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
