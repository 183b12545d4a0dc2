"""What orders earned and cost, row by row and statement by statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.lazada.shapes import local, product_number, stamp
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.orders import Item, Order
from crossdock_sandbox.world.shops import shop_named

_MOST = 500
_LONGEST_DAYS = 180
_CENT = Decimal("0.01")
_COMMISSION, _PAYMENT = Decimal("0.0325"), Decimal("0.0212")
_SALES, _FEES, _REFUNDS = "Orders-Sales", "Orders-Lazada Fees", "Refunds-Claims"


@dataclass(frozen=True, slots=True)
class Row:
    """One amount of one item, signed."""

    order: Order
    item: Item
    fee_type: int
    name: str
    kind: str
    amount: Decimal

    @property
    def day(self) -> date:
        """The day, in the shop's country, on which it was booked."""
        return local(self.item.updated_at, shop_named("lazada", self.order.shop).region).date()


def transactions(call: Call) -> dict[str, Any]:
    """/finance/transaction/details/get"""
    start, end = _day(call, "start_time"), _day(call, "end_time")
    if end < start or (end - start).days >= _LONGEST_DAYS:
        raise Failure("1000012", "The time range must be shorter than 180 days")
    kind = call.values.get("trans_type", "-1")
    if not kind.lstrip("-").isdigit():
        raise Failure("1000014", "The transaction type is not valid")
    limit = call.number("limit", 100, 1, _MOST, ("19", "E019: Invalid Limit"))
    offset = call.number("offset", 0, 0, None, ("14", "E014: Invalid Offset"))
    only_line = call.values.get("trade_order_line_id", "")
    rows = [
        row
        for row in _rows(call)
        if start <= row.day <= end
        and kind in ("-1", str(row.fee_type))
        and only_line in ("", str(row.item.item_id))
    ]
    return {"data": [_row_json(row) for row in rows[offset : offset + limit]]}


def payouts(call: Call) -> dict[str, Any]:
    """/finance/payout/status/get: a statement a week, from a day on"""
    after = _day(call, "created_after")
    weeks: dict[date, list[Row]] = {}
    for row in _rows(call):
        weeks.setdefault(_monday(row.day), []).append(row)
    region = shop_named("lazada", call.of_shop).region
    return {
        "data": [
            _statement(region, monday, weeks[monday])
            for monday in sorted(weeks)
            if monday + timedelta(days=7) > after
        ]
    }


def _rows(call: Call) -> Iterator[Row]:
    """Every row of the shop, or of one of its orders."""
    only = call.values.get("trade_order_id", "")
    if only:
        found = call.book.order(call.of_shop, only)
        orders = [found] if found else []
    else:
        orders = list(call.book.of_shop(call.of_shop))
    for order in orders:
        for item in order.items:
            if item.status in ("delivered", "confirmed", "returned"):
                yield from _of_item(order, item)


def _of_item(order: Order, item: Item) -> Iterator[Row]:
    price = item.price - item.voucher_seller
    commission = (price * _COMMISSION).quantize(_CENT)
    payment = (price * _PAYMENT).quantize(_CENT)
    yield Row(order, item, 13, "Item Price Credit", _SALES, item.price)
    if item.voucher_seller:
        yield Row(order, item, 118, "Promotional Charges Vouchers", _FEES, -item.voucher_seller)
    yield Row(order, item, 16, "Commission", _FEES, -commission)
    yield Row(order, item, 3, "Payment Fee", _FEES, -payment)
    if item.shipping:
        yield Row(order, item, 8, "Shipping Fee (Paid By Customer)", _SALES, item.shipping)
        yield Row(order, item, 7, "Shipping Fee Paid by Seller", _FEES, -item.shipping)
    if item.status == "returned":
        yield Row(order, item, 14, "Reversal Item Price", _REFUNDS, -price)
        yield Row(order, item, 15, "Reversal Commission", _REFUNDS, commission)


def _row_json(row: Row) -> dict[str, str]:
    region = shop_named("lazada", row.order.shop).region
    monday = _monday(row.day)
    number = product_number(row.item)
    return {
        "transaction_date": f"{row.day:%d %b %Y}",
        "transaction_type": row.kind,
        "transaction_number": f"{row.order.order_id}-{row.item.item_id % 10**6}-{row.fee_type}",
        "fee_name": row.name,
        "fee_type": str(row.fee_type),
        "amount": f"{row.amount:.2f}",
        "VAT_in_amount": "0.00",
        "WHT_amount": "0.00",
        "WHT_included_in_amount": "No",
        "statement": f"{monday:%d %b %Y} - {monday + timedelta(days=6):%d %b %Y}",
        "paid_status": "Paid" if _is_paid(monday) else "Not paid",
        "order_no": row.order.order_id,
        "orderItem_no": str(row.item.item_id),
        "orderItem_status": row.item.status,
        "seller_sku": row.item.sku,
        "lazada_sku": f"{number}_{region}-{number + 1}",
        "details": row.item.name,
        "reference": "",
        "comment": "",
        "payment_ref_id": "",
        "shipping_provider": row.item.provider,
        "shipping_speed": "Standard",
        "shipment_type": "Dropshipping",
    }


def _statement(region: str, monday: date, rows: list[Row]) -> dict[str, str]:
    revenue = _sum(rows, 13, 118)
    other = _sum(rows, 8)
    shipment = _sum(rows, 7)
    fees = -(_sum(rows, 16, 3) + shipment)
    refunds, refunded_fees = -_sum(rows, 14), _sum(rows, 15)
    first = revenue + other - fees
    second = first - refunds
    payout = second + refunded_fees
    amounts = {
        "opening_balance": Decimal(0),
        "item_revenue": revenue,
        "other_revenue_total": other,
        "shipment_fee": shipment,
        "shipment_fee_credit": Decimal(0),
        "fees_total": fees,
        "subtotal1": first,
        "refunds": refunds,
        "fees_on_refunds_total": refunded_fees,
        "subtotal2": second,
        "guarantee_deposit": Decimal(0),
        "closing_balance": payout,
        "payout": payout,
    }
    made = datetime.combine(monday + timedelta(days=7), time(), UTC)
    return {
        "statement_number": f"{region}-{monday:%Y%m%d}",
        "created_at": stamp(min(made, now()), region),
        "updated_at": stamp(min(made, now()), region),
        **{name: f"{amount:.2f}" for name, amount in amounts.items()},
        "paid": "1" if _is_paid(monday) else "0",
    }


def _sum(rows: list[Row], *kinds: int) -> Decimal:
    return sum((row.amount for row in rows if row.fee_type in kinds), Decimal(0))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _is_paid(monday: date) -> bool:
    """Statements are paid when their week is over."""
    return monday + timedelta(days=7) <= now().date()


def _day(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(call.text(name)[:10])
    except ValueError:
        raise Failure("17", "E017: Invalid Date Format") from None
