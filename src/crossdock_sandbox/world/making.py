"""Making believable orders, the same for the same seed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from crossdock_sandbox.world.buyers import note, somebody
from crossdock_sandbox.world.catalogue import KNOWN, PRODUCTS, UNKNOWN, Product
from crossdock_sandbox.world.orders import Item, Order, Package
from crossdock_sandbox.world.shops import Shop

_LINES = (1, 1, 1, 1, 2, 2, 3)
_PAYMENTS = ("MIXEDCARD", "MIXEDCARD", "PAYMENT_ACCOUNT", "GN_TNG_EBANK", "MAYBANK_IPP")
_PACKED = ("packed", "ready_to_ship_pending", "ready_to_ship", "shipped", "delivered", "confirmed",
           "failed_delivery", "lost_by_3pl", "damaged_by_3pl", "shipped_back", "shipped_back_success",
           "shipped_back_failed", "package_scrapped", "returned")  # fmt: skip
PROVIDERS = ("LEX MY", "J&T Express", "Ninja Van", "Drop-off: DHL, Delivery: DHL")


class Numbers:
    """Running numbers of a channel: order ids, item ids, packages, tracking numbers."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def next(self) -> int:
        """The next one."""
        self.last += 1
        return self.last

    def order_id(self) -> str:
        """15 digits, as Lazada's."""
        return str(440_011_000_000_000 + self.next() * 1_337)

    def item_id(self) -> int:
        """Looks like an order id, and is none."""
        return 550_011_000_000_000 + self.next() * 1_009

    def package_id(self) -> str:
        """``FP…``."""
        return f"FP{70_000_000 + self.next():012d}"

    def tracking(self) -> str:
        """A courier's number."""
        return f"LEXDO{self.next():010d}MY"

    def reverse_id(self) -> int:
        """Of a cancellation or return request."""
        return 660_011_000_000_000 + self.next() * 1_013


def make(
    shop: Shop,
    numbers: Numbers,
    chance: random.Random,
    *,
    created_at: datetime,
    now: datetime,
    status: str = "pending",
    lines: int | None = None,
    self_delivery: bool = False,
    sku: str = "",
    order_id: str = "",
) -> Order:
    """An order at this status, placed at this moment. ``lines``: how many units; else 1 to 3 lines."""
    products = chosen_products(shop, chance, lines, sku)
    items = [
        _item(
            product,
            numbers,
            status,
            created_at,
            sof=self_delivery,
            warehouse="dropshipping" if product.known_to_books or sku else "WH-JURONG-2",
        )
        for product in products
    ]
    order = Order(
        channel=shop.channel,
        shop=shop.shop,
        order_id=order_id or numbers.order_id(),
        currency=shop.currency,
        created_at=created_at,
        updated_at=created_at,
        paid_at=None if status == "unpaid" else created_at,
        ship_by=created_at + timedelta(hours=chance.choice((24, 36, 48))),
        items=items,
        buyer=somebody(chance),
        note=note(chance),
        payment_method="COD" if chance.random() < 0.1 else chance.choice(_PAYMENTS),
        shipping_fee=Decimal(chance.choice((0, 0, 490, 590, 725))) / 100,
    )
    _vouchers(order, chance)
    if status in _PACKED:
        put_in_package(order, order.items, numbers, chance.choice(PROVIDERS), label_at=0.0)
    if status == "canceled":
        for item in order.items:
            item.initiator, item.reason = "cancellation-customer", "Change of mind"
    order.updated_at = min(now, created_at + timedelta(minutes=chance.randrange(1, 20)))
    if status == "ready_to_ship_pending":
        for package in order.packages.values():
            package.ready_at = 1.0
    return order


def put_in_package(
    order: Order, items: list[Item], numbers: Numbers, provider: str, *, label_at: float
) -> Package:
    """Put items into a new package, with a courier and a tracking number."""
    package = Package(numbers.package_id(), numbers.tracking(), provider, label_at)
    order.packages[package.package_id] = package
    for item in items:
        item.package_id, item.tracking, item.provider = (
            package.package_id,
            package.tracking,
            provider,
        )
    return package


def chosen_products(
    shop: Shop, chance: random.Random, lines: int | None, sku: str
) -> list[Product]:
    """What a buyer takes, a product a unit: ``lines`` units, or 1 to 3 products; all of one ``sku`` where given."""
    if sku:
        product = PRODUCTS.get(sku) or Product(sku, f"Item {sku}", "", Decimal("25.50"), False)
        return [product] * (lines or 1)
    shelf = (*KNOWN, *UNKNOWN) if shop.sells_unknown and lines is None else KNOWN
    if lines is not None:
        return [chance.choice(KNOWN) for _ in range(lines)]
    chosen = []
    for _ in range(chance.choice(_LINES)):
        chosen += [chance.choice(shelf)] * chance.choice((1, 1, 1, 2))
    return chosen


def _item(
    product: Product, numbers: Numbers, status: str, at: datetime, *, sof: bool, warehouse: str
) -> Item:
    return Item(
        item_id=numbers.item_id(),
        sku=product.sku,
        name=product.name,
        variation=product.variation,
        price=product.price,
        voucher_seller=Decimal(0),
        voucher_platform=Decimal(0),
        shipping=Decimal(0),
        status=status,
        updated_at=at,
        sof=sof,
        warehouse=warehouse,
    )


def _vouchers(order: Order, chance: random.Random) -> None:
    """Some orders have vouchers, funded by the seller or the platform, spread in odd cents."""
    for name, share in (("voucher_seller", 0.35), ("voucher_platform", 0.25)):
        if chance.random() < share:
            for item in order.items:
                cents = chance.randrange(1, max(int(item.price * 12), 2))
                setattr(item, name, Decimal(cents) / 100)
    for item in order.items:
        item.shipping = (order.shipping_fee / len(order.items)).quantize(Decimal("0.01"))
