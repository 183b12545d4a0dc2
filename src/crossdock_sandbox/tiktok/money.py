"""What an order costs, who pays which part, and how amounts are written."""

from __future__ import annotations

from decimal import Decimal

from crossdock_sandbox.world.purchases import Line, Purchase

ZERO = Decimal(0)
_FREE_SHIPPING = Decimal("4.90")
"""What shipping would cost where the platform pays for it."""


def amount(value: Decimal) -> str:
    """A decimal string, such as ``21.30``; nothing is ``0``."""
    return f"{value:.2f}" if value else "0"


def list_price(lines: list[Line]) -> Decimal:
    """``original_total_product_price``."""
    return sum((line.price * line.quantity for line in lines), ZERO)


def by_seller(lines: list[Line]) -> Decimal:
    """The discount that the seller pays."""
    return sum((line.seller_discount * line.quantity for line in lines), ZERO)


def by_platform(lines: list[Line]) -> Decimal:
    """The discount that the platform pays."""
    return sum((line.platform_discount * line.quantity for line in lines), ZERO)


def sub_total(lines: list[Line]) -> Decimal:
    """What the buyer pays for goods."""
    return list_price(lines) - by_seller(lines) - by_platform(lines)


def full_shipping(order: Purchase) -> Decimal:
    """``original_shipping_fee``: before anybody's discount."""
    return order.shipping_fee or _FREE_SHIPPING


def payment(order: Purchase) -> dict[str, str]:
    """``payment`` of an order; taxes and buyer fees do not exist in its markets."""
    free = full_shipping(order) - order.shipping_fee
    nothing = dict.fromkeys(
        (
            "shipping_fee_seller_discount", "shipping_fee_cofunded_discount", "tax", "product_tax",
            "shipping_fee_tax", "payment_platform_discount", "payment_discount_service_fee",
            "handling_fee", "small_order_fee", "retail_delivery_fee", "buyer_service_fee",
            "shipping_insurance_fee", "distance_fee", "distance_shipping_fee", "item_insurance_fee",
            "item_insurance_tax",
        ),
        "0",
    )  # fmt: skip
    return {
        "currency": order.currency,
        "original_total_product_price": amount(list_price(order.lines)),
        "seller_discount": amount(by_seller(order.lines)),
        "platform_discount": amount(by_platform(order.lines)),
        "sub_total": amount(sub_total(order.lines)),
        "original_shipping_fee": amount(full_shipping(order)),
        "shipping_fee_platform_discount": amount(free),
        "shipping_fee": amount(order.shipping_fee),
        "total_amount": amount(sub_total(order.lines) + order.shipping_fee),
        **nothing,
    }


def price_detail(order: Purchase) -> dict[str, object]:
    """``data`` of the price detail: the order's sums, and the same for each line.

    Shipping is told on the first line.
    """
    lines = [
        {
            "id": line.line_id,
            **_prices(
                order,
                [line],
                full_shipping(order) if place == 0 else ZERO,
                order.shipping_fee if place == 0 else ZERO,
            ),
            "seller_funded_product_promotions": _promotions(order, line),
            "seller_funded_shipping_promotions": [],
        }
        for place, line in enumerate(order.lines)
    ]
    whole = _prices(order, order.lines, full_shipping(order), order.shipping_fee)
    return {**whole, "line_items": lines}


def _prices(
    order: Purchase, lines: list[Line], shipping: Decimal, paid_shipping: Decimal
) -> dict[str, str]:
    paid = sub_total(lines) + paid_shipping
    return {
        "currency": order.currency,
        "total": amount(list_price(lines) + shipping),
        "payment": amount(paid),
        "sku_list_price": amount(list_price(lines)),
        "sku_sale_price": amount(sub_total(lines)),
        "subtotal": amount(sub_total(lines)),
        "subtotal_deduction_seller": amount(by_seller(lines)),
        "subtotal_deduction_platform": amount(by_platform(lines)),
        "subtotal_tax_amount": "0",
        "voucher_deduction_seller": "0",
        "voucher_deduction_platform": "0",
        "shipping_list_price": amount(shipping),
        "shipping_sale_price": amount(paid_shipping),
        "shipping_fee_deduction_seller": "0",
        "shipping_fee_deduction_platform": amount(shipping - paid_shipping),
        "shipping_fee_deduction_platform_voucher": "0",
        "tax_amount": "0",
        "tax_rate": "0",
        "net_price_amount": amount(paid),
        "cod_fee": "0",
        "cod_fee_net_amount": "0",
        "sku_gift_original_price": "0",
        "sku_gift_net_price": "0",
    }


def _promotions(order: Purchase, line: Line) -> list[dict[str, str]]:
    if not line.seller_discount:
        return []
    return [
        {
            "activity_id": f"7{order.order_id}",
            "discount_amount": amount(line.seller_discount),
            "discount_type": "ACTIVITY",
        }
    ]
