"""Returns: lists, details, and where the goods are."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.return_json import (
    compensation,
    detail,
    negotiation,
    proof,
    row,
    tracking,
)
from crossdock_sandbox.shopee.returning import STATUSES, requests
from crossdock_sandbox.world.purchases import Purchase, Refund

_SPAN = 15 * 86400
_STATUSES = tuple(dict.fromkeys(STATUSES.values()))
_NEGOTIATIONS = ("PENDING_RESPOND", "PENDING_BUYER_RESPOND", "TERMINATED")
_PROOFS = ("NOT_NEEDED", "PENDING", "UPLOADED", "OVERDUE")
Found = tuple[Purchase, Refund]


def listed(call: Call) -> dict[str, Any]:
    """/api/v2/returns/get_return_list: newest first"""
    number = call.given.between("page_no", 0, 10**6)
    size = call.given.between("page_size", 1, 100)
    found = _fitting(call)
    key = f"{call.of_shop} {_without_page(call)}"
    place = number - call.book.return_pages.first(key, number)
    shown = found[place * size : (place + 1) * size]
    more = (place + 1) * size < len(found)
    call.book.return_pages.read(key, number, more=more)
    return {"more": more, "return": [row(call.book, *one) for one in shown]}


def _without_page(call: Call) -> str:
    common = ("page_no", "timestamp", "sign", "access_token")
    asked = {name: value for name, value in call.asked.query.items() if name not in common}
    return str(sorted(asked.items()))


def _fitting(call: Call) -> list[Found]:
    given = call.given
    made, changed = _window(call, "create_time"), _window(call, "update_time")
    status = given.one_of("status", _STATUSES, "")
    talk = given.one_of("negotiation_status", _NEGOTIATIONS, "")
    shown = given.one_of("seller_proof_status", _PROOFS, "")
    paid = given.text("seller_compensation_status", "")
    if paid and not paid.startswith("COMPENSATION_"):
        paid = f"COMPENSATION_{paid}"
    found = [
        (order, refund)
        for order in call.book.of_shop(call.of_shop)
        for refund in requests(order)
        if status in ("", STATUSES[refund.state])
        and talk in ("", negotiation(refund))
        and shown in ("", proof(refund))
        and paid in ("", compensation(refund))
        and made[0] <= refund.created_at.timestamp() <= made[1]
        and changed[0] <= (refund.updated_at or refund.created_at).timestamp() <= changed[1]
    ]
    return sorted(found, key=lambda one: (one[1].created_at, one[1].refund_id), reverse=True)


def _window(call: Call, name: str) -> tuple[int, int]:
    start, end = call.given.integer(f"{name}_from", 0), call.given.integer(f"{name}_to", 0)
    if not start and not end:
        return 0, 2**62
    if not start or not end or not start <= end <= start + _SPAN:
        raise wrong(f"{name}_from and {name}_to should be given together, at most 15 days apart")
    return start, end


def one(call: Call) -> dict[str, Any]:
    """/api/v2/returns/get_return_detail"""
    return detail(call.book, *find(call))


def reverse_tracking(call: Call) -> dict[str, Any]:
    """/api/v2/returns/get_reverse_tracking_info"""
    return tracking(find(call)[1])


def find(call: Call, code: str = "error_data") -> Found:
    """The return that a call names, of this shop."""
    wanted = call.given.text("return_sn")
    for order in call.book.of_shop(call.of_shop):
        for refund in requests(order):
            if refund.refund_id == wanted:
                return order, refund
    raise Failure(code, "The return you queried doesn't exist.")
