"""Lazada's memory: orders, grants, labels, and the messages that tell apps of changes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from crossdock_sandbox.stand import Stand, now
from crossdock_sandbox.world.making import Numbers, make
from crossdock_sandbox.world.orders import Order, from_json, to_json
from crossdock_sandbox.world.shops import SHOPS, Shop

ACCESS_SECONDS = 7 * 86400
"""An app in Test: access tokens live 7 days, refresh tokens 30."""
REFRESH_SECONDS = 30 * 86400
CODE_SECONDS = 30 * 60

_STATES = ("pending", "pending", "pending", "pending", "pending", "unpaid", "packed", "ready_to_ship",
           "shipped", "shipped", "delivered", "confirmed", "canceled", "failed_delivery")  # fmt: skip


@dataclass
class Grant:
    """A pair of tokens for a shop. Unix times."""

    shop: str
    access: str
    refresh: str
    access_ends: float
    refresh_ends: float
    refresh_used: bool = False


@dataclass
class Code:
    """An authorisation code: works once, for half an hour."""

    shop: str
    ends: float


class Book:
    """Everything that Lazada knows."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.orders: dict[tuple[str, str], Order] = {}
        self.grants: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.files: dict[str, tuple[bytes, float]] = {}
        """Label files by key, with the Unix time at which their address ends."""
        self.packages: dict[str, tuple[str, str]] = {}
        """Package id → the key of its order."""
        self.numbers = Numbers(stand.shelf.get("lazada", "numbers", 0))
        self.on_change: Callable[[Order], None] = lambda _order: None
        for _, kept in stand.shelf.all("lazada-orders"):
            order = from_json(kept)
            self._know(order)
        for access, kept in stand.shelf.all("lazada-grants"):
            self.grants[access] = Grant(**kept)

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

    def grant(self, shop: str, refresh_ends: float | None = None) -> Grant:
        """A new pair of tokens; the refresh token keeps its original end."""
        present = time.time()
        made = Grant(
            shop=shop,
            access=f"50000{secrets.token_hex(27)}",
            refresh=f"50001{secrets.token_hex(27)}",
            access_ends=present + ACCESS_SECONDS,
            refresh_ends=refresh_ends or present + REFRESH_SECONDS,
        )
        self.keep_grant(made)
        return made

    def keep_grant(self, grant: Grant) -> None:
        """Keep a grant."""
        self.grants[grant.access] = grant
        self.stand.shelf.put("lazada-grants", grant.access, asdict(grant))

    def revoke(self, shop: str) -> int:
        """End every grant of a shop; how many."""
        gone = [grant for grant in self.grants.values() if grant.shop == shop]
        for grant in gone:
            del self.grants[grant.access]
            self.stand.shelf.drop("lazada-grants", grant.access)
        return len(gone)

    def expire_access(self) -> None:
        """End every access token now; refresh tokens live on."""
        for grant in self.grants.values():
            grant.access_ends = 0.0
            self.keep_grant(grant)

    def code(self, shop: str) -> str:
        """A new authorisation code."""
        made = f"0_{len(self.codes) + 104233}_{secrets.token_urlsafe(18)}"
        self.codes[made] = Code(shop, time.time() + CODE_SECONDS)
        return made

    def pass_time(self, hours: float) -> None:
        """What couriers, buyers and deadlines do in so many hours, done now."""
        present, gone = now(), timedelta(hours=hours)
        for grant in self.grants.values():
            grant.access_ends -= gone.total_seconds()
            grant.refresh_ends -= gone.total_seconds()
            self.keep_grant(grant)
        for order in list(self.orders.values()):
            if _age(order, present, gone):
                self.save(order)


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
