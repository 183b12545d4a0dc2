"""What an order earns and costs: ``settlement = revenue - shipping cost - fees and taxes``.

Discounts and refunds in the revenue are negative, so that it is the sum of its parts; so is what the
buyer paid in the shipping cost. Fees and taxes are positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crossdock_sandbox.tiktok.money import ZERO, amount, by_seller, full_shipping, list_price
from crossdock_sandbox.tiktok.return_json import lines_of
from crossdock_sandbox.tiktok.returning import refund_amount
from crossdock_sandbox.world.purchases import Line, Purchase

_CENT = Decimal("0.01")
_COMMISSION, _TRANSACTION, _TAX = Decimal("0.0540"), Decimal("0.0378"), Decimal("0.08")
"""Shares of the revenue, and the tax on both."""
_TAX_NAMES = {"MYR": "sst_amount", "SGD": "gst_amount"}
_PAID_BACK = ("accepted", "paid")


@dataclass(frozen=True)
class Part:
    """The settlement of some lines of an order."""

    currency: str
    goods: Decimal
    discount: Decimal
    refunded_goods: Decimal
    refunded_discount: Decimal
    shipping: Decimal
    """What the courier costs."""
    paid_shipping: Decimal
    """What the buyer and the platform pay for it."""

    @property
    def revenue(self) -> Decimal:
        """Goods minus the seller's discounts minus what was paid back."""
        return self.goods - self.discount - self.refunded_goods + self.refunded_discount

    @property
    def shipping_cost(self) -> Decimal:
        """What is left for the seller to pay; below zero where he sends it himself."""
        return self.shipping - self.paid_shipping

    @property
    def commission(self) -> Decimal:
        """The platform's share."""
        return _rounded(self.revenue * _COMMISSION)

    @property
    def transaction(self) -> Decimal:
        """For the payment."""
        return _rounded(self.revenue * _TRANSACTION)

    @property
    def tax(self) -> Decimal:
        """On both fees."""
        return _rounded((self.commission + self.transaction) * _TAX)

    @property
    def fees(self) -> Decimal:
        """Fees and taxes."""
        return self.commission + self.transaction + self.tax

    @property
    def settled(self) -> Decimal:
        """What the seller gets."""
        return self.revenue - self.shipping_cost - self.fees


def amounts(parts: list[Part], before: str = "") -> dict[str, str]:
    """The totals of several parts; ``before``: what stands before their names."""
    return {
        f"{before}settlement_amount": amount(total(parts, "settled")),
        f"{before}revenue_amount": amount(total(parts, "revenue")),
        f"{before}shipping_cost_amount": amount(total(parts, "shipping_cost")),
        f"{before}fee_tax_amount": amount(total(parts, "fees")),
    }


def breakdowns(parts: list[Part]) -> dict[str, Any]:
    """What the totals are made of; fees that are not named do not exist here."""
    tax = _TAX_NAMES.get(parts[0].currency, "vat_amount")
    return {
        "revenue_breakdown": {
            "subtotal_before_discount_amount": amount(total(parts, "goods")),
            "seller_discount_amount": amount(-total(parts, "discount")),
            "refund_subtotal_before_discount_amount": amount(-total(parts, "refunded_goods")),
            "seller_discount_refund_amount": amount(total(parts, "refunded_discount")),
        },
        "shipping_cost_breakdown": {
            "actual_shipping_fee_amount": amount(total(parts, "shipping")),
            "customer_paid_shipping_fee_amount": amount(-total(parts, "paid_shipping")),
            "return_shipping_fee_amount": "0",
        },
        "fee_tax_breakdown": {
            "fee": {
                "platform_commission_amount": amount(total(parts, "commission")),
                "transaction_fee_amount": amount(total(parts, "transaction")),
                "affiliate_commission_amount": "0",
                "sfp_service_fee_amount": "0",
                "voucher_xtra_service_fee_amount": "0",
            },
            "tax": {
                **dict.fromkeys(("vat_amount", "sst_amount", "gst_amount"), "0"),
                tax: amount(total(parts, "tax")),
            },
        },
    }


def part(order: Purchase, lines: list[Line]) -> Part:
    """The settlement of some lines; shipping belongs to the first line of the order."""
    with_shipping = order.lines[0] in lines
    shipping = full_shipping(order) if with_shipping else ZERO
    goods, discount = _paid_back(order, lines)
    return Part(
        currency=order.currency,
        goods=list_price(lines),
        discount=by_seller(lines),
        refunded_goods=goods,
        refunded_discount=discount,
        shipping=ZERO if order.seller_delivers else shipping,
        paid_shipping=shipping,
    )


def by_sku(order: Purchase) -> dict[int, list[Line]]:
    """An order's lines by SKU, in the order in which they come."""
    groups: dict[int, list[Line]] = {}
    for line in order.lines:
        groups.setdefault(line.sku_id, []).append(line)
    return groups


def whole(order: Purchase) -> list[Part]:
    """The settlement of an order, a part for each SKU: fees are rounded there."""
    return [part(order, lines) for lines in by_sku(order).values()]


def total(parts: list[Part], name: str) -> Decimal:
    """One figure of several parts."""
    return sum((Decimal(getattr(one, name)) for one in parts), ZERO)


def _paid_back(order: Purchase, lines: list[Line]) -> tuple[Decimal, Decimal]:
    """(goods, the seller's discount on them) that a refund gave back for these lines."""
    refund = order.refund
    if refund is None or refund.state not in _PAID_BACK:
        return ZERO, ZERO
    returned = lines_of(order, refund)
    if refund.more.get("amount") is not None:
        first = bool(returned) and returned[0] in lines
        return (refund_amount(order, refund) if first else ZERO), ZERO
    here = [line for line in lines if line in returned]
    return list_price(here), by_seller(here)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
