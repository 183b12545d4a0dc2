"""What is sold in an order of the one-parcel kind: its ids, and what is taken off its price."""

from __future__ import annotations

import random
from decimal import Decimal

from crossdock_sandbox.world.catalogue import Product
from crossdock_sandbox.world.purchases import Purchase


def product_ids(product: Product, *, wide: bool) -> tuple[int, int]:
    """(product id, SKU id) of what a shop sells: of 19 digits where they are wide, else of 18."""
    base = 1_729_000_000_000_000_000 if wide else 172_900_000_000_000_000
    sku_base = 1_729_300_000_000_000_000 if wide else 172_930_000_000_000_000
    return base + product.number, sku_base + product.number


def discount(order: Purchase, chance: random.Random, *, vouchers: bool) -> None:
    """Some goods are sold for less, at the seller's or the platform's expense, in odd cents."""
    for line in order.lines:
        if chance.random() < 0.3:
            line.seller_discount = Decimal(chance.randrange(1, max(int(line.price * 12), 2))) / 100
        if not vouchers and chance.random() < 0.25:
            line.platform_discount = Decimal(chance.randrange(1, max(int(line.price * 8), 2))) / 100
    if vouchers:
        cents = max(int(order.goods * 8), 2)
        if chance.random() < 0.3:
            order.voucher_seller = Decimal(chance.randrange(1, cents)) / 100
        if chance.random() < 0.2:
            order.voucher_platform = Decimal(chance.randrange(1, cents)) / 100
