"""What an order brings the seller: the escrow, from goods, vouchers, fees, shipping and refunds.

``escrow_amount = goods - seller's voucher - commission - service - transaction + final shipping fee
+ refunds``. Commission, service and transaction fees are positive; the final shipping fee is what is
left of shipping for the seller, and negative when he pays for it. The sign of
``seller_return_refund`` is not documented: here what was paid back is negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from crossdock_sandbox.shopee.returning import refund_amount, refund_of_request, requests
from crossdock_sandbox.world.purchases import Line, Purchase

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_COMMISSION, _SERVICE, _TRANSACTION = Decimal("0.0648"), Decimal("0.0324"), Decimal("0.0378")
"""Shares: of what the seller sells the goods for, and of what the buyer pays."""
_FREE_SHIPPING = Decimal("4.90")
"""What shipping costs where the buyer pays nothing, and Shopee does."""
_OVERWEIGHT = Decimal("1.37")
_BACK = Decimal("4.15")
"""What it costs the seller that goods come back."""


@dataclass(frozen=True)
class Escrow:
    """The figures of one order."""

    order: Purchase

    @property
    def live(self) -> bool:
        """A cancelled order brings nothing."""
        return self.order.live

    @property
    def refunded(self) -> Decimal:
        """What the seller's side of accepted returns is; Shopee's voucher goes back to Shopee."""
        order, back = self.order, ZERO
        for refund in requests(order):
            if refund.state == "accepted" and refund.more.get("compensation") != "APPROVED":
                whole = refund_amount(order, refund) == refund_of_request(order)
                back += order.billed_total if whole else refund_amount(order, refund)
        return back

    @property
    def sold(self) -> Decimal:
        """What the seller sells and keeps sold, after his voucher: the fees' base."""
        return max(self.order.billed_total - self.refunded, ZERO)

    @property
    def commission(self) -> Decimal:
        """``commission_fee``."""
        return _rounded(self.sold * _COMMISSION)

    @property
    def service(self) -> Decimal:
        """``service_fee``."""
        return _rounded(self.sold * _SERVICE)

    @property
    def transaction(self) -> Decimal:
        """``seller_transaction_fee``."""
        return _rounded(self.order.buyer_total * _TRANSACTION) if self.sold else ZERO

    @property
    def paid_shipping(self) -> Decimal:
        """``buyer_paid_shipping_fee``."""
        return self.order.shipping_fee

    @property
    def shipping(self) -> Decimal:
        """``actual_shipping_fee``: what the courier costs."""
        return actual_shipping(self.order)

    @property
    def rebate(self) -> Decimal:
        """``shopee_shipping_rebate``."""
        return _FREE_SHIPPING if self.shipping and not self.paid_shipping else ZERO

    @property
    def reverse_shipping(self) -> Decimal:
        """``reverse_shipping_fee``."""
        came_back = [one for one in requests(self.order) if one.more.get("tracking")]
        return _BACK * len(came_back)

    @property
    def final_shipping(self) -> Decimal:
        """``final_shipping_fee``."""
        return self.paid_shipping + self.rebate - self.shipping - self.reverse_shipping

    @property
    def amount(self) -> Decimal:
        """``escrow_amount``."""
        if not self.live:
            return ZERO
        fees = self.commission + self.service + self.transaction
        return self.order.billed_total - self.refunded - fees + self.final_shipping


def actual_shipping(order: Purchase) -> Decimal:
    """What the courier costs: sometimes more than was thought; nothing where the seller delivers."""
    if order.seller_delivers:
        return ZERO
    heavier = _OVERWEIGHT if order.buyer.number % 7 == 0 else ZERO
    return (order.shipping_fee or _FREE_SHIPPING) + heavier


def shares(whole: Decimal, lines: list[Line]) -> list[Decimal]:
    """A sum spread over the lines by their worth; the last one takes what is left of the cents."""
    worth = [(line.price - line.seller_discount) * line.quantity for line in lines]
    total, spread = sum(worth, ZERO), []
    for part in worth[:-1]:
        spread.append(_rounded(whole * part / total) if total else ZERO)
    return [*spread, whole - sum(spread, ZERO)]


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)
