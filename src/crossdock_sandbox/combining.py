"""Orders of one buyer in one parcel, and parcels taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from crossdock_sandbox.control.telling import no_combining
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.orders import NotPossible
from crossdock_sandbox.world.purchases import Purchase, Step
from crossdock_sandbox.world.shops import Shop

if TYPE_CHECKING:
    from crossdock_sandbox.purchase_book import PurchaseBook

_WITH_PARCEL = (Step.TO_SHIP, Step.ARRANGED, Step.SHIPPED, Step.DELIVERED, Step.COMPLETED)


def to_combine_with(book: PurchaseBook, shop: Shop, order_id: str, status: str) -> Purchase:
    """The order whose parcel others are to travel in. Raises NotPossible."""
    if not book.platform.combines:
        raise NotPossible(no_combining(book.channel))
    other = book.order(shop.shop, order_id)
    if other is None:
        raise NotPossible(f"{shop.shop} has no order {order_id} to combine with")
    other.need(*_WITH_PARCEL)
    if status not in ("", book.platform.word(other)):
        raise NotPossible(
            f"order {order_id} is {book.platform.word(other)}: only orders of the same status travel together"
        )
    return other


def combine(
    book: PurchaseBook, other: Purchase, made: Sequence[Purchase], present: datetime
) -> list[Purchase]:
    """Put orders into another's parcel; the orders that were in it.

    Until it is shipped, that makes a new parcel of it.
    """
    before = book.mates(other)
    if other.step is Step.TO_SHIP:
        del book.parcels[other.parcel.parcel_id]
        other.parcel.parcel_id = book.platform.parcel_id(book.numbers)
    for order in made:
        order.parcel, order.buyer = other.parcel, other.buyer
        order.times = dict(other.times)
    for order in before:
        order.touch(present)
    return before


def take_apart(book: PurchaseBook, orders: Sequence[Purchase], leaving: Sequence[Purchase]) -> None:
    """Give orders that leave a combined parcel parcels of their own; the others get a new one."""
    parcel, staying = orders[0].parcel, [one for one in orders if one not in leaving]
    left = [key for key in book.parcels[parcel.parcel_id] if book.orders[key] not in orders]
    book.parcels[parcel.parcel_id] = left
    for group in (*([staying] if staying else []), *([one] for one in leaving)):
        own = replace(parcel, parcel_id=book.platform.parcel_id(book.numbers))
        for order in group:
            order.parcel = own
            order.touch(now())
    book.add(list(orders))
