"""Why orders are cancelled and requests refused: keys and their texts."""

from __future__ import annotations

from crossdock_sandbox.world.purchases import Purchase, Step

_BUYER = "ecom_order_to_ship_canceled_reason_created_by_mistakes"
_SYSTEM = {
    "Payment time-out": "system_cancel_unpaid_time_out",
    "Failed Delivery": "package_returned_to_shipper",
    "Change of mind": _BUYER,
}
"""The keys of what buyers, couriers and deadlines do here."""
_TEXTS = {
    _BUYER: "Order created by mistake",
    "ecom_order_to_ship_canceled_reason_better_price": "Better price available",
    "ecom_order_to_ship_canceled_reason_wrong_delivery_info": "Wrong delivery information",
    "system_cancel_unpaid_time_out": "Customer overdue to pay",
    "system_cancel_shipping_time_out": "Seller overdue to ship",
    "package_lost": "Package lost",
    "package_damaged": "Package damaged",
    "package_returned_to_shipper": "Package returned to the shipper",
    "seller_cancel_unpaid_reason_out_of_stock": "Out of stock",
    "seller_cancel_unpaid_reason_wrong_price": "Pricing error",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed": "Buyer has not paid in time",
    "seller_cancel_reason_out_of_stock": "Out of stock",
    "seller_cancel_reason_wrong_price": "Pricing error",
    "seller_cancel_paid_reason_address_not_deliver": "Unable to deliver to the buyer's address",
    "seller_cancel_unable_to_deliver_to_buyer_address": "Unable to deliver to the buyer's address",
    "ITEM_DAMAGED": "Item damaged",
}
FOR_UNPAID = (
    "seller_cancel_unpaid_reason_out_of_stock", "seller_cancel_unpaid_reason_wrong_price",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
)  # fmt: skip
OF_BUYERS = tuple(key for key in _TEXTS if key.startswith("ecom_order_to_ship_canceled_reason_"))
_ADDRESS = {"SG": "seller_cancel_unable_to_deliver_to_buyer_address"}
RETURN = (
    ("ecom_order_delivered_refund_and_return_reason_damaged", "Item damaged"),
    ("ecom_order_delivered_refund_and_return_reason_wrong_item", "Wrong item received"),
    ("ecom_order_delivered_refund_and_return_reason_missing_item", "Missing item or parts"),
)
"""Reasons for a return or a refund. The platform's own list is not published."""
_REJECT_CANCEL = (
    ("seller_reject_apply_product_has_been_packed", "The product has been packed"),
    ("order_manage_list_action_respond_popup_reject_reason_delivered", "The order was delivered"),
    (
        "order_manage_list_action_respond_popup_reject_reason_invalid_cancellation_reason",
        "Invalid cancellation reason",
    ),
    (
        "order_manage_list_action_respond_popup_reject_reason_buyer_agree",
        "Agreed with the buyer to go on",
    ),
)
_REJECT_RETURN = (
    ("reverse_reject_request_reason_item_as_described", "The item is as described"),
    ("reverse_reject_request_reason_no_evidence", "The buyer gave no evidence"),
    ("reverse_reject_request_reason_agreed_with_buyer", "Agreed with the buyer"),
)
_REJECT_GOODS = (
    ("reverse_reject_parcel_reason_empty", "The package was empty"),
    ("reverse_reject_parcel_reason_used_or_damaged", "The item came back used or damaged"),
)


def reason_key(reason: str) -> str:
    """The platform's key of a reason for which something is cancelled or sent back."""
    return _SYSTEM.get(reason, RETURN[0][0] if reason == "ITEM_DAMAGED" else reason)


def reason_text(reason: str) -> str:
    """The text that people read for it."""
    key = reason_key(reason)
    return _TEXTS.get(key) or dict(RETURN).get(key, key)


def seller_cancel_reasons(order: Purchase, region: str) -> tuple[str, ...]:
    """The keys for which the seller may cancel an order as it stands."""
    if order.step is Step.UNPAID:
        return FOR_UNPAID
    address = _ADDRESS.get(region, "seller_cancel_paid_reason_address_not_deliver")
    return ("seller_cancel_reason_out_of_stock", "seller_cancel_reason_wrong_price", address)


def reject_cancel_reasons() -> list[dict[str, str]]:
    """With what a buyer's cancellation may be refused."""
    return [{"name": key, "text": text} for key, text in _REJECT_CANCEL]


def reject_return_reasons(*, goods: bool) -> list[dict[str, str]]:
    """With what a request, or the goods that came back, may be refused."""
    chosen = _REJECT_GOODS if goods else _REJECT_RETURN
    return [{"name": key, "text": text} for key, text in chosen]
