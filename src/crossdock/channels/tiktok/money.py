"""What TikTok Shop pays for orders: statement transactions, once an order is settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from crossdock.channels.contract import Shop
from crossdock.channels.errors import Refused
from crossdock.channels.reading import Reading, Row, child, rows, text
from crossdock.channels.tiktok.api import get, path_of
from crossdock.channels.tiktok.refusals import refusal_of
from crossdock.rules.facts import Fee, Settlement


def settlements(shop: Shop, order_ids: Sequence[str]) -> Mapping[str, Settlement]:
    """Order id → what is paid for it. An order that is not settled yet is left out: what TikTok Shop
    answers for one is not sure, so that a refusal and an empty answer mean the same."""
    found = {}
    for order_id in order_ids:
        told = refusal_of(
            lambda order_id=order_id: get(  # type: ignore[misc]
                shop, path_of("finance", f"orders/{order_id}/statement_transactions")
            )
        )
        if not isinstance(told, Refused) and text(told, "settlement_amount"):
            found[order_id] = _settlement(order_id, told)
    return found


def _settlement(order_id: str, told: Row) -> Settlement:
    """settlement = revenue - shipping cost - fees and taxes; all amounts come signed.

    Fee names grow: what is named is taken, and what the names leave of a total is kept as one more
    fee, so that the parts always add up.
    """
    reading = Reading()
    amount = reading.money(told, "settlement_amount")
    revenue = reading.money(told, "revenue_amount")
    shipping = reading.money(told, "shipping_cost_amount")
    named = [Fee(name, value) for name, value in _added_up(told).items() if value]
    rest = amount - revenue - shipping - sum((fee.amount for fee in named), Decimal(0))
    if rest:
        named.append(Fee("other fees and taxes", rest))
    return Settlement(
        order_id=order_id,
        currency=text(told, "currency"),
        amount=amount,
        is_final=True,
        shipping=shipping,
        fees=tuple(named),
    )


def _added_up(told: Row) -> dict[str, Decimal]:
    """Each fee and tax of all SKUs, added up by its name."""
    total: dict[str, Decimal] = {}
    for name, value in _named(told):
        total[name] = total.get(name, Decimal(0)) + value
    return total


def _named(told: Row) -> Iterator[tuple[str, Decimal]]:
    for sku in rows(told, "sku_transactions"):
        parts = child(sku, "fee_tax_breakdown")
        for group in (child(parts, "fee"), child(parts, "tax")):
            for name in group:
                yield name.removesuffix("_amount").replace("_", " "), Reading().money(group, name)
