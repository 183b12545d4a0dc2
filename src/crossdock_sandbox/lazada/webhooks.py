"""Push messages of Lazada: one for every item whose status is new, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.world.orders import Order
from crossdock_sandbox.world.shops import APPS, shop_named


class Webhooks:
    """Sends a message for every changed order, if an address is registered."""

    def __init__(self, book: Book, delivery: Delivery) -> None:
        self.book, self.delivery = book, delivery
        self.known: dict[tuple[str, str], dict[int, str]] = {}
        book.on_change = self.on_change

    def on_change(self, order: Order) -> None:
        """One message for each item whose status is new (or one, when something else changed)."""
        before = self.known.get((order.shop, order.order_id), {})
        self.known[order.shop, order.order_id] = {item.item_id: item.status for item in order.items}
        url = self.book.stand.registered.get("lazada", {}).get("webhook_url")
        if not url:
            return
        news = [
            item for item in order.items if before.get(item.item_id) != item.status
        ] or order.items[:1]
        for item in news:
            body = _body(order, item.item_id, item.status)
            headers = {"Authorization": signature(body.encode())}
            self.delivery.send("lazada", order.order_id, url, body, headers)


def _body(order: Order, item_id: int, status: str) -> str:
    shop = shop_named("lazada", order.shop)
    body = {
        "seller_id": shop.seller_id,
        "message_type": 0,
        "data": {
            "order_status": status,
            "trade_order_id": order.order_id,
            "trade_order_line_id": str(item_id),
            "status_update_time": int(order.updated_at.timestamp()),
            "buyer_id": str(order.buyer.number),
        },
        "timestamp": int(time.time() * 1000),
        "site": f"lazada_{shop.region.lower()}",
    }
    return json.dumps(body, separators=(",", ":"))


def signature(body: bytes) -> str:
    """64 lower-case hex: HMAC-SHA256 over app key + raw body."""
    app = APPS["lazada"]
    return hmac.new(app.secret.encode(), app.key.encode() + body, hashlib.sha256).hexdigest()
