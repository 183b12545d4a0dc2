"""Returns and refunds: the searches, and the seller's answers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock_sandbox.stand import now
from crossdock_sandbox.tiktok.cancellations import BAD_PARAMETER, check_evidence
from crossdock_sandbox.tiktok.decisions import check_decision
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.orders import ORDERS, SORTS
from crossdock_sandbox.tiktok.paging import inside, page, window
from crossdock_sandbox.tiktok.reasons import reject_return_reasons
from crossdock_sandbox.tiktok.return_json import records_json, return_json, return_type
from crossdock_sandbox.tiktok.returning import STATUSES, enter, refund_amount
from crossdock_sandbox.world.purchases import Purchase, Refund

_APPROVALS = (
    "APPROVE_REFUND", "APPROVE_RETURN", "APPROVE_RECEIVED_PACKAGE", "APPROVE_REPLACEMENT",
    "ISSUE_REPLACEMENT_REFUND", "OFFER_PARTIAL_REFUND", "DIRECT_REFUND",
)  # fmt: skip
_REJECTIONS = ("REJECT_REFUND", "REJECT_RETURN", "REJECT_RECEIVED_PACKAGE", "REJECT_REPLACEMENT")
_LATE_OFFER = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
Found = tuple[Purchase, Refund]


def approve(call: Call) -> dict[str, Any]:
    """/return_refund/202309/returns/{return_id}/approve"""
    return _answer(call, "accept_return")


def reject(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/returns/{return_id}/reject"""
    return _answer(call, "reject_return")


def _answer(call: Call, effect: str) -> dict[str, Any]:
    found = find(call, call.ids["return_id"])
    asked, key = Fields(call.body.values, BAD_PARAMETER), call.query.text("idempotency_key", "")
    if found and key and key in found[1].more.get("keys", []):
        call.witness(found[0].order_id, effect, "done already under this idempotency_key")
        return {}
    try:
        if found is None:
            raise Failure(25007006, "The request is not found.")
        order, refund = found
        if effect == "accept_return":
            state = _approve(order, refund, asked)
        else:
            state = _reject(call, order, refund, asked)
    except Failure as failure:
        call.witness(found[0].order_id if found else "", effect, str(failure.code))
        raise
    enter(order, refund, state, now(), who="SELLER")
    refund.more["keys"] = [*refund.more.get("keys", []), *([key] if key else [])]
    call.witness(order.order_id, effect)
    call.book.save(order)
    return {}


def _approve(order: Purchase, refund: Refund, asked: Fields) -> str:
    """The state to which a seller's yes brings a request."""
    decision = asked.one_of("decision", _APPROVALS)
    keeps = asked.boolean("buyer_keep_item")
    offer = asked.object("partial_refund")
    check_decision(refund, decision)
    if decision == "OFFER_PARTIAL_REFUND":
        _offer(order, refund, offer, "amount")
        return "offered"
    if decision == "APPROVE_RETURN" and not keeps:
        return "awaiting_buyer"
    if refund.goods_back and decision != "APPROVE_RECEIVED_PACKAGE":
        refund.more["keeps"] = True
    return "accepted"


def _reject(call: Call, order: Purchase, refund: Refund, asked: Fields) -> str:
    """The state to which a seller's no brings a request."""
    late = (_LATE_OFFER,) if call.version == "202606" else ()
    decision = asked.one_of("decision", (*_REJECTIONS, *late))
    reason = asked.text("reject_reason")
    offer = asked.object("partial_refund_amount")
    goods = decision in ("REJECT_RECEIVED_PACKAGE", _LATE_OFFER)
    check_decision(refund, decision)
    if reason not in [one["name"] for one in reject_return_reasons(goods=goods)]:
        raise Failure(25001014, "The reject_reason is unknown.")
    check_evidence(call, asked)
    if decision == _LATE_OFFER:
        _offer(order, refund, offer, "partial_refund_total")
        return "offered"
    if decision == "REJECT_RECEIVED_PACKAGE":
        refund.more["arbitration"] = "IN_PROGRESS"
        return "refused_goods"
    return "rejected"


def _offer(order: Purchase, refund: Refund, asked: Fields | None, name: str) -> None:
    """Offer the buyer a part of the money: less than all, in the order's currency, and once."""
    if asked is None:
        raise Failure(BAD_PARAMETER, f"Invalid parameter: {name} is required")
    try:
        offered = Decimal(asked.text(name))
    except InvalidOperation:
        raise asked.refused(name, "must be a decimal string") from None
    if asked.text("currency") != order.currency:
        raise asked.refused("currency", f"must be {order.currency}")
    if refund.more.get("offer_rejected") or not 0 < offered < refund_amount(order, refund):
        raise Failure(25011032, "A partial refund of this amount is not possible.")
    refund.offer, refund.more["offered_at"] = offered, refund.state


def find(call: Call, return_id: str) -> Found | None:
    """A request of this shop."""
    for order in call.book.of_shop(call.of_shop):
        for refund in requests(order):
            if refund.refund_id == return_id:
                return order, refund
    return None


def requests(order: Purchase) -> list[Refund]:
    """Every request about an order, the earlier ones first."""
    return [*order.earlier_refunds, *([order.refund] if order.refund else [])]


def search(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/returns/search: oldest first; ``return_orders`` is absent when empty"""
    size = call.query.between("page_size", 10, 50, 10)
    field = call.query.one_of("sort_field", SORTS, "create_time")
    order = call.query.one_of("sort_order", ORDERS, "ASC")
    wanted = {refund.refund_id: (purchase, refund) for purchase, refund in _fitting(call)}
    rows = sorted(
        (_updated(one) if field == "update_time" else _created(one), key)
        for key, (_, one) in wanted.items()
    )
    found = page(call.query, rows, size, order)
    listed = [return_json(call.book, *wanted[one]) for one in found.ids]
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        **({"return_orders": listed} if listed else {}),
    }


def _fitting(call: Call) -> Iterator[Found]:
    body = call.body
    ids, order_ids = body.strings("return_ids"), body.strings("order_ids")
    buyers, types = body.strings("buyer_user_ids"), body.strings("return_types")
    statuses, disputes = body.strings("return_status"), body.strings("arbitration_status")
    offers = body.strings("seller_proposed_return_type")
    made, changed = window(body, "create_time"), window(body, "update_time")
    for order in call.book.of_shop(call.of_shop):
        if order.refund is None or (order_ids and order.order_id not in order_ids):
            continue
        if buyers and str(7_213_000_000_000_000_000 + order.buyer.number) not in buyers:
            continue
        for refund in requests(order):
            if (
                (not ids or refund.refund_id in ids)
                and (not types or return_type(refund) in types)
                and (not statuses or STATUSES[refund.state] in statuses)
                and (not disputes or refund.more.get("arbitration") in disputes)
                and (not offers or (refund.offer is not None and "PARTIAL_REFUND" in offers))
                and inside(_created(refund), made)
                and inside(_updated(refund), changed)
            ):
                yield order, refund


def _created(refund: Refund) -> int:
    return int(refund.created_at.timestamp())


def _updated(refund: Refund) -> int:
    return int((refund.updated_at or refund.created_at).timestamp())


def records(call: Call) -> dict[str, Any]:
    """/return_refund/202309/returns/{return_id}/records"""
    found = find(call, call.ids["return_id"])
    if found is None:
        raise Failure(25007006, "The request is not found.")
    return {"records": records_json(found[1])}
