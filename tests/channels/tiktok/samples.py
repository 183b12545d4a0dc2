"""Samples of the reference, as the tests vary them."""

from __future__ import annotations

from typing import Any

ORDER_ID = "577001122334455667"
PACKAGE_ID = "1153000000000000001"
LINE: dict[str, Any] = {
    "id": "577001122334455701",
    "product_id": "1729000000000000001",
    "sku_id": "1729000000000000011",
    "seller_sku": "MUG-BLUE",
    "product_name": "Mug",
    "sku_name": "Blue",
    "display_status": "AWAITING_SHIPMENT",
    "package_status": "TO_FULFILL",
    "package_id": PACKAGE_ID,
    "original_price": "30.00",
    "sale_price": "26.00",
    "seller_discount": "2.50",
    "platform_discount": "1.50",
    "currency": "MYR",
}
ORDER: dict[str, Any] = {
    "id": ORDER_ID,
    "status": "AWAITING_SHIPMENT",
    "create_time": 1767225600,
    "update_time": 1767229500,
    "paid_time": 1767225660,
    "rts_sla_time": 1767398400,
    "tts_sla_time": 1767484800,
    "is_on_hold_order": True,
    "is_cod": False,
    "fulfillment_type": "FULFILLMENT_BY_SELLER",
    "shipping_type": "TIKTOK",
    "delivery_option_id": "7091000000000000001",
    "delivery_option_name": "Standard",
    "tracking_number": "",
    "packages": [{"id": PACKAGE_ID}],
    "payment": {
        "currency": "MYR",
        "original_total_product_price": "60.00",
        "seller_discount": "5.00",
        "platform_discount": "3.00",
        "sub_total": "52.00",
        "shipping_fee": "2.40",
        "tax": "0",
        "total_amount": "54.40",
    },
    "recipient_address": {
        "name": "T** S**",
        "phone_number": "(+60)12*****89",
        "full_address": "Malaysia, Selangor, Petaling Jaya, 4***",
        "postal_code": "47300",
        "region_code": "MY",
        "district_info": [],
    },
    "line_items": [LINE, {**LINE, "id": "577001122334455702"}],
}
RETURN: dict[str, Any] = {
    "return_id": "4035001",
    "order_id": ORDER_ID,
    "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
    "return_type": "REFUND",
    "create_time": 1767225600,
    "update_time": 1767225600,
    "refund_amount": {"currency": "MYR", "refund_total": "27.50"},
    "return_line_items": [{"order_line_item_id": LINE["id"]}],
}
REQUEST: dict[str, Any] = {
    "cancel_id": "4036001",
    "order_id": ORDER_ID,
    "cancel_type": "BUYER_CANCEL",
    "cancel_status": "CANCELLATION_REQUEST_PENDING",
    "cancel_reason": "ecom_order_to_ship_canceled_reason_better_price",
    "cancel_reason_text": "Better price available",
    "seller_next_action_response": [
        {"action": "SELLER_RESPOND_BUYER_CANCEL", "deadline": 1767398400}
    ],
}


def order(**changes: Any) -> dict[str, Any]:
    """The sample order, with other fields."""
    return {**ORDER, **changes}


def at(status: str, **changes: Any) -> dict[str, Any]:
    """The sample order and its lines at a status."""
    lines = [{**line, "display_status": status} for line in ORDER["line_items"]]
    return order(status=status, line_items=lines, **changes)
