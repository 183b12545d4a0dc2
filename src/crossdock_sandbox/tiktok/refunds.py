"""What a seller starts for a buyer: a refund or a return, and what it would cost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock_sandbox.stand import now
from crossdock_sandbox.tiktok.cancellations import BAD_PARAMETER
from crossdock_sandbox.tiktok.eligibility import TYPES, aftersale_refusal
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.money import sub_total
from crossdock_sandbox.tiktok.reasons import RETURN
from crossdock_sandbox.tiktok.return_json import refund_json
from crossdock_sandbox.tiktok.returning import STATUSES, enter
from crossdock_sandbox.world.purchases import Line, Purchase, Refund


def create(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/returns: the seller gives money back, or asks for the goods as well"""
    asked = Fields(call.body.values, BAD_PARAMETER)
    order_id, kind = asked.text("order_id"), asked.one_of("return_type", TYPES[1:])
    order = call.book.order(call.of_shop, order_id)
    try:
        if order is None:
            raise Failure(25007006, "The order is not found.")
        _check_reason(asked, "return_reason")
        if refusal := aftersale_refusal(order, "SELLER", kind):
            raise refusal
        refund = _requested(call, order, asked, goods_back=kind == "RETURN_AND_REFUND")
    except Failure as failure:
        call.witness(order_id if order else "", "create_return", str(failure.code))
        raise
    if order.refund is not None:
        order.earlier_refunds.append(order.refund)
    order.refund = refund
    enter(order, refund, "awaiting_buyer" if refund.goods_back else "accepted", now(), who="SELLER")
    call.witness(order_id, "create_return")
    call.book.save(order)
    return {"return_id": refund.refund_id, "return_status": STATUSES[refund.state]}


def _requested(call: Call, order: Purchase, asked: Fields, *, goods_back: bool) -> Refund:
    lines = chosen_lines(order, asked)
    asked.one_of("shipment_type", ("PLATFORM", "BUYER_ARRANGE"), "")
    more: dict[str, Any] = {"role": "SELLER", "lines": [line.line_id for line in lines]}
    if asked.text("refund_total", ""):
        more["amount"] = str(_amount(order, asked, sub_total(lines)))
    return Refund(
        refund_id=call.book.platform.case_id(call.book.numbers),
        goods_back=goods_back,
        reason=asked.text("return_reason"),
        text="",
        created_at=now(),
        due=now(),
        updated_at=now(),
        more=more,
    )


def _amount(order: Purchase, asked: Fields, most: Decimal) -> Decimal:
    try:
        total = Decimal(asked.text("refund_total"))
    except InvalidOperation:
        raise asked.refused("refund_total", "must be a decimal string") from None
    if asked.text("currency") != order.currency or not 0 < total <= most:
        raise asked.refused("refund_total", f"must be above 0 and at most {most} {order.currency}")
    return total


def chosen_lines(order: Purchase, asked: Fields) -> list[Line]:
    """The lines that ``order_line_item_ids`` or ``skus`` name; none named: all."""
    ids, skus = asked.strings("order_line_item_ids"), asked.objects("skus")
    if unknown := set(ids) - {line.line_id for line in order.lines}:
        raise asked.refused("order_line_item_ids", f"holds {unknown.pop()}")
    if ids:
        return [line for line in order.lines if line.line_id in ids]
    chosen = []
    for sku in skus:
        units = [line for line in order.lines if str(line.sku_id) == sku.text("sku_id")]
        wanted = sku.between("quantity", 1, 10_000)
        if wanted > len(units):
            raise Failure(25005011, "More units than the order has.")
        chosen += units[:wanted]
    return chosen if skus else list(order.lines)


def calculate(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/refunds/calculate: a whole order gets its shipping back too"""
    asked = Fields(call.body.values, BAD_PARAMETER)
    order = call.book.order(call.of_shop, asked.text("order_id"))
    kind = asked.one_of("request_type", TYPES)
    asked.text("reason_name")
    if order is None:
        raise Failure(25007006, "The order is not found.")
    lines = chosen_lines(order, asked)
    goods = sub_total(lines)
    whole = kind == "CANCEL" and len(lines) == len(order.lines)
    total = goods + order.shipping_fee if whole else goods
    return {"order_refund_amount": refund_json(order.currency, total, goods)}


def _check_reason(asked: Fields, name: str) -> None:
    if asked.text(name) not in [key for key, _ in RETURN]:
        raise Failure(25001014, f"The {name} is unknown.")
