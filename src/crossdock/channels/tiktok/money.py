"""What TikTok Shop pays for orders: statement transactions, once an order is settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from crossdock.channels.contract import Shop
from crossdock.channels.errors import Refused
from crossdock.channels.reading import Reading, Row, child, rows, text
from crossdock.channels.tiktok.api import get
from crossdock.channels.tiktok.endpoints import ORDER_STATEMENT
from crossdock.channels.tiktok.refusals import is_about_the_call, refusal_of
from crossdock.rules.facts import Fee, Settlement

_PARTS_OF_OTHERS = ("_before_pit", "_deposit", "_release")
"""Endings of fees that only look at another one from a different side."""


def settlements(shop: Shop, order_ids: Sequence[str]) -> Mapping[str, Settlement]:
    """Order id → what is paid for it, one call each; it is final.

    An order that is not settled yet is left out: TikTok Shop answers with nothing, or with zeros
    without any transaction. Its estimates are a list of their own that names no order to ask for.
    """
    found = {}
    for order_id in order_ids:
        told = refusal_of(partial(get, shop, ORDER_STATEMENT.format(order_id)))
        if isinstance(told, Refused):
            if is_about_the_call(told):
                raise told
        elif _is_settled(told) and (settled := _settlement(order_id, told)) is not None:
            found[order_id] = settled
    return found


def _is_settled(told: Row) -> bool:
    settled = Reading().money(told, "settlement_amount")
    return bool(text(told, "settlement_amount")) and bool(settled or rows(told, "sku_transactions"))


def _settlement(order_id: str, told: Row) -> Settlement | None:
    """Fee names grow: what is named is taken, and what the names leave of the whole is kept as one more
    fee, so that the parts always add up. None where a figure cannot be read: a wrong sum would be posted."""
    reading, sign = Reading(), _sign(told)
    amount, revenue = (
        reading.money(told, "settlement_amount"),
        reading.money(told, "revenue_amount"),
    )
    shipping = sign * reading.money(told, "shipping_cost_amount")
    fees = [Fee(name, sign * value) for name, value in _added_up(reading, told).items() if value]
    if reading.problems:
        return None
    rest = amount - revenue - shipping - sum((fee.amount for fee in fees), Decimal(0))
    if rest:
        fees.append(Fee("other fees and taxes", rest))
    return Settlement(
        order_id=order_id,
        currency=text(told, "currency"),
        amount=amount,
        is_final=True,
        shipping=shipping,
        fees=tuple(fees),
    )


def _sign(told: Row) -> int:
    """1 where costs come as negative amounts, as live answers and the vendor's samples have them; -1
    where they come as amounts to be taken off, as the page's own formula reads. The sums tell."""
    reading = Reading()
    earned = reading.money(told, "settlement_amount") - reading.money(told, "revenue_amount")
    costs = reading.money(told, "shipping_cost_amount") + reading.money(told, "fee_and_tax_amount")
    if earned == costs:
        return 1
    return -1 if earned == -costs or costs > 0 else 1


def _added_up(reading: Reading, told: Row) -> dict[str, Decimal]:
    """Each fee and tax of all SKUs, added up by its name."""
    total: dict[str, Decimal] = {}
    for name, value in _named(reading, told):
        total[name] = total.get(name, Decimal(0)) + value
    return total


def _named(reading: Reading, told: Row) -> Iterator[tuple[str, Decimal]]:
    for sku in rows(told, "sku_transactions"):
        parts = child(sku, "fee_tax_breakdown")
        for group in (child(parts, "fee"), child(parts, "tax")):
            for name in group:
                if not name.endswith(_PARTS_OF_OTHERS):
                    words = name.removesuffix("_amount").replace("_", " ")
                    yield words, reading.money(group, name)
