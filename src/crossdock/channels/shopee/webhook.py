"""Shopee's push messages: verified over address and raw body, believed only for *that* something
happened."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.channels.contract import App, Event, EventKind
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.reading import Row, child, said, text
from crossdock.rules.from_outside import whole

_ABOUT_ORDERS = frozenset({3, 4, 15, 30, 47})
"""order_status, order_trackingno, shipping_document_status, package_fulfillment_status, package_info"""
_RETURN = 29
_CANCELLED, _EXPIRES = 2, 12
_SHOPS = ("shop_id", "shopid", "shop_id_list", "shop_expire_soon")


def read(app: App, *, headers: Mapping[str, str], body: bytes, url: str) -> Iterator[Event]:
    """The events of a message. Header names are lower case; ``url`` is the registered address.

    Raises Refused on a wrong signature, Unreadable when a rightly signed body is not what was promised.
    """
    expected = hmac.new(push_key(app).encode(), url.encode() + b"|" + body, hashlib.sha256)
    given = headers.get("authorization", "").strip().encode()
    if not hmac.compare_digest(expected.hexdigest().encode(), given):
        raise Refused("The message is not signed with this app's push key.", code="signature")
    message = _message(body)
    code, data = whole(message.get("code")), child(message, "data")
    name = hashlib.sha256(body).hexdigest()
    order_sn = text(data, "ordersn") or text(data, "order_sn")
    if code in (_CANCELLED, _EXPIRES):
        for shop_id in _shops(message):
            yield Event(name, shop_id, "", EventKind.DEAUTHORIZED)
    elif (code in _ABOUT_ORDERS or code == _RETURN) and order_sn:
        return_sn = text(data, "return_sn") if code == _RETURN else ""
        yield Event(
            event_id=name,
            shop_id=text(message, "shop_id"),
            region="",
            kind=EventKind.RETURN if code == _RETURN else EventKind.ORDER,
            order_ids=(order_sn,),
            return_ids=(return_sn,) if return_sn else (),
        )


def push_key(app: App) -> str:
    """What messages are signed with: the Live Push Partner Key of the console; the guide says that it
    is the partner key, and where no other is set that is tried."""
    return (app.more.get("push_key") or app.secret).strip()


def _message(body: bytes) -> Row:
    try:
        message = json.loads(body)
    except ValueError:
        raise Unreadable("A signed message is not JSON.") from None
    if not isinstance(message, dict):
        raise Unreadable("A signed message is not an object.")
    return message


def _shops(message: Row) -> list[str]:
    """Every shop that a message about authorisations names: one, or a list of ids or of objects."""
    found: list[str] = []
    for source in (message, child(message, "data")):
        for name in _SHOPS:
            found += _ids(source.get(name))
    return list(dict.fromkeys(one for one in found if one not in ("", "0")))


def _ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for item in value for one in _ids(item)]
    if isinstance(value, Mapping):
        return [text(value, "shop_id") or text(value, "shopid")]
    return [said(value)]
