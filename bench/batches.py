"""Many orders packed by one click: the click, the page meanwhile, the outcomes, and the memory.

    python -m bench.batches                        5,000 orders, then 50,000
    python -m bench.batches --sizes 500 5000

Each size is a process of its own with a fresh web process and a fresh worker. What must hold: "all that
match" answers within 1.5 times the same click on 5 orders, every order has its outcome and was packed
once, the list answers while the batch runs, and web and worker take no more than 1.2 times the memory.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench.stage import Broken, Stage, stage

if TYPE_CHECKING:
    from crossdock.stores.models import Store

SHOPS = ("lazada-my", "lazada-sg")
_FEW, _CLICKS = 5, 9
_AS_QUICK, _NO_MORE, _USABLE_S = 1.5, 1.2, 1.0
_NOISE_MS = 10.0
_MADE_AT_ONCE = 1000


def main() -> int:
    """Measure the sizes that are asked for, or (in a child) one; 0 when every promise holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[5_000, 50_000])
    parser.add_argument("--one", type=int, help="a child's part")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_one(options.one)))
        return 0
    told = [_child(size) for size in options.sizes]
    first, last = told[0], told[-1]
    for name in ("web", "worker"):
        if last[name] > first[name] * _NO_MORE:
            raise Broken(f"{name}: {first[name] / 1e6:.0f} MB, then {last[name] / 1e6:.0f} MB")
    print("Every promise held.", flush=True)
    return 0


def _child(size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.batches", "--one", str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{size:,} orders: the click on {_FEW} {told['few']:.0f} ms, on all {told['all']:.0f} ms; packed in "
        f"{told['seconds']:.0f} s; the list answered within {told['idle']:.0f} ms before and "
        f"{told['busy']:.0f} ms meanwhile (95 of 100 within {told['busy95']:.0f}); "
        f"peak of web {told['web'] / 1e6:.0f} MB, of worker {told['worker'] / 1e6:.0f} MB",
        flush=True,
    )
    return told


def _one(size: int) -> dict[str, Any]:
    from django.core.management import call_command

    with stage() as played:
        call_command("collectstatic", verbosity=0, interactive=False)
        played.hurry(True)
        clicks = _FEW * (_CLICKS + 1)
        few = _brought_in(played, SHOPS[0], clicks)
        played.start_web()
        client = logged_in("packer@demo.test")
        quick = _clicks(client, few)
        ids = {shop: _in_book(played, shop, size // len(SHOPS)) for shop in SHOPS}
        worker = played.worker()
        played.await_ready()
        _await_settled(played, clicks)
        idle = [_looked(client) for _ in range(20)]
        began = time.monotonic()
        took = _click(client, {"all": "1"})
        looks = []
        while not _is_settled(played, clicks + size):
            looks.append(_looked(client))
            time.sleep(0.5)
            if time.monotonic() - began > 60 + size / 10:
                raise Broken(f"not settled after {time.monotonic() - began:.0f} s")
        seconds = time.monotonic() - began
        _witness(played, ids, size)
        memory = {"web": peak_of(played.workers[0].pid), "worker": peak_of(worker.pid)}
    usual, p95 = statistics.median(quick), sorted(looks)[int(len(looks) * 0.95) - 1]
    if took > usual * _AS_QUICK + _NOISE_MS:
        raise Broken(f"the click on all took {took:.0f} ms, on {_FEW} {usual:.0f} ms")
    if p95 > _USABLE_S * 1000:
        raise Broken(f"the list answered within {p95:.0f} ms while the batch ran")
    return {
        "few": usual, "all": took, "seconds": seconds, "idle": statistics.median(idle),
        "busy": statistics.median(looks), "busy95": p95, **memory,
    }  # fmt: skip


def _brought_in(played: Stage, shop: str, count: int) -> list[int]:
    """New orders out there and in the book; their keys."""
    from crossdock.companies.scope import company_scope
    from crossdock.orders.models import Order

    ids = _in_book(played, shop, count)
    with company_scope(played.company):
        return list(Order.objects.filter(channel_order_id__in=ids).values_list("pk", flat=True))


def _in_book(played: Stage, shop: str, count: int) -> list[str]:
    from crossdock.channels.registry import channel
    from crossdock.companies.scope import company_scope

    made: list[str] = []
    known = channel("lazada")
    pace, known.limits = known.limits, _unlimited(known)
    try:
        with company_scope(played.company):
            store = played.store(shop)
            for start in range(0, count, _MADE_AT_ONCE):
                ids = played.sandbox.orders(min(_MADE_AT_ONCE, count - start), shop)
                _read(store, ids)
                made += ids
    finally:
        known.limits = pace
    return made


def _read(store: Store, ids: list[str]) -> None:
    from crossdock.channels.registry import channel
    from crossdock.sync.reading import look_at

    size = channel(store.channel).limits.fetch_orders
    for first in range(0, len(ids), size):
        look_at(store, ids[first : first + size])


def _unlimited(known: Any) -> Any:
    from dataclasses import replace

    return replace(known.limits, per_shop=10_000.0, per_app=10_000.0)


def logged_in(login: str) -> httpx.Client:
    """Return a browser in which this person of the demo is logged in."""
    from crossdock.ops.check import DEMO_PASSWORD

    url = os.environ["CROSSDOCK_PUBLIC_URL"]
    client = httpx.Client(base_url=url, timeout=60, trust_env=False)
    client.get("/accounts/login/")
    form = {
        "login": login,
        "password": DEMO_PASSWORD,
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
    }
    answer = client.post(
        "/accounts/login/", data=form, headers={"Referer": f"{url}/accounts/login/"}
    )
    if answer.status_code != 302:
        raise Broken(f"no login: {answer.status_code}")
    return client


def _clicks(client: httpx.Client, keys: list[int]) -> list[float]:
    """Pack on a few orders, again and again (the first one warms up); ms."""
    parts = [keys[start : start + _FEW] for start in range(0, len(keys), _FEW)]
    return [_click(client, {"orders": [str(key) for key in part]}) for part in parts][1:]


def _click(client: httpx.Client, what: dict[str, Any]) -> float:
    form = {
        "action": "pack", "query": "tab=new-order", "form_key": f"bench-{time.time_ns()}",
        "csrfmiddlewaretoken": client.cookies["csrftoken"], **what,
    }  # fmt: skip
    began = time.perf_counter()
    answer = client.post(
        "/c/demo/orders/act/", data=form,
        headers={"Referer": str(client.base_url), "HX-Request": "true"},
    )  # fmt: skip
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200 or "is running" not in answer.text:
        raise Broken(f"the click began nothing: {answer.status_code} {answer.text[:300]}")
    return took


def _looked(client: httpx.Client) -> float:
    """The list, as somebody else looks at it; ms."""
    began = time.perf_counter()
    answer = client.get("/c/demo/orders/?tab=to-process")
    if answer.status_code != 200:
        raise Broken(f"the list answered {answer.status_code}")
    return (time.perf_counter() - began) * 1000


def _is_settled(played: Stage, count: int) -> bool:
    from crossdock.companies.scope import company_scope
    from crossdock.work.models import OPEN, SETTLED, Attempt, Batch

    with company_scope(played.company):
        if Batch.objects.filter(filled_at__isnull=True).exists():
            return False
        if Attempt.objects.filter(state__in=OPEN).exists():
            return False
        return Attempt.objects.filter(state__in=SETTLED).count() >= count


def _await_settled(played: Stage, count: int) -> None:
    until = time.monotonic() + 120
    while not _is_settled(played, count):
        if time.monotonic() > until:
            raise Broken("the first clicks were never settled")
        time.sleep(0.2)


def _witness(played: Stage, ids: dict[str, list[str]], size: int) -> None:
    """Every order has its outcome, and was packed once out there."""
    from crossdock.companies.scope import company_scope
    from crossdock.work.models import Batch

    with company_scope(played.company):
        batch = Batch.objects.order_by("-pk")[0]
        states = Counter(batch.attempts.values_list("state", flat=True))
    if states != {"done": size}:
        raise Broken(f"{size} orders were packed, the outcomes say {dict(states)}")
    packed = Counter(row["order_id"] for row in played.sandbox.ledger("pack") if row["accepted"])
    wrong = [one for some in ids.values() for one in some if packed[one] != 1]
    if wrong:
        raise Broken(f"{len(wrong)} orders were not packed once: {wrong[:3]}")


def peak_of(group: int) -> int:
    """The largest peak of the processes of a group, in bytes."""
    peaks = [0]
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(entry.name)) != group:
                continue
            found = re.search(r"VmHWM:\s*(\d+)", (entry / "status").read_text())
        except OSError:
            continue
        peaks.append(int(found[1]) * 1024 if found else 0)
    return max(peaks)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
