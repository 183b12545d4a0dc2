"""Lazada's push messages: verified over the raw body, believed only for *that* something happened."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.channels.contract import App, Event, EventKind
from crossdock.channels.errors import Refused, Unreadable

_ABOUT_ORDERS = {0: EventKind.ORDER, 10: EventKind.RETURN, 14: EventKind.ORDER}
"""message_type → what it is about, for those that name an order."""


def read(app: App, *, headers: Mapping[str, str], body: bytes) -> Iterator[Event]:
    """The events of a message. Header names are lower case.

    Raises Refused on a wrong signature: 64 lower-case hex of HMAC-SHA256 over app key + raw body.
    Raises Unreadable when a rightly signed body is not what was promised.
    """
    expected = hmac.new(
        app.secret.strip().encode(), app.key.encode() + body, hashlib.sha256
    ).hexdigest()
    if not hmac.compare_digest(
        expected.encode(), headers.get("authorization", "").strip().encode()
    ):
        raise Refused("The message is not signed with this app's key.", code="signature")
    try:
        message = json.loads(body)
    except ValueError:
        raise Unreadable("A signed message is not JSON.") from None
    if not isinstance(message, dict):
        raise Unreadable("A signed message is not an object.")
    kind = _ABOUT_ORDERS.get(_number(message.get("message_type")))
    data = message.get("data")
    if kind is None or not isinstance(data, dict) or not data.get("trade_order_id"):
        return
    yield Event(
        event_id=hashlib.sha256(body).hexdigest(),
        shop_id=str(message.get("seller_id") or data.get("seller_id") or ""),
        region=_region(message.get("site")),
        kind=kind,
        order_ids=(str(data["trade_order_id"]),),
    )


def _number(value: Any) -> int:
    return int(value) if str(value).lstrip("-").isdigit() else -1


def _region(site: Any) -> str:
    """``lazada_my``, ``LAZADA_SG``, ``lazada-sg`` → ``MY``, ``SG``."""
    return str(site or "").replace("-", "_").rpartition("_")[2].upper()
