"""Push messages of TikTok Shop, signed: orders, addresses, cancellations, returns, deauthorizations."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.book import order_status
from crossdock_sandbox.tiktok.cancellations import STATUSES as CANCEL_STATUSES
from crossdock_sandbox.tiktok.return_json import return_type, role
from crossdock_sandbox.tiktok.returning import STATUSES as RETURN_STATUSES
from crossdock_sandbox.tiktok.returns import requests
from crossdock_sandbox.tiktok.topics import address
from crossdock_sandbox.world.purchases import Purchase
from crossdock_sandbox.world.shops import APPS, shop_named


@dataclass(frozen=True)
class Known:
    """An order as its messages last told it."""

    itself: tuple[Any, ...]
    street: str
    package: str
    cancels: dict[str, str]
    returns: dict[str, str]


class Webhooks:
    """Sends messages for every change, where an address is registered."""

    def __init__(self, book: PurchaseBook, delivery: Delivery) -> None:
        self.book, self.delivery = book, delivery
        self.number = 7_400_000_000_000_000_000 + int(time.time() * 1000) * 1000
        self.known = {key: _known(order) for key, order in book.orders.items()}
        book.on_change = self.on_change
        book.grants.on_revoke = self.on_revoke

    def on_change(self, order: Purchase) -> None:
        """What is new about an order."""
        key = (order.shop, order.order_id)
        before, after = self.known.get(key), _known(order)
        self.known[key] = after
        if before is None or before.itself != after.itself:
            self._send(order.shop, order.order_id, 1, _status(order))
        if before is not None and before.street != after.street:
            told = {"order_id": order.order_id, "update_time": int(order.updated_at.timestamp())}
            self._send(order.shop, order.order_id, 3, told)
        if before is not None and before.package != after.package:
            self._send(order.shop, order.order_id, 4, self._package(order))
        for one in order.cancels:
            if (before.cancels if before else {}).get(one["id"]) != one["state"]:
                self._send(order.shop, order.order_id, 11, _cancellation(order, one))
        for refund in requests(order):
            if (before.returns if before else {}).get(refund.refund_id) != refund.state:
                told = {
                    "order_id": order.order_id,
                    "return_id": refund.refund_id,
                    "return_role": role(refund),
                    "return_type": return_type(refund),
                    "return_status": RETURN_STATUSES[refund.state],
                    "create_time": int(refund.created_at.timestamp()),
                    "update_time": int((refund.updated_at or refund.created_at).timestamp()),
                }
                self._send(order.shop, order.order_id, 12, told)

    def _package(self, order: Purchase) -> dict[str, Any]:
        together = self.book.together(order)
        return {
            "sc_type": "COMBINE" if len(together) > 1 else "CANCEL_COMBINE",
            "role_type": "ROLE_SELLER",
            "package_list": [
                {
                    "package_id": order.parcel.parcel_id,
                    "order_id_list": [one.order_id for one in together],
                }
            ],
            "update_time": int(order.updated_at.timestamp()),
        }

    def on_revoke(self, shop: str) -> None:
        """A seller has taken back what the app was allowed."""
        self._send(shop, "", 6, {"message": "The seller has deauthorized the app."})

    def _send(self, shop: str, order_id: str, kind: int, data: dict[str, Any]) -> None:
        url = address(self.book, shop, kind)
        if not url:
            return
        self.number += 1
        body = json.dumps(
            {
                "type": kind,
                "tts_notification_id": str(self.number),
                "shop_id": shop_named("tiktok", shop).seller_id,
                "timestamp": int(time.time()),
                "data": data,
            },
            separators=(",", ":"),
        )
        headers = {"Authorization": signature(body.encode())}
        self.delivery.send("tiktok", order_id, url, body, headers, taken=_taken)


def _known(order: Purchase) -> Known:
    returns = {one.refund_id: one.state for one in requests(order)}
    street, cancel = order.buyer.street, order.cancel_id
    return Known(
        itself=(order.step, order.updated_at, order.goods, street, cancel, tuple(returns.items())),
        street=street,
        package=order.parcel.parcel_id,
        cancels={one["id"]: one["state"] for one in order.cancels},
        returns=returns,
    )


def _status(order: Purchase) -> dict[str, Any]:
    word = order_status(order)
    return {
        "order_id": order.order_id,
        "order_status": "CANCEL" if word == "CANCELLED" else word,
        "is_on_hold_order": "held" in order.times,
        "update_time": int(order.updated_at.timestamp()),
    }


def _cancellation(order: Purchase, one: dict[str, Any]) -> dict[str, Any]:
    status = CANCEL_STATUSES[one["state"]]
    return {
        "order_id": order.order_id,
        "cancel_id": one["id"],
        "cancellations_role": one["by"],
        "cancel_status": f"{status}LED" if status.endswith("_CANCEL") else status,
        "create_time": one["at"],
    }


def _taken(status: int, body: bytes) -> bool:
    """200 with an empty body: received. 401 with an empty body: refused, and answered all the same."""
    return status in (200, 401) and not body


def signature(body: bytes) -> str:
    """64 lower-case hex: HMAC-SHA256 over app key + raw body."""
    app = APPS["tiktok"]
    return hmac.new(app.secret.encode(), app.key.encode() + body, hashlib.sha256).hexdigest()
