"""What Shopee knows, in its words: ids, couriers, status words, token lifetimes."""

from __future__ import annotations

import secrets
from datetime import datetime

from crossdock_sandbox.grants import Lifetimes, both
from crossdock_sandbox.purchase_book import Platform, PurchaseBook
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
_ID_DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def open_book(stand: Stand) -> PurchaseBook:
    """Shopee's memory."""
    return PurchaseBook(
        stand,
        Platform(
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
        ),
    )


def order_status(order: Purchase) -> str:
    """``order_status`` of an order."""
    if order.step is not Step.CANCELLED and order.cancel_id:
        return "IN_CANCEL"
    if order.refund is not None and order.refund.open and order.step is not Step.COMPLETED:
        return "TO_RETURN"
    return _OF_STEP[order.step]


def parcel_status(order: Purchase) -> str:
    """``logistics_status`` of an order's package."""
    if order.step is Step.CANCELLED:
        if order.parcel.fate == "lost":
            return "LOGISTICS_LOST"
        if order.parcel.fate == "sent_back":
            return "LOGISTICS_DELIVERY_FAILED"
        return "LOGISTICS_REQUEST_CANCELED" if order.parcel.tracking else "LOGISTICS_INVALID"
    return _OF_PARCEL[order.step]


def _order_sn(numbers: Numbers, created: datetime) -> str:
    """14 characters: the day, and eight of letters and digits."""
    rest, text = 7_000_000_000 + numbers.next() * 1_000_003, ""
    for _ in range(8):
        rest, place = divmod(rest, len(_ID_DIGITS))
        text = _ID_DIGITS[place] + text
    return f"{created:%y%m%d}{text}"
