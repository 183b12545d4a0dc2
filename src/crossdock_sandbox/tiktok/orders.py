"""The order calls: search, detail, price detail."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.tiktok.book import STATUSES, order_status
from crossdock_sandbox.tiktok.failures import invalid
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.money import price_detail
from crossdock_sandbox.tiktok.order_json import order_json
from crossdock_sandbox.tiktok.paging import Row, inside, page, window
from crossdock_sandbox.tiktok.places import shipping_type, warehouse_id
from crossdock_sandbox.world.purchases import Purchase

_SHIPPING = ("TIKTOK", "SELLER", "TIKTOK_DIGITAL", "IN-STORE PICKUP")
SORTS, ORDERS = ("create_time", "update_time"), ("ASC", "DESC")


def search(call: Call) -> dict[str, Any]:
    """/order/202309/orders/search: full orders, filtered, a page at a time"""
    size = call.query.between("page_size", 1, 100)
    field = call.query.one_of("sort_field", SORTS, "create_time")
    order = call.query.one_of("sort_order", ORDERS, "DESC")
    found = page(call.query, _rows(call, field), size, order)
    chosen = (call.book.order(call.of_shop, one) for one in found.ids)
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        "orders": [order_json(call.book, one) for one in chosen if one],
    }


def _rows(call: Call, field: str) -> list[Row]:
    """(time of the field, id) of every order that fits, oldest first."""
    created, updated = window(call.body, "create_time"), window(call.body, "update_time")
    by, asked, other = call.book.by_creation, created, updated
    if field == "update_time":
        by, asked, other = call.book.by_update, updated, created
    rows = call.book.between(call.of_shop, by, *(asked or (0, int(time.time()) + 1)))
    if other is not None:
        known = call.book.by_update if by is call.book.by_creation else call.book.by_creation
        rows = [row for row in rows if inside(known.known[call.of_shop, row[1]], other)]
    wanted = _Wanted(call)
    if wanted.everything:
        return rows
    return [row for row in rows if wanted.fits(call.book.orders[call.of_shop, row[1]])]


class _Wanted:
    """The filters of a search that are not about time."""

    def __init__(self, call: Call) -> None:
        body: Fields = call.body
        self.status = body.one_of("order_status", STATUSES, "")
        self.shipping = body.one_of("shipping_type", _SHIPPING, "")
        self.buyer = body.text("buyer_user_id", "")
        self.asks_to_cancel = body.boolean("is_buyer_request_cancel")
        warehouses = body.strings("warehouse_ids", 100)
        self.warehouse = not warehouses or warehouse_id(call.seller) in warehouses

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered out."""
        asked = self.status or self.shipping or self.buyer
        return not asked and self.asks_to_cancel is None and self.warehouse

    def fits(self, order: Purchase) -> bool:
        """Whether an order is wanted."""
        return (
            self.warehouse
            and self.status in ("", order_status(order))
            and self.shipping in ("", shipping_type(order))
            and self.buyer in ("", str(7_213_000_000_000_000_000 + order.buyer.number))
            and self.asks_to_cancel in (None, bool(order.cancel_id))
        )


def detail(call: Call) -> dict[str, Any]:
    """/order/202309/orders: up to 50 by id; whether unknown ids are an error is not known: left out"""
    ids = call.listed("ids")
    if not 1 <= len(ids) <= 50:
        raise invalid("Invalid parameter: ids must hold 1 to 50 order ids")
    found = (call.book.order(call.of_shop, one) for one in dict.fromkeys(ids))
    return {"orders": [order_json(call.book, one, detail=True) for one in found if one]}


def prices(call: Call) -> dict[str, Any]:
    """/order/202407/orders/{order_id}/price_detail"""
    order = call.book.order(call.of_shop, call.ids["order_id"])
    if order is None:
        raise invalid("Invalid parameter: order_id is not an order of this shop")
    return price_detail(order)
