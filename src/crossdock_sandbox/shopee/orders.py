"""Lists of orders by time, and orders with what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock_sandbox.shopee.answers import Told
from crossdock_sandbox.shopee.book import order_status
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.order_json import order_json
from crossdock_sandbox.shopee.paging import page
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.purchases import Purchase

_SPAN = 15 * 86400
_FILTERS = (
    "UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "COMPLETED", "IN_CANCEL", "CANCELLED",
    "INVOICE_PENDING",
)  # fmt: skip
"""Not every status can be asked for: other orders are met without a filter only."""


def not_found() -> Failure:
    """There is no such order."""
    return Failure("error_not_found", "Wrong parameters, detail: the order is not found.")


def order_list(call: Call) -> dict[str, Any]:
    """/api/v2/order/get_order_list: newest first, as no order is documented"""
    given = call.given
    field = given.one_of("time_range_field", ("create_time", "update_time"))
    start, end = given.integer("time_from"), given.integer("time_to")
    size, cursor = given.between("page_size", 1, 100), given.text("cursor", "")
    status = given.one_of("order_status", _FILTERS, "")
    pending = given.boolean("request_order_status_pending")
    if not start < end <= start + _SPAN:
        raise Failure(
            "order.order_list_invalid_time",
            "Start time must be earlier than end time and diff in 15days.",
        )
    book = call.book
    index = book.by_creation if field == "create_time" else book.by_update

    def fits(order_sn: str) -> bool:
        order = book.orders[call.of_shop, order_sn]
        return not status or order_status(order, pending=pending) == status

    rows = book.between(call.of_shop, index, start, end + 1)
    found = page(rows, cursor, size, descending=True, fits=fits)
    wants_status = "order_status" in given.listed("response_optional_fields")
    names = ("order_sn", "booking_sn", *(("order_status",) if wants_status else ()))
    listed = []
    for order_sn in found.ids:
        told = order_json(book, book.orders[call.of_shop, order_sn], set(), pending=pending)
        listed.append({name: told[name] for name in names if name in told})
    return {"more": found.more, "next_cursor": found.cursor, "order_list": listed}


def order_detail(call: Call) -> Told:
    """/api/v2/order/get_order_detail: what is unknown among known ones stands in ``warning``"""
    asked = call.given.listed("order_sn_list", 50)
    wanted = set(call.given.listed("response_optional_fields"))
    pending = call.given.boolean("request_order_status_pending")
    found = {one: call.book.order(call.of_shop, one) for one in dict.fromkeys(asked)}
    told = [
        order_json(call.book, order, wanted, pending=pending)
        for order in found.values()
        if order is not None
    ]
    if not told:
        raise not_found()
    unknown = [f"order_sn {one} is not found" for one, order in found.items() if order is None]
    return Told({"order_list": told}, warning=unknown or None)


def find(call: Call, order_sn: str, refusal: Callable[[], Failure] = not_found) -> Purchase:
    """An order of this shop. ``refusal``: what is said where there is none."""
    order = call.book.order(call.of_shop, order_sn)
    if order is None:
        raise refusal()
    return order


def invoice_info(call: Call) -> dict[str, Any]:
    """/api/v2/order/get_buyer_invoice_info: VN, TH and PH only"""
    region, rows = call.seller.region, []
    for one in call.given.objects("queries", 50):
        rows.append(
            {
                "order_sn": one.text("order_sn"),
                "invoice_type": "",
                "invoice_detail": {},
                "error": f"The region {region} does not support buyer invoices.",
            }
        )
    return {"invoice_info_list": rows}


def set_note(call: Call) -> None:
    """/api/v2/order/set_note: the seller's own note; there is no payload"""
    order_sn, note = call.given.text("order_sn"), call.given.text("note", "")
    try:
        order = find(call, order_sn)
        if len(note) > 500:
            raise wrong("note should hold at most 500 characters")
    except Failure as failure:
        call.witness(order_sn, "note", failure.error)
        raise
    order.touch(now())
    order.more |= {"note": note, "note_at": int(order.updated_at.timestamp())}
    call.witness(order_sn, "note")
    call.book.save(order)
