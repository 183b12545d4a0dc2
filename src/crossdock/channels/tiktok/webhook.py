"""TikTok Shop's push messages: verified over the raw body, believed only for *that* something happened."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping

from crossdock.channels.contract import App, Event, EventKind
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.reading import Row, child, rows, text, words_of
from crossdock.rules.from_outside import whole

_KINDS = {
    1: EventKind.ORDER,
    2: EventKind.ORDER,
    3: EventKind.ORDER,
    4: EventKind.ORDER,
    6: EventKind.DEAUTHORIZED,
    7: EventKind.DEAUTHORIZED,
    11: EventKind.ORDER,
    12: EventKind.RETURN,
}
"""``type`` → what it is about: order status, reverse (old), address, package, end of the
authorisation (6, and 7 for its coming), cancellation, return."""


def read(app: App, *, headers: Mapping[str, str], body: bytes) -> Iterator[Event]:
    """The events of a message. Header names are lower case.

    Raises Refused on a wrong signature: lower-case hex of HMAC-SHA256 over app key + raw body.
    Raises Unreadable when a rightly signed body is not what was promised.
    """
    key = app.secret.strip().encode()
    expected = hmac.new(key, app.key.encode() + body, hashlib.sha256).hexdigest()
    given = headers.get("authorization", "").strip()
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Refused("The message is not signed with this app's key.", code="signature")
    try:
        told = json.loads(body)
    except ValueError:
        raise Unreadable("A signed message is not JSON.") from None
    if not isinstance(told, dict):
        raise Unreadable("A signed message is not an object.")
    kind = _KINDS.get(whole(told.get("type")) or 0)
    if kind is None:
        return
    data = child(told, "data")
    order_ids = _orders(data)
    if not order_ids and kind is not EventKind.DEAUTHORIZED:
        return
    yield Event(
        event_id=text(told, "tts_notification_id") or hashlib.sha256(body).hexdigest(),
        shop_id=text(told, "shop_id"),
        region="",
        kind=kind,
        order_ids=order_ids,
        return_ids=tuple(filter(None, [text(data, "return_id")])),
    )


def _orders(data: Row) -> tuple[str, ...]:
    """The orders that a message names: one, or those of its packages."""
    named = [text(data, "order_id")]
    for package in rows(data, "package_list"):
        named += words_of(package, "order_id_list")
    return tuple(dict.fromkeys(filter(None, named)))
