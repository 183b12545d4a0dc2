"""Orders in: the list carries whole orders, so that a page needs no further reading.

The list is sorted by the time that it is cut by, oldest first. Where to go on is kept as the last
time seen rather than TikTok's own page token, of which nobody says how long it lives; the token is
used only within a second that fills more than a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from crossdock.channels.contract import Fetched, Glimpse, Page, Shop
from crossdock.channels.errors import NotFound, Refused, Unreadable
from crossdock.channels.reading import Row, rows, text, yes
from crossdock.channels.tiktok.api import dumps, get, path_of, post
from crossdock.channels.tiktok.cancellation_facts import Request, open_requests
from crossdock.channels.tiktok.translate import order_facts, order_id_of
from crossdock.rules.facts import OrderFacts

PAGE = 100
"""TikTok Shop: orders/search gives at most 100 a page."""


def changed(
    shop: Shop, *, since: datetime, until: datetime, cursor: str | None, by_creation: bool
) -> Page:
    """One page of the orders updated (or created) in the window; ``lt`` excludes its end."""
    field = "create_time" if by_creation else "update_time"
    start, token = _at(cursor) if cursor else (int(since.timestamp()), "")
    query = {"page_size": str(PAGE), "sort_field": field, "sort_order": "ASC"}
    if token:
        query["page_token"] = token
    told = post(
        shop,
        path_of("order", "orders/search"),
        {f"{field}_ge": start, f"{field}_lt": int(until.timestamp()) + 1},
        query,
        writes=False,
    )
    found = [row for row in rows(told, "orders") if text(row, "id")]
    requests = _requests(shop, found)
    glimpses = tuple(_glimpse(row, requests) for row in found)
    return Page(glimpses, _next(found, field, start, text(told, "next_page_token")))


def fetch(shop: Shop, order_ids: Sequence[str]) -> Fetched:
    """Read at most 50 orders."""
    found = _detail(shop, order_ids)
    requests = _requests(shop, found)
    orders: list[OrderFacts] = []
    raw: dict[str, bytes] = {}
    problems: dict[str, str] = {}
    for row in found:
        facts, problem = order_facts(row, requests.get(text(row, "id")))
        orders.append(facts)
        raw[facts.order_id] = dumps(row)
        if problem:
            problems[facts.order_id] = problem
    missing = tuple(order_id for order_id in order_ids if order_id not in raw)
    return Fetched(tuple(orders), raw, missing, problems)


def _detail(shop: Shop, order_ids: Sequence[str]) -> list[Row]:
    """The orders that TikTok Shop knows. What it answers to a mixture with unknown ids is not sure:
    where it refuses them all, halves are asked until the unknown one stands alone."""
    if not order_ids:
        return []
    try:
        # A list in a query is one value joined by commas; one generated SDK repeats the key.
        told = get(shop, path_of("order", "orders"), {"ids": ",".join(order_ids)})
    except Refused as refusal:
        if type(refusal) not in (Refused, NotFound):
            raise
        if len(order_ids) == 1:
            return []
        middle = len(order_ids) // 2
        return _detail(shop, order_ids[:middle]) + _detail(shop, order_ids[middle:])
    return [row for row in rows(told, "orders") if text(row, "id") in set(order_ids)]


def _requests(shop: Shop, found: Sequence[Row]) -> Mapping[str, Request]:
    """The open cancellation requests of those orders that say that they have one."""
    asked = [text(row, "id") for row in found if yes(row.get("is_buyer_request_cancel"))]
    return open_requests(shop, asked) if asked else {}


def _glimpse(row: Row, requests: Mapping[str, Request]) -> Glimpse:
    """An order of the list; one that cannot be read whole is looked at on its own, so that what was
    unreadable is told."""
    facts, problem = order_facts(row, requests.get(text(row, "id")))
    return Glimpse(order_id_of(row), None if problem else facts, dumps(row))


def _next(found: Sequence[Row], field: str, start: int, token: str) -> str | None:
    """Where the page after this one begins; None after the last."""
    if not token:
        return None
    last = found[-1].get(field) if found else None
    if not isinstance(last, int | Decimal):
        raise Unreadable(f"TikTok Shop's list cannot be paged: an order has no {field}.")
    if int(last) > start:
        return json.dumps([int(last), ""])
    return json.dumps([start, token])


def _at(cursor: str) -> tuple[int, str]:
    try:
        start, token = json.loads(cursor)
        return int(start), str(token)
    except (ValueError, TypeError):
        raise Refused(
            "This place in TikTok Shop's list is no longer known.", code="cursor"
        ) from None
