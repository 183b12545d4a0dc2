"""Statements, their transactions, and what is not settled yet."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from crossdock_sandbox.tiktok.deadlines import settled_at
from crossdock_sandbox.tiktok.failures import invalid
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.money import amount
from crossdock_sandbox.tiktok.orders import ORDERS
from crossdock_sandbox.tiktok.paging import inside, page, window
from crossdock_sandbox.tiktok.settlement import amounts, breakdowns, by_sku, part, total, whole
from crossdock_sandbox.world.purchases import Purchase, Step

_MOST, _DEFAULT = 100, 20
_TYPES = ("WITHDRAW", "SETTLE", "TRANSFER", "REVERSE", "PAYMENT", "REFUND")
_EARNING = (Step.ARRANGED, Step.SHIPPED, Step.DELIVERED, Step.COMPLETED)


def statements(call: Call) -> dict[str, Any]:
    """/finance/202309/statements: one a day, made at 00:00 UTC for the day before"""
    call.query.one_of("sort_field", ("statement_time",))
    order = call.query.one_of("sort_order", ORDERS, "DESC")
    size = call.query.between("page_size", 1, _MOST, _DEFAULT)
    status = call.query.one_of("payment_status", ("PAID", "FAILED", "PROCESSING"), "")
    bounds = window(call.query, "statement_time")
    held = _statements(call)
    rows = [(at, _id(call, at)) for at in sorted(held) if inside(at, bounds) and not status]
    found = page(call.query, rows, size, order)
    times = {_id(call, at): at for at in held}
    return {
        "next_page_token": found.next_token,
        "statements": [_statement(call, times[one], held[times[one]]) for one in found.ids],
    }


def _statements(call: Call) -> dict[int, list[Purchase]]:
    """Settled orders by the time of their statement."""
    held: dict[int, list[Purchase]] = {}
    for order in call.book.of_shop(call.of_shop):
        at = settled_at(order)
        if at is not None:
            held.setdefault(at, []).append(order)
    return held


def _id(call: Call, at: int) -> str:
    return f"7{int(call.seller.seller_id[-3:]):03d}{datetime.fromtimestamp(at, UTC):%Y%m%d}000001"


def _statement(call: Call, at: int, orders: list[Purchase]) -> dict[str, Any]:
    parts = [one for order in orders for one in whole(order)]
    return {
        "id": _id(call, at),
        "statement_time": at,
        "currency": call.seller.currency,
        "settlement_amount": amount(total(parts, "settled")),
        "revenue_amount": amount(total(parts, "revenue")),
        "fee_amount": amount(total(parts, "fees")),
        "adjustment_amount": "0",
        "net_sales_amount": amount(total(parts, "revenue")),
        "shipping_cost_amount": amount(total(parts, "shipping_cost")),
        "payment_status": "SETTLED",
        "payment_id": f"{_id(call, at)}1",
        "payment_time": at,
    }


def of_statement(call: Call) -> dict[str, Any]:
    """/finance/{v}/statements/{statement_id}/statement_transactions"""
    call.query.one_of("sort_field", ("order_create_time",))
    order = call.query.one_of("sort_order", ORDERS, "DESC")
    size = call.query.between("page_size", 1, _MOST, _DEFAULT)
    held = {_id(call, at): (at, orders) for at, orders in _statements(call).items()}
    if call.ids["statement_id"] not in held:
        raise invalid("Invalid parameter: statement_id is not a statement of this shop")
    at, orders = held[call.ids["statement_id"]]
    known = {one.order_id: one for one in orders}
    rows = sorted((int(one.created_at.timestamp()), key) for key, one in known.items())
    found = page(call.query, rows, size, order)
    parts = [one for purchase in orders for one in whole(purchase)]
    return {
        "id": call.ids["statement_id"],
        "create_time": at,
        "status": "SETTLED",
        "currency": call.seller.currency,
        "payable_amount": amount(total(parts, "settled")),
        "total_settlement_amount": amount(total(parts, "settled")),
        "total_reserve_amount": "0",
        "total_settlement_breakdown": {
            "total_revenue_amount": amount(total(parts, "revenue")),
            "total_shipping_cost_amount": amount(total(parts, "shipping_cost")),
            "total_fee_tax_amount": amount(total(parts, "fees")),
            "total_adjustment_amount": "0",
        },
        "total_count": found.total,
        "next_page_token": found.next_token,
        "transactions": [_transaction(known[one]) for one in found.ids],
    }


def _transaction(order: Purchase) -> dict[str, Any]:
    parts = whole(order)
    return {
        "id": f"8{order.order_id}",
        "type": "ORDER",
        "order_id": order.order_id,
        "order_create_time": int(order.created_at.timestamp()),
        "adjustment_id": "",
        "adjustment_order_id": "",
        "adjustment_amount": "0",
        **amounts(parts),
        **breakdowns(parts),
    }


def of_order(call: Call) -> dict[str, Any]:
    """/finance/{v}/orders/{order_id}/statement_transactions

    What is answered for an order that is not settled yet is not known: here, no transaction.
    """
    order = call.book.order(call.of_shop, call.ids["order_id"])
    if order is None:
        raise invalid("Invalid parameter: order_id is not an order of this shop")
    head = {
        "order_id": order.order_id,
        "order_create_time": int(order.created_at.timestamp()),
        "currency": order.currency,
    }
    at = settled_at(order)
    if at is None:
        return {**head, "sku_transactions": [], "total_count": 0}
    parts = whole(order)
    rows = [
        {
            "sku_id": str(sku_id),
            "sku_name": lines[0].variation,
            "product_name": lines[0].name,
            "statement_id": _id(call, at),
            "quantity": str(len(lines)),
            **amounts([part(order, lines)]),
            **breakdowns([part(order, lines)]),
        }
        for sku_id, lines in by_sku(order).items()
    ]
    return {
        **head,
        "revenue_amount": amount(total(parts, "revenue")),
        "fee_and_tax_amount": amount(total(parts, "fees")),
        "shipping_cost_amount": amount(total(parts, "shipping_cost")),
        "settlement_amount": amount(total(parts, "settled")),
        "sku_transactions": rows,
        "total_count": len(rows),
    }


def unsettled(call: Call) -> dict[str, Any]:
    """/finance/202507/orders/unsettled: estimates of orders on their way to a statement"""
    call.query.one_of("sort_field", ("order_create_time",))
    order = call.query.one_of("sort_order", ORDERS, "DESC")
    size = call.query.between("page_size", 1, _MOST, _DEFAULT)
    bounds = window(call.query, "search_time")
    waiting = {
        one.order_id: one
        for one in call.book.of_shop(call.of_shop)
        if one.step in _EARNING
        and settled_at(one) is None
        and inside(int(one.created_at.timestamp()), bounds)
    }
    rows = sorted((int(one.created_at.timestamp()), key) for key, one in waiting.items())
    found = page(call.query, rows, size, order)
    parts = [one for purchase in waiting.values() for one in whole(purchase)]
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        "sum_est_settlement_amount": amount(total(parts, "settled")),
        "sum_est_revenue_amount": amount(total(parts, "revenue")),
        "sum_est_adjustment_amount": "0",
        "sum_est_fee_amount": amount(total(parts, "fees")),
        "transactions": [_estimate(waiting[one]) for one in found.ids],
    }


def _estimate(order: Purchase) -> dict[str, Any]:
    parts = whole(order)
    made = {
        "id": f"8{order.order_id}",
        "type": "ORDER",
        "status": "UNSETTLED",
        "currency": order.currency,
        "order_id": order.order_id,
        "order_create_time": int(order.created_at.timestamp()),
        "unsettled_reason": "The order is not completed.",
        "adjustment_id": "",
        "adjustment_order_id": "",
        "est_adjustment_amount": "0",
        **amounts(parts, "est_"),
        **breakdowns(parts),
    }
    if "delivered" in order.times:
        made["order_delivery_time"] = order.times["delivered"]
    return made


def payments(call: Call) -> dict[str, Any]:
    """/finance/{v}/payments: not for sellers in South-East Asia, who are settled to their account"""
    call.query.one_of("sort_field", ("create_time",))
    call.query.between("page_size", 1, _MOST, _DEFAULT)
    window(call.query, "create_time")
    return {"payments": [], "next_page_token": ""}


def withdrawals(call: Call) -> dict[str, Any]:
    """/finance/202309/withdrawals: what came into the seller's account, a settlement a day"""
    types = call.listed("types")
    if not types or [one for one in types if one not in _TYPES]:
        raise invalid(f"Invalid parameter: types must hold some of {', '.join(_TYPES)}")
    size = call.query.between("page_size", 1, _MOST, _DEFAULT)
    bounds = window(call.query, "create_time") or (0, int(time.time()) + 1)
    held = {f"{_id(call, at)}2": (at, orders) for at, orders in _statements(call).items()}
    rows = sorted((at, key) for key, (at, _) in held.items() if inside(at, bounds))
    found = page(call.query, rows if "SETTLE" in types else [], size, "DESC")
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        "withdrawals": [_settled(call, one, *held[one]) for one in found.ids],
    }


def _settled(call: Call, one: str, at: int, orders: list[Purchase]) -> dict[str, Any]:
    parts = [each for order in orders for each in whole(order)]
    return {
        "id": one,
        "type": "SETTLE",
        "amount": amount(total(parts, "settled")),
        "currency": call.seller.currency,
        "status": "SUCCESS",
        "create_time": at,
    }
