"""Push messages of TikTok Shop."""

from __future__ import annotations

from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.purchase_book import PurchaseBook


class Webhooks:
    """Sends a message for every changed order, if an address is registered."""

    def __init__(self, book: PurchaseBook, delivery: Delivery) -> None:
        self.book, self.delivery = book, delivery
