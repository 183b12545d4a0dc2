"""What Lazada pays for orders, from its transactions: rows of one amount each, signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crossdock.channels.contract import Shop
from crossdock.channels.errors import NotFound
from crossdock.channels.lazada.api import call
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.reading import Reading, Row, rows, text
from crossdock.rules.facts import Fee, Settlement

_PAGE = 500
_DAYS = 178
"""Ranges must be shorter than 180 days; an order is settled long before."""

_GOODS = frozenset({"13", "14", "118"})
"""``fee_type``: item price, its reversal, and vouchers that the seller funds: the billed total."""

_SHIPPING = frozenset({"7", "8"})


def settlements(shop: Shop, order_ids: Sequence[str]) -> dict[str, Settlement]:
    """What is known of these orders, a call an order; those without rows are left out."""
    found = {}
    for order_id in dict.fromkeys(order_ids):
        told = [row for row in _rows(shop, order_id) if text(row, "order_no") in ("", order_id)]
        settled = _settlement(order_id, COUNTRIES[shop.region].currency, told) if told else None
        if settled is not None:
            found[order_id] = settled
    return found


def _rows(shop: Shop, order_id: str) -> list[Row]:
    """All rows of an order: no count is told, so that a short page is the last."""
    today = datetime.now(UTC).date()
    range_of = {
        "start_time": (today - timedelta(days=_DAYS)).isoformat(),
        "end_time": (today + timedelta(days=1)).isoformat(),
    }
    found: list[Row] = []
    while True:
        paging = {"limit": str(_PAGE), "offset": str(len(found))}
        try:
            page = rows(
                call(
                    shop,
                    "/finance/transaction/details/get",
                    {**range_of, **paging, "trade_order_id": order_id},
                ),
                "data",
            )
        except NotFound:
            return found
        found += page
        if len(page) < _PAGE:
            return found


def _settlement(order_id: str, currency: str, told: Sequence[Row]) -> Settlement | None:
    """The rows added up; None where an amount cannot be read: a wrong sum would be posted."""
    reading = Reading()
    amounts = [(row, reading.money(row, "amount")) for row in told]
    if reading.problems:
        return None
    fees: dict[str, Decimal] = {}
    shipping = Decimal(0)
    for row, amount in amounts:
        if text(row, "fee_type") in _GOODS:
            continue
        if _is_shipping(row):
            shipping += amount
        else:
            name = text(row, "fee_name") or f"Fee {text(row, 'fee_type')}".strip()
            fees[name] = fees.get(name, Decimal(0)) + amount
    return Settlement(
        order_id=order_id,
        currency=currency,
        amount=sum((amount for _, amount in amounts), Decimal(0)),
        is_final=all(text(row, "paid_status").strip().lower() == "paid" for row in told),
        shipping=shipping,
        fees=tuple(Fee(name, amount) for name, amount in fees.items() if amount),
    )


def _is_shipping(row: Row) -> bool:
    """By its id; ids that nobody listed by their name."""
    return text(row, "fee_type") in _SHIPPING or text(row, "fee_name").lower().startswith(
        "shipping fee"
    )
