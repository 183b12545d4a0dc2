"""A busy day, on threads of its own: buyers and couriers out there, and people of the demo company at the desk."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from bench.clicking import Answers, Somebody
from bench.stage import Broken

if TYPE_CHECKING:
    from bench.stage import Stage
    from tests.sandbox.running import RunningSandbox

SHOPS = ("lazada-my", "lazada-sg", "shopee-my", "shopee-sg", "tiktok-my", "tiktok-sg")
PAGES = (
    "orders/?tab=new-order", "orders/?tab=to-ship", "orders/?tab=shipped", "orders/live/?tab=new-order",
    "batches/", "scan/", "stock-pick/", "stores/", "papers/", "posting/",
)  # fmt: skip
EVENTS = ("pick_up", "pick_up", "deliver", "deliver", "complete", "request_cancel")
_EVENTS_AN_ORDER = 4
_PAUSE = 0.4
"""Seconds between one deed of somebody and the next."""
_APART = "&channel=lazada", "&channel=shopee&channel=tiktok"
ONCE = ("pack", "ship", "invoice_create", "accept_cancel")
"""Effects that an order of such a day, in one parcel, has once."""


class BusyDay:
    """What a busy day brings, on threads of its own."""

    def __init__(self, sandbox: RunningSandbox, *, apart: bool = False) -> None:
        """``apart``: the scanner and the buttons serve shops of their own."""
        self.sandbox, self.answers = sandbox, Answers()
        self._scanned, self._clicked = _APART if apart else ("", "")
        self.made: list[tuple[str, str]] = []
        """Shop and order id of every order that came while it lasted."""
        self.done: Counter[str] = Counter()
        self._over = threading.Event()
        self._chance = random.Random(20261130)
        self._problems: list[str] = []

    @contextmanager
    def on(self) -> Iterator[None]:
        """While this is open: buyers, couriers, a packer, a bookkeeper, and a manager who looks around."""
        deeds = (self._buy, self._pack, self._scan, self._post, self._look)
        threads = [threading.Thread(target=self._until_over, args=[deed]) for deed in deeds]
        for one in threads:
            one.start()
        try:
            yield
        finally:
            self._over.set()
            for one in threads:
                one.join()
        if self._problems:
            raise Broken("the load broke off: " + "; ".join(self._problems))

    @contextmanager
    def told(self, when: str) -> Iterator[None]:
        """Say how long this took, and what came of the load meanwhile."""
        answers, began = self.answers, time.monotonic()
        since, broken = len(answers.waits), len(answers.broken)
        yield
        waits = sorted(answers.waits[since:]) or [0.0]
        print(
            f"{when}, {time.monotonic() - began:.1f} s: {len(waits)} requests, half within "
            f"{waits[len(waits) // 2] * 1000:.0f} ms, all within {waits[-1] * 1000:.0f}; "
            f"{len(answers.broken) - broken} error pages; so far {self._told()}",
            flush=True,
        )

    def _told(self) -> str:
        return ", ".join(f"{number} {what}" for what, number in sorted(self.done.items()))

    def _until_over(self, deed: Callable[[], Iterator[None]]) -> None:
        try:
            for _ in deed():
                if self._over.wait(_PAUSE):
                    return
        except (httpx.HTTPError, ValueError, LookupError) as problem:
            self._problems.append(f"{deed.__name__}: {problem!r}")

    def _buy(self) -> Iterator[None]:
        """Buyers and couriers: an order, and what happens to earlier ones."""
        while True:
            shop = self._chance.choice(SHOPS)
            self.made += [(shop, one) for one in self.sandbox.orders(1, shop)]
            self.done["orders"] += 1
            for _ in range(_EVENTS_AN_ORDER):
                yield
                shop, order_id = self._chance.choice(self.made)
                event = {"event": self._chance.choice(EVENTS), "shop": shop}
                path = f"/orders/{shop.partition('-')[0]}/{order_id}/event"
                self.done["events"] += self.sandbox.control.post(path, json=event).is_success
            yield

    def _pack(self) -> Iterator[None]:
        """Packs, has what is packed shipped, and prints."""
        packer = self._person("packer")
        while True:
            self.done["pack"] += packer.press("pack", "new-order", 3)
            yield
            self.done["ship"] += packer.press("ship", "to-process", 3, self._clicked)
            yield
            self.done["print_awb"] += packer.press("print_awb", "to-ship", 3)
            yield

    def _scan(self) -> Iterator[None]:
        """Ships by scanning."""
        packer = self._person("packer")
        while True:
            for order_id in packer.listed("to-process", self._scanned)[:2]:
                self.done[f"scan {packer.scan(order_id)}"] += 1
                yield
            yield

    def _post(self) -> Iterator[None]:
        """Brings what was shipped into the books."""
        bookkeeper = self._person("books")
        while True:
            for tab in ("shipped", "delivered", "completed"):
                self.done["post"] += bookkeeper.press("post", tab, 3)
                yield

    def _look(self) -> Iterator[None]:
        """Opens one page after the other."""
        manager = self._person("owner")
        while True:
            for page in PAGES:
                manager.open(f"/c/demo/{page}")
                yield

    def _person(self, name: str) -> Somebody:
        return Somebody(os.environ["CROSSDOCK_PUBLIC_URL"], f"{name}@demo.test", self.answers)


def nothing_twice(sandbox: RunningSandbox) -> None:
    """Raises Broken unless the ledger has each effect of each order once."""
    done: dict[tuple[str, str, str], list[str]] = {}
    for one in sandbox.get("/ledger")["calls"]:
        if one["accepted"] and one["effect"] in ONCE and one["order_id"]:
            key = (one["system"], one["effect"], one["order_id"])
            told = f"{one['at']} {one['path']} {'answered' if one['answered'] else 'cut off'}"
            done.setdefault(key, []).append(told)
    if twice := {key: told for key, told in done.items() if len(told) > 1}:
        raise Broken(f"done more than once: {twice}")


def all_as_out_there(played: Stage, made: Sequence[tuple[str, str]], seconds: float) -> float:
    """Wait until nothing is under way and every order is as it is out there; how long that took. Raises
    Broken."""
    from bench.histories import differences

    began = time.monotonic()
    while wrong := [*_under_way(played), *differences(played, list(made))]:
        if time.monotonic() - began > seconds:
            raise Broken(f"{len(wrong)} differences remain:\n" + "\n".join(wrong[:20]))
        time.sleep(1)
    return time.monotonic() - began


def _under_way(played: Stage) -> list[str]:
    from crossdock.companies.scope import company_scope
    from crossdock.work.models import Attempt

    with company_scope(played.company):
        moving = Attempt.objects.filter(state__in=("queued", "sending", "asking"))
        return [str(one) for one in moving.select_related("order")]
