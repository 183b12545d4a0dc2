"""What Shopee knows, in its words: ids, couriers, status words, token lifetimes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from crossdock_sandbox.delivery import Sent
from crossdock_sandbox.grants import Lifetimes, both
from crossdock_sandbox.platforms import Platform
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.shopee import authorizations, deadlines
from crossdock_sandbox.shopee.return_pages import ReturnPages
from crossdock_sandbox.shopee.returning import send_goods_on
from crossdock_sandbox.stand import Stand
from crossdock_sandbox.world.making import Numbers
from crossdock_sandbox.world.purchases import Purchase, Step

WORDS = {
    "UNPAID": Step.UNPAID,
    "PENDING": Step.HELD,
    "READY_TO_SHIP": Step.TO_SHIP,
    "PROCESSED": Step.ARRANGED,
    "RETRY_SHIP": Step.RETRY,
    "SHIPPED": Step.SHIPPED,
    "TO_CONFIRM_RECEIVE": Step.DELIVERED,
    "COMPLETED": Step.COMPLETED,
    "CANCELLED": Step.CANCELLED,
}
_OF_STEP = {step: word for word, step in WORDS.items()}
_OF_PARCEL = {
    Step.UNPAID: "LOGISTICS_NOT_START",
    Step.HELD: "LOGISTICS_NOT_START",
    Step.TO_SHIP: "LOGISTICS_READY",
    Step.ARRANGED: "LOGISTICS_REQUEST_CREATED",
    Step.RETRY: "LOGISTICS_PICKUP_RETRY",
    Step.SHIPPED: "LOGISTICS_PICKUP_DONE",
    Step.DELIVERED: "LOGISTICS_DELIVERY_DONE",
    Step.COMPLETED: "LOGISTICS_DELIVERY_DONE",
}
_OF_FATE = {
    "lost": "LOGISTICS_LOST",
    "sent_back": "LOGISTICS_DELIVERY_FAILED",
    "not_collected": "LOGISTICS_PICKUP_FAILED",
}
OWN_FLEET = "Seller Own Fleet"
"""The courier of orders that the seller delivers."""
_ID_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _no_document(order: Purchase, kind: str) -> None:
    """Nobody is told."""


class ShopeeBook(PurchaseBook):
    """Shopee's memory, and what its messages must hear of besides changed orders."""

    def __init__(self, stand: Stand) -> None:
        super().__init__(stand, PLATFORM)
        self.on_authorized: Callable[[Sequence[str]], None] = lambda _shops: None
        """Called with the shops that a seller has just authorized: more than one for a main account."""
        self.on_document: Callable[[Purchase, str], None] = _no_document
        """Called when a waybill of a type is ready."""
        self.lost_messages: Callable[[], list[Sent]] = list
        """Messages that nobody received."""
        self.return_pages = ReturnPages()

    def pass_time(self, hours: float) -> None:
        """What couriers, buyers and deadlines do in so many hours, done now."""
        authorizations.pass_time(self, hours * 3600)
        super().pass_time(hours)


def open_book(stand: Stand) -> ShopeeBook:
    """Shopee's memory."""
    return ShopeeBook(stand)


def order_status(order: Purchase, *, pending: bool = True) -> str:
    """``order_status`` of an order. ``pending``: whether PENDING is told, else as it was before."""
    if order.step is not Step.CANCELLED and order.cancel_id:
        return "IN_CANCEL"
    if order.refund is not None and order.refund.open and order.step is not Step.COMPLETED:
        return "TO_RETURN"
    if order.step is Step.HELD and not pending:
        return "READY_TO_SHIP"
    return _OF_STEP[order.step]


def parcel_status(order: Purchase) -> str:
    """``logistics_status`` (in a package's detail: ``fulfillment_status``) of an order's package."""
    if order.step is Step.CANCELLED:
        cancelled = "REQUEST_CANCELED" if order.parcel.tracking else "INVALID"
        return _OF_FATE.get(order.parcel.fate, f"LOGISTICS_{cancelled}")
    return _OF_PARCEL[order.step]


def is_arranged(order: Purchase) -> bool:
    """``is_shipment_arranged``: true from the moment at which ship_order was accepted."""
    if order.step in (Step.TO_SHIP, Step.RETRY):
        return order.arranging
    return "arranged" in order.times


def _order_sn(numbers: Numbers, created: datetime) -> str:
    """14 characters: the day, and eight of letters and digits."""
    rest, text = 7_000_000_000 + numbers.next() * 1_000_003, ""
    for _ in range(8):
        rest, place = divmod(rest, len(_ID_DIGITS))
        text = _ID_DIGITS[place] + text
    return f"{created:%y%m%d}{text}"


PLATFORM = Platform(
    channel="shopee",
    words=WORDS,
    default="READY_TO_SHIP",
    word=order_status,
    parcel_word=parcel_status,
    lifetimes=Lifetimes(access=4 * 3600, refresh=30 * 86400, code=600),
    new_token=lambda: both(size=32),
    new_code=lambda: secrets.token_hex(16),
    order_id=_order_sn,
    is_order_id=lambda text: len(text) == 14 and text.isalnum(),
    parcel_id=lambda numbers: f"OFG{182_000_000_000_000 + numbers.next() * 1009}",
    tracking=lambda numbers: f"SPXMY{numbers.next():011d}",
    providers=("SPX Express", "J&T Express", "Ninja Van", "Pos Laju"),
    line_per_unit=False,
    has_vouchers=True,
    parcel_known_early=True,
    own_fleet=OWN_FLEET,
    deadlines=deadlines.pass_deadlines,
    goods_sent_back=send_goods_on,
)
