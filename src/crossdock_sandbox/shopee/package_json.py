"""A package as Shopee tells it: short beside its order, at length by itself."""

from __future__ import annotations

from math import ceil
from typing import Any

from crossdock_sandbox.shopee.book import is_arranged, parcel_status
from crossdock_sandbox.shopee.channels import channel_of
from crossdock_sandbox.shopee.listing import item_id, model_id, skus
from crossdock_sandbox.shopee.places import location, recipient
from crossdock_sandbox.world.purchases import Line, Purchase, Step

_GRAMS = 250
"""What a unit weighs."""


def in_order(order: Purchase) -> dict[str, Any]:
    """One of ``package_list`` of an order's detail. It has no tracking number there."""
    return {
        "package_number": order.parcel.parcel_id,
        "logistics_status": parcel_status(order),
        "logistics_channel_id": channel_of(order).channel_id,
        "shipping_carrier": order.parcel.provider,
        "allow_self_design_awb": False,
        "item_list": [_item(order, line) for line in order.lines],
        "parcel_chargeable_weight_gram": weight(order),
        "group_shipment_id": None,
    }


def by_itself(order: Purchase) -> dict[str, Any]:
    """One of ``package_list`` of the package detail."""
    return {
        "order_sn": order.order_id,
        "package_number": order.parcel.parcel_id,
        "fulfillment_status": parcel_status(order),
        "update_time": int(order.updated_at.timestamp()),
        "logistics_channel_id": channel_of(order).channel_id,
        "shipping_carrier": order.parcel.provider,
        "allow_self_design_awb": False,
        **shipping_days(order),
        "pending_terms": pending_terms(order),
        "tracking_number": tracking_number(order),
        "pickup_done_time": order.times.get("collected", 0),
        "is_split_up": False,
        "item_list": [{**_item(order, line), **skus(line.sku)} for line in order.lines],
        "recipient_address": recipient(order),
        "parcel_chargeable_weight_gram": weight(order),
        "group_shipment_id": None,
        "is_shipment_arranged": is_arranged(order),
        "status_info_tag": {"tag_id": 0, "timestamp": 0},
        "can_split_order": False,
        "can_unsplit_order": False,
        "is_pre_order": False,
        **cancelling(order),
    }


def tracking_number(order: Purchase) -> str:
    """ "" while the courier has not answered."""
    return "" if order.arranging else order.parcel.tracking


def shipping_days(order: Purchase) -> dict[str, int]:
    """``days_to_ship`` and ``ship_by_date``, which counts from the payment."""
    days = ceil((order.ship_by - order.created_at).total_seconds() / 86400)
    due = int(order.ship_by.timestamp()) if order.paid_at is not None else 0
    return {"days_to_ship": max(days, 1), "ship_by_date": due}


def pending_terms(order: Purchase) -> list[str]:
    """Why Shopee holds an order."""
    return ["SYSTEM_PENDING"] if order.step is Step.HELD else []


def cancelling(order: Purchase) -> dict[str, Any]:
    """What of an order the seller may cancel: all or nothing, and only before it is collected."""
    return {
        "can_full_cancel_order": can_cancel(order),
        "can_partial_cancel_order": False,
        "buyer_preference_for_partial_cancellation": 1,
    }


def can_cancel(order: Purchase) -> bool:
    """Whether the seller may cancel an order by himself."""
    return order.step in (Step.TO_SHIP, Step.ARRANGED, Step.RETRY) and not order.cancel_id


def weight(order: Purchase) -> int:
    """Of the whole parcel, in grams."""
    return sum(line.quantity for line in order.lines) * _GRAMS


def _item(order: Purchase, line: Line) -> dict[str, Any]:
    return {
        "item_id": item_id(line.name),
        "model_id": model_id(line.sku),
        "model_quantity": line.quantity,
        "order_item_id": item_id(line.name),
        "promotion_group_id": 0,
        "product_location_id": location(order),
    }
