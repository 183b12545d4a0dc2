"""Random lives of orders: whatever happens on the way, our book ends up telling the truth.

    python -m bench.histories                          1,000 histories
    python -m bench.histories --histories 20 --seed 7

A history is an example of a Hypothesis state machine: a few orders in shops of all channels, and then
buyers, couriers, deadlines, our own buttons, faults on the line, webhooks that come twice, late, out
of order or not at all, and workers killed with SIGKILL. When both sides are quiet, every order of the
book is compared with the sandbox's truth: ids, status, lines (SKU, quantity, price, status), packages
(tracking number, courier), billed total, and the tab that the printed table promises.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from bench.stage import Broken, Stage, stage
from bench.truth import expected_tab

if TYPE_CHECKING:
    from crossdock.orders.models import Order
    from crossdock.stores.models import Store

TIMES = "lease=6,slice=3,ask_first=0.3,ask_second=1,ask_last=4,heartbeat=1,stalled=3,sweep=0.5,settle=2,pull_lease=4"
SHOPS = ["lazada-my", "lazada-sg", "shopee-my", "shopee-sg", "tiktok-my", "tiktok-sg"]
EVENTS = (
    "pay", "request_cancel", "withdraw_cancel", "request_return", "change_address", "pick_up",
    "deliver", "complete", "lose", "send_back", "update_price",
)  # fmt: skip
DEEDS = ("pack", "pack", "ship", "ship", "deliver", "accept", "reject")
FAULTS = (
    "error_500", "error_429", "drop_before", "drop_after", "slow", "expire_token",
    "duplicate_webhook", "malformed",
)  # fmt: skip
_QUIET_SECONDS = 60.0
_TELL_EVERY = 25

Key = tuple[str, str]
"""A shop's short name and an order id."""


class History(RuleBasedStateMachine):
    """One history."""

    played: ClassVar[Stage]
    happened: ClassVar[Counter[str]] = Counter()
    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Key] = []
        self.happened["histories"] += 1

    @rule(
        target=orders,
        shop=st.deferred(lambda: st.sampled_from(SHOPS)),
        lines=st.integers(1, 4),
        more=st.sampled_from(["", "", "unpaid", "self_delivery"]),
    )
    def buy(self, shop: str, lines: int, more: str) -> Key:
        """Somebody orders something."""
        extra: dict[str, Any] = {}
        if more == "unpaid":
            extra["status"] = "unpaid" if shop.startswith("lazada") else "UNPAID"
        if more == "self_delivery":
            extra["self_delivery"] = shop.endswith("-sg")
        order_id = self.played.sandbox.orders(1, shop, lines=lines, **extra)[0]
        self.known.append((shop, order_id))
        self.happened["orders"] += 1
        return shop, order_id

    @rule(order=orders, event=st.sampled_from(EVENTS))
    def happens(self, order: Key, event: str) -> None:
        """A buyer or a courier does something, where the platform lets them."""
        shop, order_id = order
        answer = self.played.sandbox.control.post(
            f"/orders/{channel_of(shop)}/{order_id}/event", json={"event": event, "shop": shop}
        )
        self.happened[event if answer.status_code == 200 else "events not possible"] += 1

    @rule(order=orders, deed=st.sampled_from(DEEDS))
    def we_act(self, order: Key, deed: str) -> None:
        """Somebody presses one of our buttons."""
        self.happened[f"we {deed}"] += act(self.played, order, deed)

    @rule(
        system=st.sampled_from(["lazada", "shopee", "tiktok"]),
        kind=st.sampled_from(FAULTS),
        times=st.integers(1, 3),
    )
    def breaks(self, system: str, kind: str, times: int) -> None:
        """Something goes wrong on the line."""
        self.played.sandbox.post("/faults", system=system, kind=kind, times=times, delay_ms=300)
        self.happened[kind] += 1

    @rule(place=st.integers(0, 10**6))
    def a_message_comes_again(self, place: int) -> None:
        """An old webhook is delivered once more."""
        sent = self.played.sandbox.get("/webhooks")["webhooks"]
        if sent:
            number = sent[place % len(sent)]["id"]
            self.played.sandbox.post(f"/webhooks/{number}/again")
            self.happened["old webhooks"] += 1

    @rule(loud=st.booleans())
    def webhooks_come_or_stay_away(self, loud: bool) -> None:
        """The platforms push, or do not."""
        self.played.webhooks(on=loud)

    @rule()
    def the_schedule_strikes(self) -> None:
        """All stores are pulled."""
        self.played.pull_all()

    @rule(chance=st.integers(0, 4))
    def a_worker_is_killed(self, chance: int) -> None:
        """kill -9, now and then: another one is started."""
        if chance == 0:
            self.played.kill_a_worker()
            self.happened["kills"] += 1

    def teardown(self) -> None:
        """When both sides are quiet, the book equals the truth."""
        self.played.sandbox.control.delete("/faults").raise_for_status()
        self.played.webhooks(on=True)
        until = time.monotonic() + _QUIET_SECONDS
        while True:
            self.played.link_again()
            self.played.settle(until)
            wrong = differences(self.played, self.known)
            if not wrong:
                self._tell()
                return
            if time.monotonic() > until:
                raise Broken("\n".join(wrong))

    def _tell(self) -> None:
        self.happened["held"] += 1
        if self.happened["held"] % _TELL_EVERY == 0:
            print(f"{self.happened['held']} histories held", flush=True)


def channel_of(shop: str) -> str:
    """The channel of a shop's short name."""
    return shop.partition("-")[0]


class World(Stage):
    """The stage of the other proofs, with web pages for webhooks and two workers."""

    def open(self) -> None:
        """Start the web process and two workers."""
        self.start_web()
        for _ in range(2):
            self.worker()

    def kill_a_worker(self) -> None:
        """End one with SIGKILL and start another."""
        victim = self.workers.pop(1)  # the first one serves the web pages
        self.strike(victim, signal.SIGKILL)
        victim.wait()
        self.worker()

    def pull_all(self) -> None:
        """Have every store pulled now."""
        from crossdock.companies.scope import company_scope
        from crossdock.stores.linked import tell_asked
        from crossdock.stores.models import Store

        with company_scope(self.company):
            for store in Store.objects.filter(unlinked_at__isnull=True):
                tell_asked(store)

    def link_again(self) -> None:
        """Link every store whose token died on the way (a refresh that was cut off), as its owner would."""
        from datetime import timedelta

        from django.utils import timezone

        from crossdock.channels.contract import Grant
        from crossdock.companies.scope import company_scope
        from crossdock.stores.models import Store
        from crossdock.stores.tokens import tokens_of

        with company_scope(self.company):
            for store in Store.objects.exclude(token_dead_words=""):
                name = self.name_of(store)
                told = self.sandbox.post("/tokens", channel=store.channel, shop=name)
                ends = timezone.now() + timedelta(seconds=told["expires_in"])
                grant = Grant(
                    told["access_token"],
                    told["refresh_token"],
                    ends,
                    ends + timedelta(days=20),
                    holder=store.token_holder,
                )
                Store.objects.filter(pk=store.pk).update(**tokens_of(grant))
                History.happened["stores linked again"] += 1

    def name_of(self, store: Store) -> str:
        """The short name of a store's shop."""
        return next(shop for shop in SHOPS if self.store(shop).pk == store.pk)

    def settle(self, until: float) -> None:
        """Wait until no attempt moves and every store has been pulled since now."""
        from django.utils import timezone

        from crossdock.companies.scope import company_scope
        from crossdock.stores.models import Store
        from crossdock.work.models import Attempt

        with company_scope(self.company):
            moving = Attempt.objects.filter(state__in=("queued", "sending", "asking"))
            while moving.exists() and time.monotonic() < until:
                time.sleep(0.1)
            now = timezone.now()
            behind = Store.objects.filter(unlinked_at__isnull=True, token_dead_words="").exclude(
                synced_until__gte=now, returns_synced_until__gte=now
            )
            while behind.exists() and time.monotonic() < until:
                self.pull_all()
                time.sleep(0.3)


def act(played: Stage, order: Key, deed: str) -> int:
    """Press a button for an order that the book knows; 1 when something was begun."""
    from crossdock.companies.models import Person
    from crossdock.companies.scope import company_scope
    from crossdock.work.batch import start

    actions: dict[str, tuple[str, dict[str, Any]]] = {
        "accept": ("answer_cancellation", {"answer": "accept"}),
        "reject": ("answer_cancellation", {"answer": "reject"}),
    }
    name, options = actions.get(deed, (deed, {}))
    with company_scope(played.company):
        row = of_book(played, order) or _fetched(played, order)
        if row is None:
            return 0
        person = Person.objects.get(email="owner@demo.test")
        start(
            played.company,
            person,
            name,
            form_key=f"{deed}-{time.time_ns()}",
            order_ids=[row.pk],
            options=options,
        )
    return 1


def _fetched(played: Stage, order: Key) -> Order | None:
    """The order, looked at now; None where the line is broken just then."""
    from crossdock.channels.errors import ChannelError
    from crossdock.sync.reading import look_at

    shop, order_id = order
    try:
        look_at(played.store(shop), [order_id])
    except ChannelError:
        return None
    return of_book(played, order)


def of_book(played: Stage, order: Key) -> Order | None:
    """The order as our book has it."""
    from crossdock.orders.models import Order

    shop, order_id = order
    return (
        Order.objects.select_related("store")
        .prefetch_related("lines", "packages")
        .filter(store=played.store(shop), channel_order_id=order_id)
        .first()
    )


def differences(played: Stage, keys: list[Key]) -> list[str]:
    """What our book tells otherwise than the truth."""
    from crossdock.companies.scope import company_scope

    wrong = []
    truths = {shop: played.sandbox.truth(shop) for shop in {shop for shop, _ in keys}}
    with company_scope(played.company):
        for shop, order_id in keys:
            truth, row = truths[shop][order_id], of_book(played, (shop, order_id))
            if row is None:
                wrong.append(f"{shop} {order_id} is not in the book")
                continue
            for name, true, ours in _compared(truth, row):
                if true != ours:
                    wrong.append(f"{shop} {order_id} {name}: truth {true}, book {ours}")
    return wrong


def _compared(truth: dict[str, Any], row: Order) -> list[tuple[str, Any, Any]]:
    lines = [
        (line.line_id, line.sku, line.quantity, line.unit_price - line.seller_discount, line.status)
        for line in row.lines.all()
    ]
    packages = [
        (package.package_id, package.tracking_number, package.shipment_provider)
        for package in row.packages.all()
        if package.voided_at is None
    ]
    return [
        ("status", set(truth["status"].split(",")), set(row.status.split(","))),
        (
            "lines",
            sorted(
                (one["line_id"], one["sku"], one["quantity"], Decimal(one["price"]), one["status"])
                for one in truth["lines"]
            ),
            sorted(lines),
        ),
        (
            "packages",
            sorted(
                (one["package_id"], one["tracking_number"], one["shipment_provider"])
                for one in truth["packages"]
            ),
            sorted(packages),
        ),
        ("billed total", Decimal(truth["total"]), row.billed_total),
        ("tab", expected_tab(truth, packed_here=row.packed_here_at is not None,
                             delivered_here=row.delivered_here_at is not None), row.tab),
    ]  # fmt: skip


def main() -> int:
    """Play the histories that are asked for; 0 when the book was right after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--shops", nargs="+", default=list(SHOPS))
    parser.add_argument("--seed", type=int, default=20260302)
    options = parser.parse_args()
    SHOPS[:] = options.shops
    print(
        f"seed {options.seed}, {options.histories} histories of {options.steps} steps", flush=True
    )
    began = time.monotonic()
    with stage(World, times=TIMES) as played:
        assert isinstance(played, World)
        played.hurry(True)
        played.open()
        History.played = played
        machine = seeded(options.seed)(History)
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=options.histories,
                stateful_step_count=options.steps,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
                print_blob=True,
            ),
        )
    told = ", ".join(f"{number} {what}" for what, number in sorted(History.happened.items()))
    print(f"{told}; {time.monotonic() - began:.0f} s", flush=True)
    print("Every promise held.", flush=True)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
