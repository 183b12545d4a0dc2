"""Push messages of Lazada: about items, requests and packages whose status is new, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.lazada.book import Book
from crossdock_sandbox.lazada.push_words import OF_PACKAGES, of_reverse
from crossdock_sandbox.world.orders import Item, Order, Package
from crossdock_sandbox.world.reversals import Reverse, ReverseLine
from crossdock_sandbox.world.shops import APPS, shop_named

_TRADE, _AUTHORIZATION, _REVERSE, _PACKAGE = 0, 8, 10, 14
"""``message_type``."""

_WARNED_BEFORE = 48 * 3600
"""Seconds before an authorisation ends from which on a message warns of it."""

Message = tuple[int, dict[str, Any]]
"""Its type and its ``data``."""


class Webhooks:
    """Sends messages for every changed order, if an address is registered."""

    def __init__(self, book: Book, delivery: Delivery) -> None:
        self.book, self.delivery = book, delivery
        self.known: dict[tuple[str, str], dict[str, str]] = {
            key: _states(order) for key, order in book.orders.items()
        }
        book.on_change = self.on_change
        book.on_time = self.on_time

    def on_change(self, order: Order) -> None:
        """A message for everything whose status is new (one for the order, when something else is)."""
        key = (order.shop, order.order_id)
        before, after = self.known.get(key, {}), _states(order)
        self.known[key] = after
        if not self._url():
            return
        fresh = {name for name, state in after.items() if before.get(name) != state}
        messages = list(_messages(order, fresh)) or [_trade(order, order.items[0])]
        for kind, data in messages:
            self._send(order.shop, order.order_id, kind, data)

    def on_time(self) -> None:
        """Warn of authorisations that end within 48 hours."""
        ends: dict[str, float] = {}
        for grant in self.book.grants.by_access.values():
            ends[grant.shop] = max(ends.get(grant.shop, 0.0), grant.refresh_ends)
        for shop, end in ends.items():
            if self._url() and 0 < end - time.time() <= _WARNED_BEFORE:
                data = {
                    "app_key": APPS["lazada"].key,
                    "auth_expiry_time": str(int(end)),
                    "seller_id": shop_named("lazada", shop).seller_id,
                }
                self._send(shop, "", _AUTHORIZATION, data)

    def _url(self) -> str:
        return self.book.stand.registered.get("lazada", {}).get("webhook_url", "")

    def _send(self, shop: str, order_id: str, kind: int, data: dict[str, Any]) -> None:
        body = _body(shop, kind, data)
        headers = {"Authorization": signature(body.encode())}
        self.delivery.send("lazada", order_id, self._url(), body, headers)


def _states(order: Order) -> dict[str, str]:
    """The status of every part of an order, by the part's id."""
    return {
        **{f"item {item.item_id}": item.status for item in order.items},
        **{f"line {line.line_id}": word for _, line, word in _reverse_words(order)},
        **{
            f"package {one.package_id}": _package_word(order, one)
            for one in order.packages.values()
        },
    }


def _messages(order: Order, fresh: set[str]) -> Iterator[Message]:
    for item in order.items:
        if f"item {item.item_id}" in fresh:
            yield _trade(order, item)
    for reverse, line, word in _reverse_words(order):
        if f"line {line.line_id}" in fresh and word:
            yield _REVERSE, _about_reverse(order, reverse, line, word)
    for package in order.packages.values():
        word = _package_word(order, package)
        if f"package {package.package_id}" in fresh and word:
            yield _PACKAGE, _about_package(order, package, word)


def _trade(order: Order, item: Item) -> Message:
    """Ids are text here."""
    data = {
        "order_status": item.status,
        "trade_order_id": order.order_id,
        "trade_order_line_id": str(item.item_id),
        "status_update_time": int(item.updated_at.timestamp()),
        "buyer_id": str(order.buyer.number),
    }
    if found := order.last_line(item):
        data["reverse_order_id"] = str(found[0].reverse_id)
        data["reverse_order_line_id"] = str(found[1].line_id)
    return _TRADE, data


def _about_reverse(order: Order, reverse: Reverse, line: ReverseLine, word: str) -> dict[str, Any]:
    """Ids are numbers here."""
    return {
        "reverse_order_id": reverse.reverse_id,
        "reverse_order_line_id": line.line_id,
        "reverse_status": word,
        "trade_order_id": int(order.order_id),
        "trade_order_line_id": line.item_id,
        "buyer_id": order.buyer.number,
        "seller_id": int(shop_named("lazada", order.shop).seller_id),
        "extraParams": {},
    }


def _about_package(order: Order, package: Package, word: str) -> dict[str, Any]:
    return {
        "fulfillment_package_id": package.package_id,
        "status": word,
        "trade_order_id": order.order_id,
        "buyer_id": str(order.buyer.number),
        "status_update_time": int(order.updated_at.timestamp()),
    }


def _reverse_words(order: Order) -> Iterator[tuple[Reverse, ReverseLine, str]]:
    for reverse in order.reversals:
        for line in reverse.lines:
            yield reverse, line, of_reverse(reverse, line)


def _package_word(order: Order, package: Package) -> str:
    if package.void:
        return "CANCELLED"
    items = order.of_package(package)
    return OF_PACKAGES.get(items[0].status, "") if items else ""


def _body(shop: str, kind: int, data: dict[str, Any]) -> str:
    """The envelope: milliseconds for trade orders, seconds for everything else."""
    known, present = shop_named("lazada", shop), time.time()
    body = {
        "seller_id": "null" if kind == _AUTHORIZATION else known.seller_id,
        "message_type": kind,
        "data": data,
        "timestamp": int(present * 1000) if kind == _TRADE else int(present),
        "site": f"lazada_{known.region.lower()}",
    }
    return json.dumps(body, separators=(",", ":"))


def signature(body: bytes) -> str:
    """64 lower-case hex: HMAC-SHA256 over app key + raw body."""
    app = APPS["lazada"]
    return hmac.new(app.secret.encode(), app.key.encode() + body, hashlib.sha256).hexdigest()
