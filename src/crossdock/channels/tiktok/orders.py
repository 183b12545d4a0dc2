"""Orders in: the list carries whole orders, so that a page needs no further reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.channels.contract import Fetched, Glimpse, Page, Shop
from crossdock.channels.errors import NotFound, Refused, Unreadable, ends_token
from crossdock.channels.reading import Row, as_json, rows, text
from crossdock.channels.tiktok.api import get
from crossdock.channels.tiktok.cancellation_facts import Request, open_requests
from crossdock.channels.tiktok.endpoints import ORDERS, ORDERS_SEARCH
from crossdock.channels.tiktok.paging import Window, page
from crossdock.channels.tiktok.refusals import is_about_the_call
from crossdock.channels.tiktok.translate import asks_to_cancel, order_facts, order_id_of
from crossdock.rules.facts import OrderFacts

PAGE = 100
"""TikTok Shop: orders/search gives at most 100 a page."""


def changed(
    shop: Shop, *, since: datetime, until: datetime, cursor: str | None, by_creation: bool
) -> Page:
    """One page of the orders updated (or created) in the window, whole, oldest first."""
    field = "create_time" if by_creation else "update_time"
    window = Window.at(field, since, until, cursor)
    told = page(shop, ORDERS_SEARCH, window, PAGE)
    found = [row for row in rows(told, "orders") if text(row, "id")]
    token = text(told, "next_page_token")
    if not found and (token or text(told, "total_count") not in ("", "0")):
        raise Unreadable("TikTok Shop counts orders and lists none.")
    requests = _requests(shop, found)
    glimpses = tuple(_glimpse(row, requests) for row in found)
    return Page(glimpses, window.after(found, token))


def fetch(shop: Shop, order_ids: Sequence[str]) -> Fetched:
    """Read at most 50 orders."""
    found = read_orders(shop, order_ids)
    requests = _requests(shop, found)
    orders: list[OrderFacts] = []
    raw: dict[str, bytes] = {}
    for row in found:
        facts = order_facts(row, requests.get(text(row, "id")))
        orders.append(facts)
        raw[facts.order_id] = as_json(row)
    missing = tuple(order_id for order_id in order_ids if order_id not in raw)
    return Fetched(tuple(orders), raw, missing)


def read_order(shop: Shop, order_id: str) -> Row:
    """One order as TikTok Shop tells it. Raises NotFound where it knows none."""
    found = read_orders(shop, [order_id])
    if not found:
        raise NotFound(f"TikTok Shop does not know order {order_id}.")
    return found[0]


def read_orders(shop: Shop, order_ids: Sequence[str]) -> list[Row]:
    """The orders that TikTok Shop knows, at most 50. What it answers to a mixture with unknown ids is
    not sure: where it refuses them all, halves are asked until the unknown one stands alone."""
    if not order_ids:
        return []
    try:
        found = rows(_detail(shop, order_ids), "orders")
    except Refused as refusal:
        if ends_token(refusal) or is_about_the_call(refusal):
            raise
        if len(order_ids) == 1:
            return []
        middle = len(order_ids) // 2
        return read_orders(shop, order_ids[:middle]) + read_orders(shop, order_ids[middle:])
    return list({text(row, "id"): row for row in found if text(row, "id") in order_ids}.values())


def _detail(shop: Shop, order_ids: Sequence[str]) -> Mapping[str, Any]:
    """The one place that names several ids in a query: joined by commas, as the vendor's sample does;
    a generated SDK repeats the key."""
    return get(shop, ORDERS, {"ids": ",".join(order_ids)})


def _requests(shop: Shop, found: Sequence[Row]) -> Mapping[str, Request]:
    """The open requests of those orders whose buyers ask to cancel: one call for all of them. Where it
    is refused the orders arrive all the same, and say that their request is not known."""
    asked = [text(row, "id") for row in found if asks_to_cancel(row)]
    if not asked:
        return {}
    try:
        return open_requests(shop, asked)
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return {}


def _glimpse(row: Row, requests: Mapping[str, Request]) -> Glimpse:
    """An order of the list, which tells it whole."""
    facts = order_facts(row, requests.get(text(row, "id")))
    return Glimpse(order_id_of(row), facts, as_json(row))
