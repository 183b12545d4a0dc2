"""What Shopee pays for orders: the escrow, with every fee under Shopee's own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from crossdock.channels.contract import Shop
from crossdock.channels.reading import Reading, Row, child, text
from crossdock.channels.shopee.escrows import escrows
from crossdock.channels.shopee.orders import read_orders
from crossdock.channels.shopee.translate import has_escrow, order_facts
from crossdock.rules.facts import Fee, Settlement, Touches
from crossdock.rules.invoice import billed_total

_TAKEN = (
    "commission_fee",
    "service_fee",
    "seller_transaction_fee",
    "order_ams_commission_fee",
    "seller_order_processing_fee",
    "withholding_tax",
    "sales_tax_on_lvg",
    "final_escrow_product_gst",
)
"""What Shopee keeps; told as positive amounts."""
_OTHER = "other"
"""Whatever else lies between the billed total and what is paid: Shopee's escrow has about ninety
fields, of which some are sums of others, and the signs of few are documented."""


def settlements(shop: Shop, order_sns: Sequence[str]) -> dict[str, Settlement]:
    """What Shopee pays for these orders; those of which it tells nothing yet are left out."""
    orders, _ = read_orders(shop, order_sns, "item_list,package_list")
    paid = [order for order in orders if has_escrow(order)]
    told, _ = escrows(shop, [text(order, "order_sn") for order in paid])
    return {
        order_sn: found
        for order in paid
        if (order_sn := text(order, "order_sn")) in told
        and (found := settlement(order, told[order_sn])) is not None
    }


def settlement(order: Row, escrow: Row) -> Settlement | None:
    """One order's settlement; None where the escrow names no amount, or a figure of it cannot be read:
    a wrong sum would be posted.

    Shopee v2: ``escrow_amount`` moves until the order is completed. Billed total, shipping and fees
    always add up to the amount.
    """
    income, reading = child(escrow, "order_income"), Reading()
    amount = _amount(reading, income)
    facts = order_facts(order, {}, escrow)
    shipping = _shipping(reading, income)
    fees = [Fee(name, -abs(reading.money(income, name))) for name in _TAKEN]
    if amount is None or reading.problems or facts.unread(Touches.MONEY, Touches.LINES):
        return None
    named = sum((fee.amount for fee in fees), shipping + billed_total(facts))
    fees.append(Fee(_OTHER, amount - named))
    return Settlement(
        order_id=facts.order_id,
        currency=facts.currency,
        amount=amount,
        is_final=facts.status == "COMPLETED",
        shipping=shipping,
        fees=tuple(fee for fee in fees if fee.amount),
    )


def _amount(reading: Reading, income: Mapping[str, object]) -> Decimal | None:
    """What the seller gets, after later adjustments where there are any."""
    for name in ("escrow_amount_after_adjustment", "escrow_amount"):
        if income.get(name) is not None:
            return reading.money(income, name)
    return None


def _shipping(reading: Reading, income: Mapping[str, object]) -> Decimal:
    """What shipping adds to or takes from the seller's money.

    Shopee v2: what the buyer and Shopee pay for it, less what the courier costs; the way back and
    its tax are the seller's.
    """
    paid = reading.money(income, "buyer_paid_shipping_fee")
    paid += reading.money(income, "shopee_shipping_rebate")
    costs = (
        "actual_shipping_fee",
        "reverse_shipping_fee",
        "shipping_fee_sst",
        "reverse_shipping_fee_sst",
    )
    return paid - sum((abs(reading.money(income, name)) for name in costs), Decimal(0))
