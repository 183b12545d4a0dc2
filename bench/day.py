"""A day in an hour: people click, others scan, orders come in, batches run, all at once.

    python -m bench.day                                     an hour: 50 people click, 20 scan, 50 orders a minute
    python -m bench.day --minutes 5 --clicking 20 --scanning 10

Two cores carry the sandbox, the people and Crossdock. In one run: no answer is an error, every order that came
is in the book, nothing is packed or shipped twice, nothing is left undone, and memory stays within its bound.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.batches import logged_in, peak_of
from bench.rates import ready_to_ship
from bench.stage import Broken, Stage, stage

SHOPS = ("lazada-my", "lazada-sg", "shopee-my", "shopee-sg", "tiktok-my", "tiktok-sg")
LIST = "/c/demo/orders/?tab={}"
PAGES = (
    *(LIST.format(tab) for tab in ("new-order", "to-process", "to-ship", "shipped", "completed")),
    *(f"/c/demo/orders/live/?tab={tab}" for tab in ("new-order", "to-process", "to-ship")),
    "/c/demo/batches/",
    "/c/demo/orders/?tab=to-ship&q=2603",
)
_A_CLICK_S, _A_SCAN_S, _A_BATCH_S = 8.0, 6.0, 30.0
"""Between two of one person's."""
_MOST_MB = 400.0
"""Of the web process, and of a worker's two together, at most."""
_LATENCY_MS = 200
_SETTLED_WITHIN = 300.0


@dataclass
class Seen:
    """What the people were answered."""

    took: dict[str, list[float]] = field(
        default_factory=lambda: {"page": [], "scan": [], "pack": []}
    )
    wrong: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def time(self, kind: str, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        """Ask, and keep how long the answer took, in ms; None where it is an error."""
        began = time.perf_counter()
        try:
            answer = ask()
        except httpx.HTTPError as error:
            self.wrong.append(f"{kind}: {error!r}")
            return None
        self.took[kind].append((time.perf_counter() - began) * 1000)
        if answer.status_code not in (200, 204):
            self.wrong.append(f"{kind}: {answer.status_code} {answer.url} {answer.text[:100]}")
            return None
        return answer


def main() -> int:
    """Play the day; 0 when every promise holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--clicking", type=int, default=50)
    parser.add_argument("--scanning", type=int, default=20)
    parser.add_argument("--orders", type=int, default=50, help="that come in a minute")
    options = parser.parse_args()
    with stage() as played:
        _play(played, options)
    print("Every promise held.", flush=True)
    return 0


def _play(played: Stage, options: argparse.Namespace) -> None:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    played.hurry(True)
    _say_how_everything_is_shipped(played)
    played.start_web()
    worker = played.worker(concurrency=8)
    played.await_ready()
    played.webhooks(on=True)
    for system in ("lazada", "shopee", "tiktok"):
        played.sandbox.post("/latency", system=system, ms=_LATENCY_MS)
    seen, parcels, made, over = Seen(), deque[str](), list[str](), threading.Event()
    packer, manager = logged_in("packer@demo.test"), logged_in("manager@demo.test")
    people = [
        *([lambda: _click_about(seen, _beside(packer), over)] * options.clicking),
        *([lambda: _scan_parcels(seen, _beside(packer), parcels, over)] * options.scanning),
        lambda: _pack_all(seen, _beside(manager), played, parcels, over),
        lambda: _bring_orders(played, made, options.orders, over),
    ]
    with ThreadPoolExecutor(len(people)) as threads:
        doing = [threads.submit(one) for one in people]
        wait(doing, timeout=options.minutes * 60, return_when=FIRST_EXCEPTION)
        over.set()
        for one in doing:
            one.result()
    _await_quiet(played)
    memory = {
        "web": peak_of(played.workers[0].pid) / 1e6,
        "worker": peak_of(worker.pid) / 1e6,
    }
    _tell(seen, made, memory, options)
    _judge(played, seen, made, memory)


def _say_how_everything_is_shipped(played: Stage) -> None:
    """Answer once, per store, what the dialog asks of its first orders."""
    from crossdock.channels.registry import channel
    from crossdock.companies.scope import company_scope

    with company_scope(played.company):
        for shop in SHOPS:
            store = played.store(shop)
            ready_to_ship(played, store, channel(store.channel), 12)


def _beside(browser: httpx.Client) -> httpx.Client:
    """Return another browser in the same login: so many logins from one address would be slowed down."""
    return httpx.Client(
        base_url=browser.base_url, cookies=browser.cookies, timeout=60, trust_env=False
    )


def _click_about(seen: Seen, browser: httpx.Client, over: threading.Event) -> None:
    chance = random.Random()
    with browser as client:
        while not over.wait(chance.expovariate(1 / _A_CLICK_S)):
            seen.time("page", lambda: client.get(chance.choice(PAGES)))


def _scan_parcels(
    seen: Seen, browser: httpx.Client, parcels: deque[str], over: threading.Event
) -> None:
    chance = random.Random()
    with browser as client:
        while not over.wait(chance.expovariate(1 / _A_SCAN_S)):
            code = parcels.popleft() if parcels else f"unknown-{chance.randrange(10**6)}"
            form = {"code": code, "nonce": f"{time.time_ns()}-{chance.random()}"}
            answer = seen.time("scan", lambda form=form: _post(client, "/c/demo/scan/take/", form))  # type: ignore[misc]
            if answer is not None:
                seen.answers[answer.json()["answer"]] += 1


def _pack_all(
    seen: Seen, browser: httpx.Client, played: Stage, parcels: deque[str], over: threading.Event
) -> None:
    """Pack what waits in New Order, again and again, and hand what is packed to those who scan."""
    given: set[str] = set()
    with browser as client:
        while not over.wait(_A_BATCH_S):
            form = {
                "action": "pack", "query": "tab=new-order", "all": "1", "sure": "1",
                "form_key": f"day-{time.time_ns()}",
            }  # fmt: skip
            seen.time("pack", lambda form=form: _post(client, "/c/demo/orders/act/", form))  # type: ignore[misc]
            for order_id in _to_process(played):
                if order_id not in given:
                    given.add(order_id)
                    parcels.append(order_id)


def _bring_orders(played: Stage, made: list[str], a_minute: int, over: threading.Event) -> None:
    chance = random.Random(7)
    while not over.wait(60 / a_minute):
        made += played.sandbox.orders(1, chance.choice(SHOPS), lines=chance.randint(1, 3))


def _post(client: httpx.Client, path: str, form: dict[str, str]) -> httpx.Response:
    return client.post(
        path,
        data={**form, "csrfmiddlewaretoken": client.cookies["csrftoken"]},
        headers={
            "Referer": str(client.base_url), "HX-Request": "true", "Accept": "application/json",
        },
    )  # fmt: skip


def _to_process(played: Stage) -> list[str]:
    from django.db import connection

    from crossdock.companies.scope import company_scope
    from crossdock.orders.models import Order

    try:
        with company_scope(played.company):
            waits = Order.objects.filter(tab="to-process").order_by("pk")
            return list(waits.values_list("channel_order_id", flat=True))
    finally:
        connection.close()


def _await_quiet(played: Stage) -> None:
    """Until nothing is under way any more. Raises Broken where something never ends."""
    from crossdock.companies.scope import company_scope
    from crossdock.work.models import OPEN, Attempt

    until = time.monotonic() + _SETTLED_WITHIN
    with company_scope(played.company):
        while left := Attempt.objects.filter(state__in=OPEN).count():
            if time.monotonic() > until:
                raise Broken(f"{left} attempts were left undone")
            time.sleep(0.5)


def _tell(
    seen: Seen, made: Sequence[str], memory: dict[str, float], options: argparse.Namespace
) -> None:
    print(
        f"{options.minutes:g} minutes: {options.clicking} people clicking, {options.scanning} scanning, "
        f"{len(made)} orders came; scans: {dict(seen.answers)}",
        flush=True,
    )
    for kind, took in seen.took.items():
        took.sort()
        marks = [took[min(int(len(took) * share), len(took) - 1)] for share in (0.5, 0.95, 0.99)]
        print(
            f"{kind:5} {len(took):6} answers, half within {marks[0]:.0f} ms, 95 of 100 within "
            f"{marks[1]:.0f}, 99 within {marks[2]:.0f}, all within {took[-1]:.0f}",
            flush=True,
        )
    print(
        f"{len(seen.wrong)} errors; peak of web {memory['web']:.0f} MB, of a worker's processes "
        f"{memory['worker']:.0f} MB at most",
        flush=True,
    )


def _judge(played: Stage, seen: Seen, made: list[str], memory: dict[str, float]) -> None:
    from crossdock.companies.scope import company_scope
    from crossdock.orders.models import Order

    if seen.wrong:
        raise Broken(f"{len(seen.wrong)} errors, such as {seen.wrong[:3]}")
    with company_scope(played.company):
        here = set(Order.objects.values_list("channel_order_id", flat=True))
    if lost := set(made) - here:
        raise Broken(f"{len(lost)} of {len(made)} orders never came into the book")
    for effect in ("pack", "ship"):
        counts = Counter(
            row["order_id"] for row in played.sandbox.ledger(effect) if row["accepted"]
        )
        if twice := [order_id for order_id, count in counts.items() if count > 1]:
            raise Broken(f"{len(twice)} orders have more than one {effect}: {twice[:3]}")
    if max(memory.values()) > _MOST_MB:
        raise Broken(f"memory went up to {max(memory.values()):.0f} MB")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
