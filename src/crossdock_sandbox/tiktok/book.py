"""What TikTok Shop knows, in its words: ids, couriers, status words, token lifetimes."""

from __future__ import annotations

import secrets
from datetime import datetime

from crossdock_sandbox.grants import Lifetimes
from crossdock_sandbox.platforms import Platform
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.stand import Stand
from crossdock_sandbox.tiktok.deadlines import pass_deadlines
from crossdock_sandbox.tiktok.returning import goods_sent_back
from crossdock_sandbox.world.making import Numbers
from crossdock_sandbox.world.purchases import Purchase, Step

WORDS = {
    "UNPAID": Step.UNPAID,
    "ON_HOLD": Step.HELD,
    "AWAITING_SHIPMENT": Step.TO_SHIP,
    "AWAITING_COLLECTION": Step.ARRANGED,
    "IN_TRANSIT": Step.SHIPPED,
    "DELIVERED": Step.DELIVERED,
    "COMPLETED": Step.COMPLETED,
    "CANCELLED": Step.CANCELLED,
}
STATUSES = (*WORDS, "PARTIALLY_SHIPPING")
"""Every ``status`` that a search can ask for."""
PARCEL_STATUSES = ("TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED")
_OF_STEP = {step: word for word, step in WORDS.items()} | {Step.RETRY: "AWAITING_SHIPMENT"}
_OF_PARCEL = {
    Step.ARRANGED: "PROCESSING",
    Step.SHIPPED: "FULFILLING",
    Step.DELIVERED: "COMPLETED",
    Step.COMPLETED: "COMPLETED",
    Step.CANCELLED: "CANCELLED",
}


def open_book(stand: Stand) -> PurchaseBook:
    """TikTok Shop's memory."""
    return PurchaseBook(
        stand,
        Platform(
            channel="tiktok",
            words=WORDS,
            default="AWAITING_SHIPMENT",
            word=order_status,
            parcel_word=parcel_status,
            lifetimes=Lifetimes(access=7 * 86400, refresh=365 * 86400, code=1800),
            new_token=_new_tokens,
            new_code=lambda: f"ROW_{secrets.token_urlsafe(48)}",
            order_id=_order_id,
            is_order_id=lambda text: len(text) == 18 and text.isdigit(),
            parcel_id=lambda numbers: str(1_153_000_000_000_000_000 + numbers.next() * 1_000_003),
            tracking=lambda numbers: f"JNTMY{numbers.next():010d}",
            providers=("J&T Express", "Ninja Van", "DHL eCommerce", "Flash Express"),
            line_per_unit=True,
            has_vouchers=False,
            line_id=lambda numbers: str(577_501_000_000_000_000 + numbers.next() * 1_000_003),
            case_id=lambda numbers: str(4_035_000_000_000_000_000 + numbers.next() * 1_000_003),
            courier_known_early=False,
            combines=True,
            deadlines=pass_deadlines,
            goods_sent_back=goods_sent_back,
        ),
    )


def order_status(order: Purchase) -> str:
    """``status`` of an order."""
    return _OF_STEP[order.step]


def parcel_status(order: Purchase) -> str:
    """``package_status`` of an order's package."""
    return _OF_PARCEL.get(order.step, "TO_FULFILL")


def _new_tokens() -> tuple[str, str]:
    return f"ROW_{secrets.token_urlsafe(96)}", f"ROW_{secrets.token_urlsafe(60)}"


def _order_id(numbers: Numbers, created: datetime) -> str:
    del created
    return str(577_001_000_000_000_000 + numbers.next() * 1_000_003)
