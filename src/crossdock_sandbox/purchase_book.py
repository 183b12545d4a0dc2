"""What Shopee or TikTok Shop knows: orders of the one-parcel kind, tokens, documents."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crossdock_sandbox.combining import combine, to_combine_with
from crossdock_sandbox.control.telling import iso
from crossdock_sandbox.grants import Grants
from crossdock_sandbox.platforms import Platform
from crossdock_sandbox.stand import Stand, now
from crossdock_sandbox.time_index import TimeIndex
from crossdock_sandbox.world.buyers import note, somebody
from crossdock_sandbox.world.catalogue import Product
from crossdock_sandbox.world.goods import discount, product_ids
from crossdock_sandbox.world.keeping import from_json, to_json
from crossdock_sandbox.world.making import Numbers, chosen_products
from crossdock_sandbox.world.orders import NotPossible
from crossdock_sandbox.world.purchases import Line, Parcel, Purchase, Step
from crossdock_sandbox.world.shops import SHOPS, Shop

_SEEDED = (Step.TO_SHIP, Step.TO_SHIP, Step.TO_SHIP, Step.TO_SHIP, Step.UNPAID, Step.ARRANGED,
           Step.SHIPPED, Step.SHIPPED, Step.DELIVERED, Step.COMPLETED, Step.CANCELLED)  # fmt: skip
_ARRANGED = (Step.ARRANGED, Step.SHIPPED, Step.DELIVERED, Step.COMPLETED)
_OF_PARCELS = ("pick_up", "deliver", "lose", "send_back")
"""Events that happen to a parcel: to every order in it."""
_WITH_COURIER = (Step.ARRANGED, Step.RETRY)
_ON_THE_WAY = ("arranged", "collected", "delivered", "completed")
"""The times that an order made at one of these steps has behind it."""


class PurchaseBook:
    """Everything that one of these platforms knows."""

    def __init__(self, stand: Stand, platform: Platform) -> None:
        self.stand, self.platform = stand, platform
        self.channel = platform.channel
        self.grants = Grants(
            stand, platform.channel, platform.lifetimes, platform.new_token, platform.new_code
        )
        self.numbers = Numbers(stand.shelf.get(platform.channel, "numbers", 0))
        self.orders: dict[tuple[str, str], Purchase] = {}
        self.parcels: dict[str, list[tuple[str, str]]] = {}
        """The orders in each parcel, which is one object that they share."""
        self.files: dict[str, tuple[bytes, float]] = {}
        """Label files by key, with the Unix time at which their address ends."""
        self.on_change: Callable[[Purchase], None] = lambda _order: None
        self.by_creation, self.by_update = TimeIndex(), TimeIndex()
        self.waiting: set[tuple[str, str]] = set()
        """Orders whose courier was asked and has not answered yet."""
        for _, kept in stand.shelf.all(f"{platform.channel}-orders"):
            self._know(from_json(kept))

    @property
    def shops(self) -> tuple[Shop, ...]:
        """The platform's shops."""
        return tuple(shop for shop in SHOPS if shop.channel == self.channel)

    @property
    def words(self) -> tuple[str, ...]:
        """The status words in which orders can be made."""
        return tuple(self.platform.words)

    @property
    def default_word(self) -> str:
        """The status in which orders are made unless another is named."""
        return self.platform.default

    def seed(self, count: int) -> None:
        """The orders that are there at the first start: most of them wait to be shipped."""
        if self.orders or not count or self.stand.shelf.get(self.channel, "seeded"):
            return
        chance, present = self.stand.chance, now()
        first, second = self.shops
        made = []
        for number in range(count):
            shop = first if number % 3 else second
            created = present - timedelta(minutes=chance.randrange(5, 3 * 24 * 60 - 120))
            step = chance.choice(_SEEDED)
            by_seller = shop.seller_delivers and chance.random() < 0.25
            by_seller = by_seller and not self._impossible(step, self_delivery=True)
            made.append(self._made(shop, step, created, present, self_delivery=by_seller))
        self.add(made)
        self.stand.shelf.put(self.channel, "seeded", True)

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
        other = to_combine_with(self, shop, combine_with, status) if combine_with else None
        step, present = other.step if other else self.platform.words[status], now()
        by_seller = other.seller_delivers if other else self_delivery
        if self._impossible(step, self_delivery=by_seller):
            raise NotPossible(f"an order that the seller delivers is never {status} here")
        made = [
            self._made(
                shop, step, at, present, lines=lines, self_delivery=by_seller, sku=sku, order_id=one
            )
            for one, at in zip(ids, created, strict=True)
        ]  # fmt: skip
        for order in made:
            order.more |= {"fields": dict(fields)} if fields else {}
        self.add([*(combine(self, other, made, present) if other else ()), *made])
        return [order.order_id for order in made]

    def has(self, shop: str, order_id: str) -> bool:
        """Whether a shop has an order of this id."""
        return (shop, order_id) in self.orders

    def is_order_id(self, text: str) -> bool:
        """Whether it looks like one of the platform's order ids."""
        return self.platform.is_order_id(text)

    def known_as(self, order_id: str) -> set[str]:
        """Every id by which calls name an order of this id, or something of it."""
        return {
            one
            for shop in self.shops
            if (order := self.orders.get((shop.shop, order_id)))
            for one in (
                order_id,
                order.parcel.parcel_id,
                order.parcel.tracking,
                *(line.line_id for line in order.lines),
                *order.requests,
            )
            if one
        }

    def orders_named(self, shop: str, names: frozenset[str]) -> list[str]:
        """The orders of a shop that these ids name, or something of them."""
        of_parcels = {key for one in names for key in self.parcels.get(one, ())}
        found = {(shop, one) for one in names} | of_parcels
        # Requests have no index: few calls name them.
        return sorted(key[1] for key in found if key in self.orders and key[0] == shop) or [
            order.order_id
            for order in self.orders.values()
            if order.shop == shop and not names.isdisjoint(order.requests)
        ]

    def told(self, shop: str = "") -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """The truth: every order's status words, and its JSON for the control."""
        for order in self.orders.values():
            if shop in ("", order.shop):
                self._settle(order)
                yield (self.platform.word(order),), self.order_json(order)

    def happen(self, order_id: str, event: str, shop: str | None) -> str | None:
        """One thing happens; the status afterwards, None where there is no such order.

        Raises NotPossible.
        """
        found = [
            order
            for order in self.orders.values()
            if order.order_id == order_id and shop in (None, order.shop)
        ]
        for order in found:
            if event == "send_back" and self.platform.goods_sent_back(order, now()):
                self.save(order)
                continue
            step, mates = order.step, self.mates(order) if event in _OF_PARCELS else [order]
            for one in (one for one in mates if one.step is step):
                one.happen(event, now(), lambda: self.platform.case_id(self.numbers))
                self.save(one)
        return self.platform.word(found[0]) if found else None

    def pass_time(self, hours: float) -> None:
        """What couriers, buyers and deadlines do in so many hours, done now."""
        present, gone = now(), timedelta(hours=hours)
        self.grants.pass_time(gone.total_seconds())
        self.files = {
            key: (file, ends - gone.total_seconds()) for key, (file, ends) in self.files.items()
        }
        orders = list(self.orders.values())
        for order in orders:
            order.age(present, gone)
            self.platform.deadlines(order, present, gone)
        self.add(orders)

    def of_shop(self, shop: str) -> Iterator[Purchase]:
        """A shop's orders, with asynchronous steps that are due done."""
        for order in self.orders.values():
            if order.shop == shop:
                self._settle(order)
                yield order

    def between(self, shop: str, index: TimeIndex, start: int, end: int) -> list[tuple[int, str]]:
        """(time, order id) of a shop's orders in a window of one of the two indexes, oldest first.

        Unix seconds; ``start`` belongs to the window, ``end`` does not.
        """
        for key in list(self.waiting):
            self._settle(self.orders[key])
        return index.between(shop, start, end)

    def order(self, shop: str, order_id: str) -> Purchase | None:
        """One order of a shop."""
        found = self.orders.get((shop, order_id))
        if found:
            self._settle(found)
        return found

    def holder(self, shop: str, parcel_id: str) -> Purchase | None:
        """The order of this shop that has this parcel; the first one of a combined parcel."""
        return next(iter(self.holders(shop, parcel_id)), None)

    def holders(self, shop: str, parcel_id: str) -> list[Purchase]:
        """The orders of this shop that travel in this parcel: the living ones, if there are any."""
        keys = self.parcels.get(parcel_id, [])
        found = [one for key in keys if key[0] == shop and (one := self.order(*key))]
        return [one for one in found if one.live] or found

    def mates(self, order: Purchase) -> list[Purchase]:
        """The orders that travel in the parcel of an order, itself among them."""
        return [self.orders[key] for key in self.parcels[order.parcel.parcel_id]]

    def together(self, order: Purchase) -> list[Purchase]:
        """The living orders that go to the buyer in one parcel with an order; itself where it is dead."""
        return [one for one in self.mates(order) if one.live] if order.live else [order]

    def save(self, order: Purchase) -> None:
        """Keep a changed order, and tell apps of it."""
        self._keep([order])
        self.on_change(order)

    def arrange(self, order: Purchase, *, tracking: str = "", provider: str = "") -> None:
        """The courier is asked to collect: a tracking number follows at once or a little later."""
        order.parcel.tracking = tracking or self.platform.tracking(self.numbers)
        order.parcel.provider = provider or order.parcel.provider
        order.parcel.arranging_ends = self.stand.later(self.channel)
        order.parcel.label_at = self.stand.later(self.channel)

    def order_json(self, order: Purchase) -> dict[str, Any]:
        """An order as it really is."""
        word, parcel = self.platform.word(order), order.parcel
        return {
            "channel": self.channel,
            "shop": order.shop,
            "order_id": order.order_id,
            "status": word,
            "currency": order.currency,
            "total": f"{order.billed_total:.2f}",
            "created_at": iso(order.created_at),
            "updated_at": iso(order.updated_at),
            "seller_delivers": order.seller_delivers,
            "cancel_requested": bool(order.cancel_id),
            "return_waits_for_seller": order.refund is not None and order.refund.waits_for_seller,
            "lines": [
                {
                    "line_id": line.line_id,
                    "sku": line.sku,
                    "name": line.name,
                    "quantity": line.quantity,
                    "price": f"{line.price - line.seller_discount:.2f}",
                    "status": word,
                }
                for line in order.lines
            ],
            "packages": [
                {
                    "package_id": parcel.parcel_id,
                    "tracking_number": "" if order.arranging else parcel.tracking,
                    "shipment_provider": self.courier(order),
                    "status": self.platform.parcel_word(order),
                    "order_ids": [one.order_id for one in self.together(order)],
                }
            ]
            if order.paid_at is not None or self.platform.parcel_known_early
            else [],
        }

    def courier(self, order: Purchase) -> str:
        """The parcel's courier as the platform tells it; "" while it tells none."""
        known = self.platform.courier_known_early or order.parcel.tracking
        return order.parcel.provider if known else ""

    def add(self, orders: list[Purchase]) -> None:
        """Keep orders that are new or changed, and tell apps of them."""
        self._keep(orders)
        for order in orders:
            self.on_change(order)

    def _keep(self, orders: list[Purchase]) -> None:
        shelf, room = self.stand.shelf, f"{self.channel}-orders"
        shelf.begin()
        for order in orders:
            self._know(order)
        # A parcel is kept with each of its orders.
        together = {id(one): one for order in orders for one in self.mates(order)}
        for order in together.values():
            shelf.put(room, f"{order.shop}/{order.order_id}", to_json(order))
        shelf.put(self.channel, "numbers", self.numbers.last)
        shelf.commit()

    def _know(self, order: Purchase) -> None:
        key = (order.shop, order.order_id)
        self.orders[key] = order
        inside = self.parcels.setdefault(order.parcel.parcel_id, [])
        inside += [key] if key not in inside else []
        order.parcel = self.orders[inside[0]].parcel
        self.by_creation.put(order.shop, order.order_id, int(order.created_at.timestamp()))
        self.by_update.put(order.shop, order.order_id, int(order.updated_at.timestamp()))
        (self.waiting.add if order.arranging else self.waiting.discard)(key)

    def _impossible(self, step: Step, *, self_delivery: bool) -> bool:
        """Whether an order that the seller delivers cannot stand there."""
        return bool(self.platform.own_fleet) and self_delivery and step in _WITH_COURIER

    def _settle(self, order: Purchase) -> None:
        if order.parcel.arranging_ends and order.settle(now()):
            self.save(order)

    def _made(
        self,
        shop: Shop,
        step: Step,
        created: datetime,
        present: datetime,
        *,
        lines: int | None = None,
        self_delivery: bool = False,
        sku: str = "",
        order_id: str = "",
    ) -> Purchase:
        chance, platform = self.stand.chance, self.platform
        order_id = order_id or platform.order_id(self.numbers, created)
        own = platform.own_fleet if self_delivery else ""
        order = Purchase(
            channel=self.channel,
            shop=shop.shop,
            order_id=order_id,
            currency=shop.currency,
            step=step,
            created_at=created,
            updated_at=min(present, created + timedelta(minutes=chance.randrange(1, 20))),
            paid_at=None if step is Step.UNPAID else created,
            ship_by=created + timedelta(hours=chance.choice((24, 36, 48))),
            lines=self._lines(chosen_products(shop, chance, lines, sku)),
            parcel=Parcel(platform.parcel_id(self.numbers), chance.choice(platform.providers)),
            buyer=somebody(chance),
            note=note(chance),
            cod=chance.random() < 0.1,
            shipping_fee=Decimal(chance.choice((0, 0, 490, 590, 725))) / 100,
            seller_delivers=self_delivery,
        )
        order.parcel.provider = own or order.parcel.provider
        discount(order, chance, vouchers=platform.has_vouchers)
        if step is Step.RETRY:
            order.parcel.tracking = platform.tracking(self.numbers)
            missed = int(order.updated_at.timestamp())
            order.times |= {"arranged": missed, "not_collected": missed}
        if step in _ARRANGED:
            order.parcel.tracking = platform.tracking(self.numbers)
            order.parcel.label_at = time.time()
            passed = _ON_THE_WAY[: _ARRANGED.index(step) + 1]
            order.times |= dict.fromkeys(passed, int(order.updated_at.timestamp()))
        if step is Step.HELD:
            order.times["held"] = int(created.timestamp())
        if step is Step.CANCELLED:
            order.step = Step.TO_SHIP
            order.cancel(order.updated_at, who="BUYER", reason="Change of mind")
        return order

    def _lines(self, products: Sequence[Product]) -> list[Line]:
        """A line per unit, or one per product with a quantity."""
        if self.platform.line_per_unit:
            return [self._line(product, 1) for product in products]
        quantities: dict[str, int] = {}
        for product in products:
            quantities[product.sku] = quantities.get(product.sku, 0) + 1
        first = {product.sku: product for product in products}
        return [self._line(first[sku], quantity) for sku, quantity in quantities.items()]

    def _line(self, product: Product, quantity: int) -> Line:
        product_id, sku_id = product_ids(product, wide=not self.platform.has_vouchers)
        return Line(
            line_id=self.platform.line_id(self.numbers),
            sku=product.sku,
            name=product.name,
            variation=product.variation.partition(":")[2] or product.variation,
            product_id=product_id,
            sku_id=sku_id,
            quantity=quantity,
            price=product.price,
        )
