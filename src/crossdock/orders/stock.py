"""What the company's books tell of the goods behind a SKU: where they lie, and what a scan of them says.

The books are another room's; it tells this one how to read them when it starts. A company without
books, and a SKU that nobody has mapped, simply have nothing to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from crossdock.orders.models import Order


@dataclass(frozen=True, slots=True)
class Stock:
    """The goods behind a SKU of a store."""

    location: str = ""
    """Where they lie; "" where the books do not say."""
    codes: frozenset[str] = frozenset()
    """What stands on them besides the SKU: barcodes and the stock item's own code."""


Stocks = Mapping[tuple[int, str], Stock]
"""(store pk, SKU) → the goods."""
UNTOLD = Stock()

_readers: list[Callable[[Collection[int], Collection[str]], Stocks]] = []


def register_stock(read: Callable[[Collection[int], Collection[str]], Stocks]) -> None:
    """Tell how stores and SKUs become goods. Called once, by the room of the books, at start."""
    _readers[:] = [read]


def stocks_of(orders: Iterable[Order]) -> Stocks:
    """The goods of these orders' lines (``lines`` are loaded), in as many queries for one as for many."""
    pairs = {(order.store_id, line.sku) for order in orders for line in order.lines.all()}
    skus = {sku for _, sku in pairs if sku}
    if not _readers or not skus:
        return {}
    return _readers[0]({store for store, _ in pairs}, skus)
