"""Posting: every order once, to the cent, whatever fails on the way.

    python -m bench.postings                      2,000 orders of all shops, faults of every kind, 20 kills
    python -m bench.postings --orders 200 --kills 3
    python -m bench.postings --speed              how busy the books are kept, at 50 ms a call

SQL Account takes a second invoice of the same number here (``duplicates: take``), so that a client
which repeats blindly is found out. What an order is billed at is recomputed from the sandbox's own
truth, never by our rules.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.stage import Broken, Stage, stage

if TYPE_CHECKING:
    from crossdock.work.models import Batch

FINISHED = {"lazada": "delivered", "shopee": "COMPLETED", "tiktok": "DELIVERED"}
KINDS = ("error_500", "error_429", "drop_before", "drop_after", "slow", "malformed")
_FAULTY = 0.05
_CHANGED = 100
_LATENCY_MS = 50


def main() -> int:
    """Run the proof; 0 when every promise held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with stage() as played:
        if options.speed:
            _speed(played, options.orders)
        else:
            _prove(played, options.orders, options.kills, random.Random(options.seed))
    print("Every promise held.", flush=True)
    return 0


def _prove(played: Stage, orders: int, kills: int, chance: random.Random) -> None:
    from crossdock.companies.scope import company_scope

    with company_scope(played.company):
        keys = _finished(played, orders)
        began = time.monotonic()
        for kind in KINDS:
            played.sandbox.post(
                "/faults", system="sqlaccount", kind=kind, probability=_FAULTY, delay_ms=300
            )
        batch = _press(played, keys, "first")
        killed = _work_and_kill(played, batch, kills, chance)
        played.sandbox.control.delete("/faults").raise_for_status()
        _settle(played, batch)
        print(f"{len(keys)} orders in {time.monotonic() - began:.0f} s, {killed} kills", flush=True)
        _compare(played)

        before = _changing_calls(played)
        again = _press(played, keys, "again")
        _settle(played, again)
        if (made := _changing_calls(played) - before) or played.states(again.pk)["already"] != len(
            keys
        ):
            raise Broken(f"posting again: {made} changing calls, {dict(played.states(again.pk))}")
        print("posted again: 0 changing calls", flush=True)
        _change_some(played, keys, chance)


def _finished(played: Stage, count: int) -> list[int]:
    """Finished orders of every shop, in our book and mapped; their keys."""
    from crossdock.channels.registry import channel
    from crossdock.orders.models import Order
    from crossdock.posting.mapping_sheet import Part, set_parts
    from crossdock.posting.models import SkuCode
    from crossdock.posting.seen import unmapped
    from crossdock.sync.reading import look_at

    played.hurry(True)
    shops = [
        (name, one["shop"]) for name in FINISHED for one in played.sandbox.identities[name]["shops"]
    ]
    ids: list[str] = []
    for name, shop in shops:
        made = played.sandbox.orders(count // len(shops) + 1, shop, status=FINISHED[name])
        store, known = played.store(shop), channel(name)
        for first in range(0, len(made), known.limits.fetch_orders):
            look_at(store, made[first : first + known.limits.fetch_orders])
        ids += made
    set_parts(
        "MUG-SET4",
        [
            Part("MUG-BLUE", "UNIT", Decimal(2), Decimal("0.5")),
            Part("MUG-SAND", "UNIT", Decimal(2), Decimal("0.5")),
        ],
        played.company.pk,
    )
    for sku in unmapped():
        SkuCode.objects.create(company=played.company, sku=sku, item_code="BTL-500-BK", uom="UNIT")
    rows = Order.objects.filter(channel_order_id__in=ids)
    print(
        f"{rows.count()} finished orders: {dict(Counter(rows.values_list('tab', flat=True)))}",
        flush=True,
    )
    return list(
        rows.filter(tab__in=("shipped", "delivered", "completed")).values_list("pk", flat=True)[
            :count
        ]
    )


def _press(played: Stage, keys: Sequence[int], form: str) -> Batch:
    from crossdock.companies.models import Person
    from crossdock.work.batch import start

    return start(
        played.company,
        Person.objects.get(email="books@demo.test"),
        "post",
        form_key=f"{form}-{time.time_ns()}",
        order_ids=list(keys),
    )


def _work_and_kill(played: Stage, batch: Batch, kills: int, chance: random.Random) -> int:
    """Two workers; one is killed while a call is in the air, and another begins. How many were."""
    for _ in range(2):
        played.worker()
    killed = 0
    while killed < kills:
        time.sleep(1.0 + chance.random() * 4)
        if not _in_flight(played, batch):
            break
        victim = next(one for one in played.workers if one.poll() is None)
        played.strike(victim, signal.SIGKILL)
        victim.wait()
        played.worker()
        killed += 1
    return killed


def _in_flight(played: Stage, batch: Batch) -> bool:
    """Wait until a call of the run is in the air; False when the run is over."""
    while True:
        states = played.states(batch.pk)
        if states["sending"]:
            return True
        if states and not {"queued", "sending", "asking"} & states.keys():
            return False
        time.sleep(0.02)


def _settle(played: Stage, batch: Batch) -> None:
    """Wait for the run's end; what could not be told is asked for again, as a person would."""
    from crossdock.work.batch import ask_again
    from crossdock.work.models import Attempt

    if not any(one.poll() is None for one in played.workers):
        played.worker()
    deadline = time.monotonic() + 3600
    while time.monotonic() < deadline:
        states = played.states(batch.pk)
        if states and not {"queued", "sending", "asking", "waiting"} & states.keys():
            unclear = list(
                Attempt.objects.filter(batch=batch, state="unclear").select_related("lane")
            )
            if not unclear:
                return
            for one in unclear:
                ask_again(one)
        time.sleep(0.3)
    raise Broken(f"left in progress: {dict(played.states(batch.pk))}")


def _documents() -> list[dict[str, Any]]:
    """Every sales invoice that the books hold, whole list, by our own client."""
    from crossdock.posting.connect import client_of
    from crossdock.posting.mapping import connection

    return list(client_of(connection()).every("/salesinvoice"))


def _billed(played: Stage) -> dict[str, Decimal]:
    """Order id → what it is billed at, by the sandbox's own truth."""
    rows = played.sandbox.get("/orders")["orders"]
    return {row["order_id"]: Decimal(row["total"]).quantize(Decimal("0.01")) for row in rows}


def _compare(played: Stage) -> None:
    """Raises Broken unless every posted order has one document, right to the cent."""
    from crossdock.work.models import Attempt

    bad = Attempt.objects.filter(action="post").exclude(state__in=("done", "already"))
    if words := list(bad.values_list("state", "words")[:5]):
        raise Broken(f"{bad.count()} postings did not end well: {words}")
    done = Attempt.objects.filter(action="post", state="done")
    wanted = set(done.values_list("order__channel_order_id", flat=True))
    billed, held = _billed(played), _documents()
    count = Counter(str(one["docref1"]) for one in held)
    if wrong := {order_id: count[order_id] for order_id in wanted if count[order_id] != 1}:
        raise Broken(f"not exactly one document: {dict(list(wrong.items())[:5])} of {len(wrong)}")
    off = {
        one["docref1"]: (one["docamt"], billed[one["docref1"]])
        for one in held
        if one["docref1"] in wanted and Decimal(str(one["docamt"])) != billed[one["docref1"]]
    }
    if off:
        raise Broken(f"{len(off)} totals differ: {dict(list(off.items())[:5])}")
    total = sum(
        (Decimal(str(one["docamt"])) for one in held if one["docref1"] in wanted), Decimal(0)
    )
    print(f"{len(wanted)} orders, one document each, {total} in all, right to the cent", flush=True)


def _changing_calls(played: Stage) -> int:
    return len(played.sandbox.get("/ledger?system=sqlaccount")["calls"])


def _change_some(played: Stage, keys: Sequence[int], chance: random.Random) -> None:
    """Change orders at the channel: exactly these come back, and are brought up to date in place."""
    from crossdock.orders.models import Order
    from crossdock.sync.reading import look_at

    rows = {one["docref1"]: one for one in _documents()}
    lazada = list(Order.objects.filter(pk__in=keys, store__channel="lazada").order_by("pk"))
    picked = chance.sample(lazada, min(_CHANGED, len(lazada)))
    for order in picked:
        played.sandbox.event(order.channel_order_id, "update_price")
        look_at(order.store, [order.channel_order_id])
    back = set(Order.objects.filter(pk__in=keys, archived=False).values_list("pk", flat=True))
    if back != {order.pk for order in picked}:
        raise Broken(f"{len(back)} orders came back where {len(picked)} were changed")
    run = _press(played, keys, "changed")
    _settle(played, run)
    if played.states(run.pk)["done"] != len(picked):
        raise Broken(f"after a change: {dict(played.states(run.pk))}")
    _compare(played)
    for one in _documents():
        if one["docref1"] in rows and one["dockey"] != rows[one["docref1"]]["dockey"]:
            raise Broken(f"{one['docno']} was made anew")
    _rows_are_right([order.channel_order_id for order in picked])
    print(
        f"{len(picked)} changed orders came back and were brought up to date in place", flush=True
    )


def _rows_are_right(order_ids: Sequence[str]) -> None:
    from crossdock.posting.building import documents_of
    from crossdock.posting.connect import client_of
    from crossdock.posting.mapping import connection
    from crossdock.posting.models import PostedInvoice
    from crossdock.posting.sqlaccount.documents import Kind, rows_of

    client = client_of(connection())
    for posted in PostedInvoice.objects.filter(order__channel_order_id__in=order_ids):
        held = rows_of(client.document(Kind.INVOICE, posted.document_key or 0))
        made = documents_of(posted.order).invoice
        worth = [row for row in held if Decimal(str(row["qty"]))]
        if made is None or len(worth) != len(made.lines):
            raise Broken(f"{posted.number} has {len(worth)} rows")


def _speed(played: Stage, orders: int) -> None:
    """How much of the time a call is in the air, and how many calls an order takes."""
    from crossdock.companies.scope import company_scope

    with company_scope(played.company):
        keys = _finished(played, orders)
        played.sandbox.post("/latency", system="sqlaccount", ms=_LATENCY_MS)
        played.worker()
        time.sleep(3.0)
        alone = _one_call()
        before = _calls(played)
        began = time.monotonic()
        batch = _press(played, keys, "speed")
        _settle(played, batch)
        took, made = time.monotonic() - began, _calls(played) - before
        busy = made * alone / took
        print(
            f"{len(keys)} orders, {made} calls ({made / len(keys):.2f} an order) in {took:.1f} s, "
            f"{alone * 1000:.0f} ms each: "
            f"a call in the air {busy * 100:.1f}% of the time",
            flush=True,
        )
        if made > 2 * len(keys):
            raise Broken(f"{made} calls for {len(keys)} new orders")
        if busy < 0.9:
            raise Broken(f"the books were busy {busy * 100:.1f}% of the time only")


def _one_call() -> float:
    """Seconds that one call takes by itself, on the line."""
    from crossdock.posting.connect import client_of
    from crossdock.posting.mapping import connection
    from crossdock.posting.sqlaccount.documents import Kind

    client, took = client_of(connection()), []
    for _ in range(20):
        began = time.monotonic()
        client.numbered(Kind.INVOICE, "NONE")
        took.append(time.monotonic() - began)
    return sorted(took)[len(took) // 2]


def _calls(played: Stage) -> int:
    stats = played.sandbox.get("/stats")["calls"]
    return sum(number for name, number in stats.items() if name.startswith("sqlaccount "))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
