"""The calls that read requests of buyers: the list, one in detail, what happened, reasons to refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.lazada.reverse_shapes import detailed, history, listed
from crossdock_sandbox.world.reversals import CANCEL, KINDS, Reverse, ReverseLine

REFUSALS = {
    10_000_301: "The item was not damaged when it was sent",
    10_000_302: "The right item was sent",
    10_000_303: "The item was used",
}
"""For which a seller can refuse a return or the money."""
CANCEL_REFUSALS = {
    10_000_401: "The parcel is with the courier already",
    10_000_402: "The item is made to order",
}
_LARGEST_PAGE = 100
_LAST_PAGE = 100
_INTERNAL = ("106", "E0106: ROC internal error")


def reverse_orders(call: Call) -> dict[str, Any]:
    """/reverse/getreverseordersforseller: newest first; nothing comes past page 100"""
    size = call.number("page_size", None, 1, _LARGEST_PAGE, ("120", "E0120: page size invalid"))
    page = call.number("page_no", None, 1, None, ("121", "E0121: page number invalid"))
    wanted = _filter(call)
    found = [
        (order, reverse)
        for order in call.book.with_reversals(call.of_shop)
        for reverse in order.reversals
        if wanted(int(order.order_id), int(order.created_at.timestamp() * 1000), reverse)
    ]
    found.sort(key=lambda pair: (pair[1].lines[0].created_at, pair[1].reverse_id), reverse=True)
    shown = found[(page - 1) * size : page * size] if page <= _LAST_PAGE else []
    return {
        "result": {
            "success": True,
            "page_no": page,
            "page_size": size,
            "total": len(found),
            "items": [listed(order, reverse) for order, reverse in shown],
        }
    }


def detail(call: Call) -> dict[str, Any]:
    """/order/reverse/return/detail/list: one reverse order, in spite of its name"""
    reverse_id = call.text("reverse_order_id")
    if not reverse_id.isdigit():
        raise Failure("105", "E0105: reverse order id is empty or invalid")
    found = call.book.reverse(call.of_shop, reverse_id)
    if found is None:
        raise Failure(*_INTERNAL)
    return {"data": detailed(*found)}


def history_list(call: Call) -> dict[str, Any]:
    """/order/reverse/return/history/list"""
    _, line = _known_line(call)
    size = call.number("page_size", 10, 1, _LARGEST_PAGE, ("120", "E0120: page size invalid"))
    page = call.number("page_number", 1, 1, None, ("121", "E0121: page number invalid"))
    rows = history(line, call.book.stand.url("lazada"))
    info = {"page_size": size, "current_page_number": page, "total": len(rows)}
    return {"data": {"list": rows[(page - 1) * size : page * size], "page_info": info}}


def reason_list(call: Call) -> dict[str, Any]:
    """/order/reverse/reason/list: for which this line can be refused"""
    reverse, line = _known_line(call)
    if not line.is_open:
        raise Failure("119", "E0119: cannot find any cancel reasons for these orders")
    reasons = CANCEL_REFUSALS if reverse.kind == CANCEL else REFUSALS
    return {
        "data": [
            {"reason_id": key, "text": text, "muti_language_text": text}
            for key, text in reasons.items()
        ]
    }


def _known_line(call: Call) -> tuple[Reverse, ReverseLine]:
    found = call.book.reverse_line(call.of_shop, call.text("reverse_order_line_id"))
    if found is None:
        raise Failure(*_INTERNAL)
    return found[1], found[2]


def _filter(call: Call) -> Callable[[int, int, Reverse], bool]:
    """Whether a request is asked for: given its order's id and creation (ms), and itself."""
    kinds = _words(call, "request_type_list") or list(KINDS)
    statuses, ofc = _words(call, "reverse_status_list"), _words(call, "ofc_status_list")
    reverse_id, order_id = _id(call, "reverse_order_id"), _id(call, "trade_order_id")
    back_to = call.values.get("return_to_type", "")
    if back_to not in ("", "RTM", "RTW"):
        raise Failure("5", "E005: Invalid Request Format")
    dispute = call.values.get("dispute_in_progress", "").lower()
    decision = call.values.get("QC_Decision", "")
    ordered = _range(call, "TradeOrderLineCreatedTimeRange")
    created = _range(call, "ReverseOrderLineTimeRange")
    modified = _range(call, "ReverseOrderLineModifiedTimeRange")

    def wanted(order_number: int, order_created: int, reverse: Reverse) -> bool:
        return (
            reverse.kind in kinds
            and reverse_id in (None, reverse.reverse_id)
            and order_id in (None, order_number)
            and back_to in ("", "RTM" if reverse.is_rtm else "RTW")
            and ordered(order_created)
            and any(fits(line) for line in reverse.lines)
        )

    def fits(line: ReverseLine) -> bool:
        return (
            (not statuses or line.status in statuses)
            and (not ofc or line.ofc_status in ofc)
            and (not dispute or str(line.is_dispute).lower() == dispute)
            and not decision  # nothing here was looked at in the platform's own warehouse
            and created(int(line.created_at.timestamp() * 1000))
            and modified(int(line.updated_at.timestamp() * 1000))
        )

    return wanted


def _words(call: Call, name: str) -> list[str]:
    text = call.values.get(name, "")
    try:
        found = json.loads(text) if text else []
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Failure("5", "E005: Invalid Request Format")
    return [str(word) for word in found]


def _id(call: Call, name: str) -> int | None:
    text = call.values.get(name, "")
    if text and not text.isdigit():
        raise Failure("5", "E005: Invalid Request Format")
    return int(text) if text else None


def _range(call: Call, name: str) -> Callable[[int], bool]:
    """Whether a moment (ms) lies in a range, both ends included; either end may be left out."""
    start, end = _id(call, f"{name}Start"), _id(call, f"{name}End")
    return lambda moment: (start is None or moment >= start) and (end is None or moment <= end)
