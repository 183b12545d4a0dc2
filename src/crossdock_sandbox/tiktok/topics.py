"""Push messages that an app has registered by API: an address for each shop and topic."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from crossdock_sandbox.purchase_book import PurchaseBook
from crossdock_sandbox.tiktok.gateway import Call

TOPICS = {
    1: "ORDER_STATUS_CHANGE",
    2: "REVERSE_STATUS_UPDATE",
    3: "RECIPIENT_ADDRESS_UPDATE",
    4: "PACKAGE_UPDATE",
    5: "PRODUCT_STATUS_CHANGE",
    6: "SELLER_DEAUTHORIZATION",
    7: "UPCOMING_AUTHORIZATION_EXPIRATION",
    11: "CANCELLATION_STATUS_CHANGE",
    12: "RETURN_STATUS_CHANGE",
}
"""``event_type`` by ``type``."""
_ROOM = "tiktok-webhooks"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def address(book: PurchaseBook, shop: str, kind: int) -> str:
    """Where messages of a type go; "" for nowhere.

    Which of both wins, the shop's own address or the one of the app's settings, is not known: here
    the shop's own.
    """
    own = book.stand.shelf.get(_ROOM, shop, {}).get(TOPICS[kind])
    return str(own["address"] if own else _of_app(book))


def _of_app(book: PurchaseBook) -> str:
    return book.stand.registered.get("tiktok", {}).get("webhook_url", "")


def listed(call: Call) -> dict[str, Any]:
    """GET /event/202309/webhooks"""
    kept: dict[str, Any] = call.book.stand.shelf.get(_ROOM, call.of_shop, {})
    rows = [{"event_type": topic, **one} for topic, one in sorted(kept.items())]
    return {"total_count": len(rows), "webhooks": rows}


def put(call: Call) -> dict[str, Any]:
    """PUT /event/202309/webhooks: https and a domain name; on loopback anything goes here"""
    topic = call.body.one_of("event_type", tuple(TOPICS.values()))
    url = call.body.text("address")
    if not _is_address(url):
        raise call.body.refused("address", "must be https, with a domain name and without a port")
    present = int(time.time())
    kept = call.book.stand.shelf.get(_ROOM, call.of_shop, {})
    before = kept.get(topic, {"create_time": present})
    kept[topic] = {
        "address": url,
        "create_time": before["create_time"],
        "update_time": present,
    }
    call.book.stand.shelf.put(_ROOM, call.of_shop, kept)
    return {}


def drop(call: Call) -> dict[str, Any]:
    """DELETE /event/202309/webhooks: the topic stands in the body; nothing set is no error"""
    topic = call.body.one_of("event_type", tuple(TOPICS.values()))
    kept = call.book.stand.shelf.get(_ROOM, call.of_shop, {})
    kept.pop(topic, None)
    call.book.stand.shelf.put(_ROOM, call.of_shop, kept)
    return {}


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if host in _LOOPBACK:
        return parts.scheme in ("http", "https") and len(url) <= 255
    named = "." in host and not host.replace(".", "").isdigit()
    return parts.scheme == "https" and named and port is None and len(url) <= 255
