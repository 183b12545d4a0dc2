"""Lazada's memory: orders, grants, labels, and the messages that tell apps of changes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from crossdock_sandbox.control.telling import order_json
from crossdock_sandbox.grants import Grants, Lifetimes
from crossdock_sandbox.stand import Stand, now
from crossdock_sandbox.world.making import Numbers, make
from crossdock_sandbox.world.orders import WORDS, Order, from_json, to_json
from crossdock_sandbox.world.shops import SHOPS, Shop

LIFETIMES = Lifetimes(access=7 * 86400, refresh=30 * 86400, code=30 * 60)
"""An app in Test: access tokens live 7 days, refresh tokens 30."""

_STATES = ("pending", "pending", "pending", "pending", "pending", "unpaid", "packed", "ready_to_ship",
           "shipped", "shipped", "delivered", "confirmed", "canceled", "failed_delivery")  # fmt: skip


class Book:
    """Everything that Lazada knows."""

    channel = "lazada"
    words = WORDS
    default_word = "pending"

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.orders: dict[tuple[str, str], Order] = {}
        self.grants = Grants(stand, "lazada", LIFETIMES, _new_tokens, _new_code)
        self.files: dict[str, tuple[bytes, float]] = {}
        """Label files by key, with the Unix time at which their address ends."""
        self.packages: dict[str, tuple[str, str]] = {}
        """Package id → the key of its order."""
        self.numbers = Numbers(stand.shelf.get("lazada", "numbers", 0))
        self.on_change: Callable[[Order], None] = lambda _order: None
        for _, kept in stand.shelf.all("lazada-orders"):
            order = from_json(kept)
            self._know(order)

    def seed(self, count: int) -> None:
        """The orders that are there at the first start: most of them wait to be packed."""
        if self.orders or not count or self.stand.shelf.get("lazada", "seeded"):
            return
        chance, present = self.stand.chance, now()
        first, second = self.shops
        made = []
        for number in range(count):
            shop = first if number % 3 else second
            created = present - timedelta(minutes=chance.randrange(5, 3 * 24 * 60 - 120))
            status = chance.choice(_STATES)
            made.append(
                make(
                    shop, self.numbers, chance, created_at=created, now=present, status=status,
                    self_delivery=shop.seller_delivers and chance.random() < 0.25,
                )
            )  # fmt: skip
        made.append(
            make(
                first,
                self.numbers,
                chance,
                created_at=present - timedelta(hours=5),
                now=present,
                lines=60,
            )
        )
        self.add(made)
        self.stand.shelf.put("lazada", "seeded", True)

    @property
    def shops(self) -> tuple[Shop, ...]:
        """Lazada's shops."""
        return tuple(shop for shop in SHOPS if shop.channel == "lazada")

    def make_orders(
        self,
        shop: Shop,
        ids: Sequence[str],
        *,
        created: Sequence[datetime],
        status: str,
        lines: int | None,
        self_delivery: bool,
        sku: str,
    ) -> list[str]:
        """Make orders with these ids ("": the next one); their ids."""
        present = now()
        made = [
            make(
                shop, self.numbers, self.stand.chance, created_at=at, now=present, status=status,
                lines=lines, self_delivery=self_delivery, sku=sku, order_id=one,
            )
            for one, at in zip(ids, created, strict=True)
        ]  # fmt: skip
        self.add(made)
        return [order.order_id for order in made]

    def has(self, shop: str, order_id: str) -> bool:
        """Whether a shop has an order of this id."""
        return (shop, order_id) in self.orders

    def is_order_id(self, text: str) -> bool:
        """Whether it looks like one of Lazada's: digits only."""
        return text.isdigit()

    def told(self, shop: str = "") -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """The truth: every order's status words, and its JSON for the control."""
        for order in self.orders.values():
            if shop in ("", order.shop):
                order.settle(now())
                yield tuple(order.statuses), order_json(order)

    def happen(self, order_id: str, event: str, shop: str | None) -> str | None:
        """One thing happens to the order of this id (in every shop that has one, unless one is named).

        The status afterwards; None where there is no such order. Raises NotPossible.
        """
        found = [
            order
            for order in self.orders.values()
            if order.order_id == order_id and shop in (None, order.shop)
        ]
        for order in found:
            order.happen(event, now(), self.numbers.reverse_id())
            self.save(order)
        return ",".join(found[0].statuses) if found else None

    def add(self, orders: list[Order]) -> None:
        """Keep new orders."""
        self.stand.shelf.begin()
        for order in orders:
            self._know(order)
            self.stand.shelf.put("lazada-orders", f"{order.shop}/{order.order_id}", to_json(order))
        self.stand.shelf.put("lazada", "numbers", self.numbers.last)
        self.stand.shelf.commit()
        for order in orders:
            self.on_change(order)

    def _know(self, order: Order) -> None:
        self.orders[order.shop, order.order_id] = order
        self.packages |= dict.fromkeys(order.packages, (order.shop, order.order_id))

    def holder(self, shop: str, package_id: str) -> Order | None:
        """The order of this shop that has this package."""
        key = self.packages.get(package_id)
        return self.order(*key) if key and key[0] == shop else None

    def save(self, order: Order) -> None:
        """Keep a changed order, and tell apps of it."""
        self._know(order)
        self.stand.shelf.begin()
        self.stand.shelf.put("lazada-orders", f"{order.shop}/{order.order_id}", to_json(order))
        self.stand.shelf.put("lazada", "numbers", self.numbers.last)
        self.stand.shelf.commit()
        self.on_change(order)

    def of_shop(self, shop: str) -> Iterator[Order]:
        """A shop's orders, with asynchronous steps that are due done."""
        for order in self.orders.values():
            if order.shop == shop:
                self._settle(order)
                yield order

    def order(self, shop: str, order_id: str) -> Order | None:
        """One order of a shop."""
        found = self.orders.get((shop, order_id))
        if found:
            self._settle(found)
        return found

    def _settle(self, order: Order) -> None:
        if any(package.ready_at for package in order.packages.values()) and order.settle(now()):
            self.save(order)

    def pass_time(self, hours: float) -> None:
        """What couriers, buyers and deadlines do in so many hours, done now."""
        present, gone = now(), timedelta(hours=hours)
        self.grants.pass_time(gone.total_seconds())
        for order in list(self.orders.values()):
            if _age(order, present, gone):
                self.save(order)


def _new_tokens() -> tuple[str, str]:
    return f"50000{secrets.token_hex(27)}", f"50001{secrets.token_hex(27)}"


def _new_code() -> str:
    return f"0_104233_{secrets.token_urlsafe(18)}"


def _age(order: Order, present: datetime, gone: timedelta) -> bool:
    """Let hours pass for one order: deadlines come nearer; couriers pick up, deliver, buyers confirm."""
    before = [item.status for item in order.items]
    order.ship_by -= gone
    order.settle(present, at_once=True)
    if order.cancel_ends is not None:
        order.cancel_ends -= gone
        if order.cancel_ends <= present:
            waiting = [
                item
                for item in order.items
                if item.status in ("pending", "packed", "ready_to_ship")
            ]
            order.cancel(waiting, present, who="cancellation-customer", reason=order.cancel_reason)
    hours = gone.total_seconds() / 3600
    steps = (
        ("ready_to_ship", "shipped", 12),
        ("shipped", "delivered", 48),
        ("delivered", "confirmed", 168),
    )
    for here, there, takes in steps:
        if hours < takes:
            break
        order.move(
            [
                item
                for item in order.items
                if item.status == here and not (item.sof and here == "ready_to_ship")
            ],
            there,
            present,
        )
        hours -= takes
    if gone >= timedelta(hours=24):
        unpaid = [item for item in order.items if item.status == "unpaid"]
        for item in unpaid:
            item.initiator, item.reason = "system-cancel", "Payment time-out"
        order.move(unpaid, "canceled", present)
    return before != [item.status for item in order.items] or gone > timedelta(0)
