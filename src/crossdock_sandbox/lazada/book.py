"""Lazada's memory: orders, grants, files, and the messages that tell apps of changes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crossdock_sandbox.control.telling import no_combining, order_json
from crossdock_sandbox.grants import Grants, Lifetimes
from crossdock_sandbox.stand import Stand, now
from crossdock_sandbox.time_index import TimeIndex
from crossdock_sandbox.world.ageing import pass_hours, settle, wakes_at
from crossdock_sandbox.world.events import happen
from crossdock_sandbox.world.making import Numbers, make
from crossdock_sandbox.world.order_keeping import from_json, to_json
from crossdock_sandbox.world.orders import WORDS, Item, NotPossible, Order
from crossdock_sandbox.world.reversals import Reverse, ReverseLine
from crossdock_sandbox.world.shops import SHOPS, Shop

LIFETIMES = Lifetimes(access=7 * 86400, refresh=30 * 86400, code=30 * 60)
"""An app in Test: access tokens live 7 days, refresh tokens 30."""

_STATES = ("pending", "pending", "pending", "pending", "pending", "unpaid", "packed", "ready_to_ship",
           "shipped", "shipped", "delivered", "confirmed", "canceled", "failed_delivery")  # fmt: skip

Key = tuple[str, str]
"""Shop and order id: an order id is unique in one shop only."""


class Book:
    """Everything that Lazada knows."""

    channel = "lazada"
    words = WORDS
    default_word = "pending"

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.orders: dict[Key, Order] = {}
        self.by_creation, self.by_update = TimeIndex(), TimeIndex()
        self.grants = Grants(stand, "lazada", LIFETIMES, _new_tokens, _new_code)
        self.files: dict[str, tuple[bytes, float]] = {}
        """Label files by key, with the Unix time at which their address ends."""
        self.images: dict[str, tuple[bytes, str]] = {}
        """Uploaded pictures by key, with their media type."""
        self.packages: dict[str, Key] = {}
        self.items: dict[int, Key] = {}
        self.reversals: dict[int, Key] = {}
        self.reverse_lines: dict[int, Key] = {}
        """Ids of packages, items, requests and their lines → the order that they belong to."""
        self.waking: dict[Key, float] = {}
        """Orders to which something happens by itself, with the Unix time."""
        self.numbers = Numbers(stand.shelf.get("lazada", "numbers", 0))
        self.on_change: Callable[[Order], None] = lambda _order: None
        self.on_time: Callable[[], None] = lambda: None
        """Called after hours were let pass."""
        for _, kept in stand.shelf.all("lazada-orders"):
            self._know(from_json(kept))

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
        five_hours_ago = present - timedelta(hours=5)
        made.append(
            make(first, self.numbers, chance, created_at=five_hours_ago, now=present, lines=60)
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
        fields: Mapping[str, Any] | None = None,
        combine_with: str = "",
    ) -> list[str]:
        """Make orders with these ids ("": the next one); their ids. Raises NotPossible."""
        if combine_with:
            raise NotPossible(no_combining(self.channel))
        present = now()
        made = [
            make(
                shop, self.numbers, self.stand.chance, created_at=at, now=present, status=status,
                lines=lines, self_delivery=self_delivery, sku=sku, order_id=one,
            )
            for one, at in zip(ids, created, strict=True)
        ]  # fmt: skip
        for order in made:
            order.fields = dict(fields or {})
        self.add(made)
        return [order.order_id for order in made]

    def has(self, shop: str, order_id: str) -> bool:
        """Whether a shop has an order of this id."""
        return (shop, order_id) in self.orders

    def is_order_id(self, text: str) -> bool:
        """Whether it looks like one of Lazada's: digits only."""
        return text.isdigit()

    def known_as(self, order_id: str) -> set[str]:
        """Every id by which calls name an order of this id, or something of it."""
        found = [
            self.orders[one.shop, order_id] for one in self.shops if self.has(one.shop, order_id)
        ]
        return {
            str(one)
            for order in found
            for one in (
                order_id,
                *(item.item_id for item in order.items),
                *order.packages,
                *(package.tracking for package in order.packages.values()),
                *(reverse.reverse_id for reverse in order.reversals),
                *(line.line_id for reverse in order.reversals for line in reverse.lines),
            )
        }

    def orders_named(self, shop: str, names: frozenset[str]) -> list[str]:
        """The orders of a shop that these ids name, or something of them."""
        numbers = [int(one) for one in names if one.isdigit()]
        keys: list[Key | None] = [(shop, one) for one in names]
        keys += [self.packages.get(one) for one in names]
        for index in (self.items, self.reversals, self.reverse_lines):
            keys += [index.get(number) for number in numbers]
        return sorted({key[1] for key in keys if key in self.orders and key and key[0] == shop})

    def told(self, shop: str = "") -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """The truth: every order's status words, and its JSON for the control."""
        self._wake()
        for order in self.orders.values():
            if shop in ("", order.shop):
                yield tuple(order.statuses), order_json(order)

    def happen(self, order_id: str, event: str, shop: str | None) -> str | None:
        """One thing happens to the order of this id (in every shop that has one, unless one is named).

        The status afterwards; None where there is no such order. Raises NotPossible.
        """
        shops = [one.shop for one in self.shops if shop in (None, one.shop)]
        found = [self.orders[one, order_id] for one in shops if self.has(one, order_id)]
        for order in found:
            happen(order, event, now(), self.numbers.reverse_id)
            self.save(order)
        return ",".join(found[0].statuses) if found else None

    def pass_time(self, hours: float) -> None:
        """What couriers, buyers and deadlines do in so many hours, done now."""
        present, gone = now(), timedelta(hours=hours)
        self.grants.pass_time(gone.total_seconds())
        self.files = {
            key: (file, ends - gone.total_seconds()) for key, (file, ends) in self.files.items()
        }
        orders = list(self.orders.values())
        moved = [order for order in orders if pass_hours(order, present, gone)]
        self._keep(orders)
        for order in moved:
            self.on_change(order)
        self.on_time()

    def add(self, orders: list[Order]) -> None:
        """Keep new orders, and tell apps of them."""
        self._keep(orders)
        for order in orders:
            self.on_change(order)

    def save(self, order: Order) -> None:
        """Keep a changed order, and tell apps of it."""
        self.add([order])

    def of_shop(self, shop: str) -> Iterator[Order]:
        """A shop's orders, with asynchronous steps that are due done."""
        self._wake()
        return (order for order in self.orders.values() if order.shop == shop)

    def between(self, shop: str, index: TimeIndex, start: int, end: int) -> list[tuple[int, str]]:
        """(time, order id) of a shop's orders in a window of one of the two indexes, oldest first.

        Unix seconds; both ends belong to the window.
        """
        self._wake()
        return index.between(shop, start, end + 1)

    def order(self, shop: str, order_id: str) -> Order | None:
        """One order of a shop."""
        found = self.orders.get((shop, order_id))
        if found and self.waking.get((shop, order_id), float("inf")) <= time.time():
            self._settle(found)
        return found

    def holder(self, shop: str, package_id: str) -> Order | None:
        """The order of this shop that has this package."""
        return self._of_key(shop, self.packages.get(package_id))

    def of_item(self, shop: str, item_id: str) -> tuple[Order, Item] | None:
        """The order of this shop that has this item, and the item."""
        order = self._of_key(shop, self.items.get(int(item_id) if item_id.isdigit() else -1))
        return (
            next(((order, item) for item in order.items if str(item.item_id) == item_id), None)
            if order
            else None
        )

    def reverse(self, shop: str, reverse_id: str) -> tuple[Order, Reverse] | None:
        """A request about an order of this shop, and the order."""
        key = self.reversals.get(int(reverse_id) if reverse_id.isdigit() else -1)
        order = self._of_key(shop, key)
        return (
            next((order, one) for one in order.reversals if str(one.reverse_id) == reverse_id)
            if order
            else None
        )

    def reverse_line(self, shop: str, line_id: str) -> tuple[Order, Reverse, ReverseLine] | None:
        """A line of a request about an order of this shop, with both."""
        key = self.reverse_lines.get(int(line_id) if line_id.isdigit() else -1)
        order = self._of_key(shop, key)
        return (
            next(
                (order, one, line)
                for one in order.reversals
                for line in one.lines
                if str(line.line_id) == line_id
            )
            if order
            else None
        )

    def with_reversals(self, shop: str) -> list[Order]:
        """A shop's orders about which there ever was a request."""
        self._wake()
        keys = dict.fromkeys(key for key in self.reversals.values() if key[0] == shop)
        return [self.orders[key] for key in keys]

    def _of_key(self, shop: str, key: Key | None) -> Order | None:
        return self.order(*key) if key and key[0] == shop else None

    def _keep(self, orders: list[Order]) -> None:
        shelf = self.stand.shelf
        shelf.begin()
        for order in orders:
            self._know(order)
            shelf.put("lazada-orders", f"{order.shop}/{order.order_id}", to_json(order))
        shelf.put("lazada", "numbers", self.numbers.last)
        shelf.commit()

    def _know(self, order: Order) -> None:
        key = (order.shop, order.order_id)
        self.orders[key] = order
        self.packages |= dict.fromkeys(order.packages, key)
        self.items |= dict.fromkeys([item.item_id for item in order.items], key)
        for reverse in order.reversals:
            self.reversals[reverse.reverse_id] = key
            self.reverse_lines |= dict.fromkeys([line.line_id for line in reverse.lines], key)
        self.by_creation.put(*key, int(order.created_at.timestamp()))
        self.by_update.put(*key, int(order.updated_at.timestamp()))
        wakes = wakes_at(order)
        if wakes < float("inf"):
            self.waking[key] = wakes
        else:
            self.waking.pop(key, None)

    def _wake(self) -> None:
        """Let everything happen that is due."""
        present = time.time()
        for key in [key for key, wakes in self.waking.items() if wakes <= present]:
            self._settle(self.orders[key])

    def _settle(self, order: Order) -> None:
        if settle(order, now()):
            self.save(order)


def _new_tokens() -> tuple[str, str]:
    return f"50000{secrets.token_hex(27)}", f"50001{secrets.token_hex(27)}"


def _new_code() -> str:
    return f"0_104233_{secrets.token_urlsafe(18)}"
