"""Reading orders from Lazada: lists of changed ones, and orders with their items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crossdock.channels.contract import Fetched, Glimpse, Page, Shop
from crossdock.channels.errors import ChannelError, NotFound, Unreadable
from crossdock.channels.lazada.api import call, dumps
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.reading import moment
from crossdock.channels.lazada.translate import order_facts, order_id_of
from crossdock.channels.reading import as_json
from crossdock.rules.from_outside import whole

PAGE = 100
_LARGEST_OFFSET = 5000
_STEP_BACK = 20
"""Rows read again when one second fills more than a page: an order that moves on while we page
pulls those behind it forward."""


def changed(
    shop: Shop, *, since: datetime, until: datetime, cursor: str | None, by_creation: bool
) -> Page:
    """One page of orders by update (or creation) time, oldest first.

    Pages are cut by time, not by offset, since an order that is updated while we page moves to the
    end and would pull an unread one into the page before. Offsets serve within one second only.
    """
    lower, offset = _at(cursor) if cursor else (since, 0)
    which = "created" if by_creation else "update"
    answer = call(
        shop,
        "/orders/get",
        {
            f"{which}_after": _iso(lower),
            f"{which}_before": _iso(until),
            "sort_by": "created_at" if by_creation else "updated_at",
            "sort_direction": "ASC",
            "limit": str(PAGE),
            "offset": str(offset),
        },
    )
    orders = _list(answer, "orders")
    glimpses = tuple(_glimpse(order) for order in orders if _has_id(order))
    if len(orders) < PAGE:
        return Page(glimpses, None)
    return Page(
        glimpses, _next(orders, "created_at" if by_creation else "updated_at", lower, offset)
    )


def fetch(shop: Shop, order_ids: Sequence[str], seen: Mapping[str, bytes]) -> Fetched:
    """Orders with their items: one call for all items, one more per order whose head is not known."""
    items = items_of(shop, order_ids)
    currency = COUNTRIES[shop.region].currency
    found, raw, missing = [], {}, []
    for order_id in order_ids:
        head = _known_head(seen.get(order_id)) or _head(shop, order_id)
        if head is None:
            missing.append(order_id)
            continue
        found.append(order_facts(head, items.get(order_id, ()), currency))
        raw[order_id] = as_json({"order": head, "items": items.get(order_id, [])})
    return Fetched(tuple(found), raw, tuple(missing))


def items_of(shop: Shop, order_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Order id → its items, for those (at most 50) that Lazada answers for."""
    numbers = [number for one in order_ids if (number := whole(one)) is not None]
    try:
        rows = (
            _data(call(shop, "/orders/items/get", {"order_ids": dumps(numbers)})) if numbers else []
        )
    except NotFound:
        # One wrong id spoils the batch: ask one by one, so that the others are read.
        return {} if len(order_ids) == 1 else _items_one_by_one(shop, order_ids)
    if not isinstance(rows, list):
        raise Unreadable("Lazada sent items in a form that nobody promised.")
    return {
        str(row.get("order_id")): list(row.get("order_items") or [])
        for row in rows
        if isinstance(row, Mapping)
    }


def _items_one_by_one(shop: Shop, order_ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for order_id in order_ids:
        found |= items_of(shop, [order_id])
    return found


def _head(shop: Shop, order_id: str) -> Mapping[str, Any] | None:
    try:
        head = _data(call(shop, "/order/get", {"order_id": order_id}))
    except NotFound:
        return None
    return head if isinstance(head, Mapping) else None


def _known_head(raw: bytes | None) -> Mapping[str, Any] | None:
    if not raw:
        return None
    head = json.loads(raw, parse_float=Decimal).get("order")
    return head if isinstance(head, Mapping) else None


def _glimpse(order: Mapping[str, Any]) -> Glimpse:
    return Glimpse(order_id_of(order), order_facts(order, ()), as_json({"order": order}))


def _has_id(order: Any) -> bool:
    """What has no id can be neither kept nor asked for: it must not stop those after it."""
    return isinstance(order, Mapping) and bool(order.get("order_id") or order.get("order_number"))


def _next(orders: Sequence[Any], field: str, lower: datetime, offset: int) -> str:
    """Where the page after a full one begins: at the last time that can be read."""
    reached = _last_time(orders, field)
    if reached > lower.replace(microsecond=0):
        return f"{reached.isoformat()}|0"
    further = offset + PAGE - _STEP_BACK
    if further > _LARGEST_OFFSET:
        raise ChannelError(
            f"More than {_LARGEST_OFFSET} orders were updated within the second {reached}."
        )
    return f"{lower.isoformat()}|{further}"


def _last_time(orders: Sequence[Any], field: str) -> datetime:
    for order in reversed(orders):
        try:
            return moment(order[field])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
    raise Unreadable(f"Lazada's list cannot be paged: no order tells its {field}.")


def _at(cursor: str) -> tuple[datetime, int]:
    time, _, offset = cursor.partition("|")
    return datetime.fromisoformat(time), int(offset)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")


def _data(answer: Mapping[str, Any]) -> Any:
    return answer.get("data")


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    data = answer.get("data")
    rows = data.get(name) if isinstance(data, Mapping) else None
    return rows if isinstance(rows, list) else []
