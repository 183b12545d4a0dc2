"""Lazada's push messages: verified over the raw body, believed only for *that* something happened."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.channels.contract import App, Event, EventKind
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.reading import Row, text
from crossdock.rules.from_outside import whole

_TRADE, _AUTHORIZATION, _REVERSE, _PACKAGE = 0, 8, 10, 14
"""message_type, for those that matter here."""


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
    data = message.get("data")
    if isinstance(data, dict):
        yield from _events(message, data, hashlib.sha256(body).hexdigest())


def _events(message: Row, data: Row, event_id: str) -> Iterator[Event]:
    """What a message is about: an order, a return with its order, or the end of our authorisation."""
    kind = whole(message.get("message_type"))
    shop_id = _shop(message, data)
    region, order_id = _region(message.get("site")), _id(data, "trade_order_id")
    if kind == _AUTHORIZATION:
        yield Event(event_id, shop_id, region, EventKind.DEAUTHORIZED)
    elif kind in (_TRADE, _PACKAGE) and order_id:
        yield Event(event_id, shop_id, region, EventKind.ORDER, (order_id,))
    elif kind == _REVERSE and order_id:
        reverse_id = _id(data, "reverse_order_id")
        if text(data, "reverse_status").upper().startswith("CANCEL"):
            yield Event(event_id, shop_id, region, EventKind.ORDER, (order_id,))
        else:
            returns = (reverse_id,) if reverse_id else ()
            yield Event(event_id, shop_id, region, EventKind.RETURN, (order_id,), returns)


def _shop(message: Row, data: Row) -> str:
    """The seller's id; message type 8 has it in its data, and the word "null" on top."""
    ids = (text(source, "seller_id") for source in (message, data))
    return next((one for one in ids if one not in ("", "null", "0")), "")


def _id(data: Row, name: str) -> str:
    """An id, which is text in some messages and a number in others."""
    found = text(data, name)
    return "" if found in ("0", "null") else found


def _region(site: Any) -> str:
    """``lazada_my``, ``LAZADA_SG``, ``lazada-sg`` → ``MY``, ``SG``; "" where it is no country."""
    found = str(site or "").replace("-", "_").rpartition("_")[2].upper()
    return found if found in COUNTRIES else ""
