"""Push messages: signed, and sometimes twice, late or out of order."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.world.orders import Order
from crossdock_sandbox.world.shops import APPS, shop_named

_RETRIES = (1.0, 5.0, 30.0)
"""Seconds until a message without a 200 is sent again; the real ones wait half an hour."""
_TWICE, _LATE = 0.1, 0.1


@dataclass
class Sent:
    """A message, and what came of it."""

    id: int
    channel: str
    order_id: str
    url: str
    body: str
    sent_at: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


class Webhooks:
    """Sends a message for every changed order, if an address is registered."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sent: list[Sent] = []
        self.known: dict[tuple[str, str], dict[int, str]] = {}
        self.running: set[asyncio.Task[None]] = set()
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
            self._send_soon(self._message(order, url, item.item_id, item.status))

    def listed(self) -> list[dict[str, Any]]:
        """What was sent, when, and the answers."""
        return [asdict(message) for message in self.sent]

    def again(self, number: int) -> bool:
        """Send one once more; False when there is none of this number."""
        if not 0 < number <= len(self.sent):
            return False
        self._start(self.sent[number - 1], 0.0, retries=())
        return True

    def _message(self, order: Order, url: str, item_id: int, status: str) -> Sent:
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
        text = json.dumps(body, separators=(",", ":"))
        message = Sent(len(self.sent) + 1, "lazada", order.order_id, url, text)
        self.sent.append(message)
        return message

    def _send_soon(self, message: Sent) -> None:
        chance = self.book.stand.faults.chance
        late = 2.0 if chance.random() < _LATE else 0.0
        self._start(message, 0.05 + chance.random() * 0.3 + late, _RETRIES)
        doubled = self.book.stand.faults.strike("lazada", "", only="duplicate_webhook")
        if doubled or chance.random() < _TWICE:
            self._start(message, 0.2 + chance.random(), ())

    def _start(self, message: Sent, wait: float, retries: tuple[float, ...]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # made before the servers run: nobody listens yet
        task = loop.create_task(self._deliver(message, wait, retries))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def _deliver(self, message: Sent, wait: float, retries: tuple[float, ...]) -> None:
        for pause in (wait, *retries):
            await asyncio.sleep(pause)
            if await self._post(message):
                return

    async def _post(self, message: Sent) -> bool:
        message.sent_at.append(time.time())
        body = message.body.encode()
        headers = {"Authorization": signature(body), "Content-Type": "application/json"}
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                answer = await client.post(message.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            message.answers.append(type(error).__name__)
            return False
        message.answers.append(str(answer.status_code))
        return answer.status_code == 200


def signature(body: bytes) -> str:
    """64 lower-case hex: HMAC-SHA256 over app key + raw body."""
    app = APPS["lazada"]
    return hmac.new(app.secret.encode(), app.key.encode() + body, hashlib.sha256).hexdigest()
