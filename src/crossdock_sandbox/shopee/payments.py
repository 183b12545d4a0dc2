"""Payments: what an order brings in, and what was released."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.shopee.answers import number
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.listing import item_id, model_id, model_name, skus
from crossdock_sandbox.shopee.order_json import buyer_username, payment_method
from crossdock_sandbox.shopee.orders import find
from crossdock_sandbox.shopee.returning import requests
from crossdock_sandbox.shopee.settlement import ZERO, Escrow, shares
from crossdock_sandbox.world.purchases import Purchase, Step

_SPAN = 15 * 86400
_NOTHING = (
    "coins", "voucher_from_external_party", "buyer_transaction_fee", "cross_border_tax",
    "payment_promotion", "seller_lost_compensation", "seller_coin_cash_back", "escrow_tax",
    "shipping_fee_sst", "reverse_shipping_fee_sst", "sales_tax_on_lvg", "order_ams_commission_fee",
    "seller_order_processing_fee", "withholding_tax", "final_escrow_product_gst",
    "final_escrow_shipping_gst", "shipping_fee_discount_from_3pl", "seller_shipping_discount",
    "drc_adjustable_refund", "shopee_discount", "original_shopee_discount",
    "final_product_protection", "credit_card_promotion", "credit_card_transaction_fee",
    "final_product_vat_tax", "final_shipping_vat_tax", "campaign_fee",
)  # fmt: skip
"""Fields that are always there, and stand for nothing in these markets."""


def _not_there() -> Failure:
    return Failure("order_not_found", "The order is not found.")


def escrow(call: Call) -> dict[str, Any]:
    """/api/v2/payment/get_escrow_detail"""
    return _detail(find(call, call.given.text("order_sn"), _not_there))


def escrows(call: Call) -> list[dict[str, Any]]:
    """/api/v2/payment/get_escrow_detail_batch: an array; by GET or by POST, as both are documented"""
    own = Fields({**call.asked.query, **call.given.values})
    wanted = own.listed("order_sn_list")
    if not wanted:
        raise wrong("order_sn_list is a required field")
    if len(wanted) > 50:
        raise Failure("exceed_max_limit", "The number of orders exceeds the limit of 50.")
    found = [order for one in wanted if (order := call.book.order(call.of_shop, one))]
    if not found:
        raise _not_there()
    return [{"escrow_detail": _detail(order)} for order in found]


def released(call: Call) -> dict[str, Any]:
    """/api/v2/payment/get_escrow_list: completed orders, whose money was let go"""
    start, end = call.given.integer("release_time_from"), call.given.integer("release_time_to")
    size, number_ = (
        call.given.between("page_size", 1, 100, 40),
        call.given.between("page_no", 1, 10**6, 1),
    )
    if not start <= end <= start + _SPAN:
        raise wrong("release_time_to should be after release_time_from, at most 15 days")
    found = sorted(
        (released_at(order), order.order_id)
        for order in call.book.of_shop(call.of_shop)
        if order.step is Step.COMPLETED and start <= released_at(order) <= end
    )
    shown = found[(number_ - 1) * size : number_ * size]
    return {
        "escrow_list": [
            {
                "order_sn": order_sn,
                "payout_amount": number(Escrow(call.book.orders[call.of_shop, order_sn]).amount),
                "escrow_release_time": moment,
            }
            for moment, order_sn in shown
        ],
        "more": number_ * size < len(found),
    }


def released_at(order: Purchase) -> int:
    """Unix seconds at which the money of a completed order was released."""
    return order.times.get("completed", int(order.updated_at.timestamp()))


def _detail(order: Purchase) -> dict[str, Any]:
    return {
        "order_sn": order.order_id,
        "buyer_user_name": buyer_username(order),
        "return_order_sn_list": [one.refund_id for one in requests(order)],
        "order_income": _income(order),
        "buyer_payment_info": _buyer_payment(order),
    }


def _income(order: Purchase) -> dict[str, Any]:
    escrow = Escrow(order)
    list_price = sum((line.price * line.quantity for line in order.lines), ZERO)
    live = escrow.live
    amounts = {
        "escrow_amount": escrow.amount,
        "escrow_amount_after_adjustment": escrow.amount,
        "buyer_total_amount": order.buyer_total,
        "order_original_price": list_price,
        "original_price": list_price,
        "order_selling_price": order.goods,
        "order_discounted_price": order.goods,
        "order_seller_discount": list_price - order.goods,
        "seller_discount": list_price - order.goods,
        "voucher_from_seller": order.voucher_seller,
        "voucher_from_shopee": order.voucher_platform,
        "buyer_paid_shipping_fee": escrow.paid_shipping,
        "estimated_shipping_fee": escrow.shipping,
        "actual_shipping_fee": escrow.shipping if "collected" in order.times else ZERO,
        "shopee_shipping_rebate": escrow.rebate,
        "final_shipping_fee": escrow.final_shipping if live else ZERO,
        "reverse_shipping_fee": escrow.reverse_shipping,
        "commission_fee": escrow.commission if live else ZERO,
        "service_fee": escrow.service if live else ZERO,
        "seller_transaction_fee": escrow.transaction if live else ZERO,
        "seller_return_refund": -escrow.refunded,
        "cost_of_goods_sold": order.goods if live else ZERO,
        "original_cost_of_goods_sold": order.goods,
    }
    return {
        **{name: number(value) for name, value in amounts.items()},
        **dict.fromkeys(_NOTHING, 0),
        "seller_voucher_code": ["HARI10"] if order.voucher_seller else [],
        "buyer_payment_method": payment_method(order),
        "order_adjustment": [],
        "items": _items(order),
    }


def _items(order: Purchase) -> list[dict[str, Any]]:
    """Every amount is of the whole line, not of a unit."""
    by_seller = shares(order.voucher_seller, order.lines)
    by_shopee = shares(order.voucher_platform, order.lines)
    return [
        {
            "item_id": item_id(line.name),
            "item_name": line.name,
            "model_id": model_id(line.sku),
            "model_name": model_name(line),
            **skus(line.sku),
            "line_item_id": int(line.line_id),
            "quantity_purchased": line.quantity,
            "original_price": number(line.price * line.quantity),
            "selling_price": number((line.price - line.seller_discount) * line.quantity),
            "discounted_price": number((line.price - line.seller_discount) * line.quantity),
            "seller_discount": number(line.seller_discount * line.quantity),
            "shopee_discount": 0,
            "discount_from_coin": 0,
            "discount_from_voucher_shopee": number(by_shopee[place]),
            "discount_from_voucher_seller": number(by_seller[place]),
            "activity_type": "",
            "activity_id": 0,
            "is_main_item": False,
        }
        for place, line in enumerate(order.lines)
    ]


def _buyer_payment(order: Purchase) -> dict[str, Any]:
    return {
        "buyer_payment_method": payment_method(order),
        "buyer_service_fee": 0,
        "buyer_tax_amount": 0,
        "buyer_total_amount": number(order.buyer_total),
        "credit_card_promotion": 0,
        "is_paid_by_credit_card": payment_method(order).startswith("Credit"),
        "merchant_subtotal": number(order.goods),
        "seller_voucher": number(-order.voucher_seller),
        "shipping_fee": number(order.shipping_fee),
        "shopee_voucher": number(-order.voucher_platform),
        "shopee_coins_redeemed": 0,
    }
