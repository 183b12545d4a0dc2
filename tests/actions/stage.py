"""A store of one of the sandbox's shops, with its orders in our book, and the worker's part played
by hand: what the tests of this room stand on, for every channel alike.

Time does not pass by waiting: ``later`` moves what is scheduled into the past instead.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F

from crossdock.buttons.filled_form import FilledForm, form_name
from crossdock.channels.answers import Form
from crossdock.channels.contract import Channel, Parcel
from crossdock.channels.registry import channel
from crossdock.channels.shipping import HowToShip, Method
from crossdock.orders import record
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order, Return
from crossdock.orders.returns import take_in_returns
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.stores.ways import json_of
from crossdock.sync.pull import look_at
from crossdock.work.batch import retry_failed, start
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox

PATIENCE = 20.0
"""Seconds for what a channel does by itself: tracking numbers, the end of a refund."""


@dataclass
class OnDesk:
    """One shop on stage."""

    sandbox: RunningSandbox
    cast: Cast
    store: Store

    @property
    def known(self) -> Channel:
        """The shop's channel."""
        return channel(self.store.channel)

    def orders(self, count: int = 1, **more: Any) -> list[Order]:
        """New orders of the shop, in our book."""
        shop = next(
            one["shop"]
            for one in self.sandbox.identities[self.store.channel]["shops"]
            if self.sandbox.shop(one["shop"])["shop_id"] == self.store.shop_id
        )
        ids = self.sandbox.orders(count, shop, **more)
        look_at(self.store, ids)
        return list(Order.objects.filter(channel_order_id__in=ids).order_by("pk"))

    def event(self, order: Order, event: str) -> None:
        """Something happens to the order out there, which we do not know of yet."""
        self.sandbox.event(order.channel_order_id, event, self.store.channel)

    def read(self, order: Order) -> Order:
        """The order as sync would bring it now."""
        look_at(self.store, [order.channel_order_id])
        order.refresh_from_db()
        return Order.objects.get(pk=order.pk)

    def read_returns(self, order: Order) -> list[Return]:
        """Its returns as sync would bring them now."""
        fetched_at = record.now()
        found = call_store(
            self.store, lambda known, shop: known.returns_of(shop, order.channel_order_id)
        )
        take_in_returns(self.store, found, fetched_at=fetched_at)
        return list(Return.objects.filter(order=order))

    def begin(self, action: str, *orders: Order, key: str = "", **options: Any) -> Batch:
        """Start an action as the desk does."""
        return start(
            self.cast.acme,
            self.cast.mona,
            action,
            form_key=key or f"{action}-{time.monotonic_ns()}",
            order_ids=[order.pk for order in orders],
            options=options,
        )

    def act(self, action: str, *orders: Order, **options: Any) -> Attempt:
        """Start an action and work it off; the outcome of the first order."""
        return outcome(self.begin(action, *orders, **options))

    def retry(self, batch: Batch) -> Attempt:
        """Try the failures of a batch again."""
        return outcome(retry_failed(batch, self.cast.mona, form_key=f"again-{time.monotonic_ns()}"))

    def packed(self, order: Order) -> Order:
        """The order, packed."""
        assert self.act("pack", order).state in ("done", "already")
        return self.read(order)

    def shipped(self, order: Order) -> Order:
        """The order, arranged for its courier, as far as the channel goes by itself."""
        order = self.packed(order)
        attempt = self.act("ship", order, how=self.by_hand(order))
        assert attempt.state == "done", attempt.words
        return self.until(order, Stage.READY, Stage.SHIPPED)

    def by_hand(self, order: Order) -> dict[str, Any]:
        """How the order goes where the channel asks for it: the seller's own courier, or the first way."""
        if not self.known.can.choose_how_to_ship:
            return {}
        parcel = self.parcel(facts_of(order))
        ways = call_store(self.store, lambda known, shop: known.ways_to_ship(shop, parcel))
        if not ways.methods:
            return {}
        method = ways.methods[0]
        if method is Method.OWN_COURIER:
            courier = ways.couriers[0].courier_id if ways.couriers else ""
            number = f"OWN{order.channel_order_id}"[-20:]
            how = HowToShip(method, courier_id=courier, tracking_number=number)
        else:
            branch = ways.branches[0].place_id if method is Method.DROPOFF and ways.branches else ""
            how = HowToShip(method, branch_id=branch)
        return {str(order.pk): json_of(how)}

    def delivered(self, order: Order) -> Order:
        """The order, with the buyer."""
        order = self.shipped(order)
        for event in ("pick_up", "deliver"):
            self.event(order, event)
        return self.read(order)

    def parcel(self, facts: OrderFacts) -> Parcel:
        """All packages and live lines of an order."""
        packages = tuple(package.package_id for package in facts.packages)
        return Parcel(facts.order_id, packages, tuple(line.line_id for line in facts.live_lines))

    def until(self, order: Order, *stages: Stage) -> Order:
        """The order, once all of it is at one of these stages."""
        deadline = time.monotonic() + PATIENCE
        while True:
            order = self.read(order)
            here = {line.stage for line in facts_of(order).live_lines}
            if here <= set(stages):
                return order
            assert time.monotonic() < deadline, f"{order} is {here}, wanted {stages}"
            time.sleep(0.1)

    def fault(self, kind: str, path: str) -> None:
        """The next call to this path goes wrong."""
        self.sandbox.post("/faults", system=self.store.channel, kind=kind, path=path, times=1)

    def ledger(self, order: Order, effect: str) -> list[dict[str, Any]]:
        """What calls did to the order out there."""
        path = f"/ledger?system={self.store.channel}&order={order.channel_order_id}"
        return [row for row in self.sandbox.get(path)["calls"] if row["effect"] == effect]

    def form(self, what: str, form: Form, **more: Any) -> dict[str, Any]:
        """Options with this form filled in, with the least that it asks for."""
        reason = form.reasons[0] if form.reasons else None
        amount = form.least_amount
        given = FilledForm(
            reason=reason.code if reason else "",
            reason_words=reason.words if reason else "",
            comment="As agreed." if form.wants_comment else "",
            email="desk@example.test" if form.wants_email else "",
            amount=amount,
            **more,
        )
        return {"forms": {form_name(self.store.channel, what): given.as_json()}}


def work() -> None:
    """Drain as the jobs would, while anything is due."""
    for lane in Lane.objects.all():
        while drain(lane.pk) == 0:
            continue


def later(seconds: float) -> None:
    """Let this much time go by for everything that is open."""
    gone = timedelta(seconds=seconds)
    Attempt.objects.filter(settled_at__isnull=True).update(
        due_at=F("due_at") - gone, sent_at=F("sent_at") - gone
    )


def outcome(batch: Batch) -> Attempt:
    """Work the batch off; the attempt of its first order."""
    work()
    return Attempt.objects.filter(batch=batch).order_by("pk")[0]
