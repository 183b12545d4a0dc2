"""The calls that read: shop, orders, items, providers, traces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.lazada.shapes import items_json, local, order_json
from crossdock_sandbox.world.orders import Order
from crossdock_sandbox.world.shops import shop_named

FILTERS: Mapping[str, frozenset[str]] = {
    "topack": frozenset({"pending", "repacked"}),
    "toship": frozenset({"packed", "ready_to_ship_pending", "ready_to_ship"}),
    "failed": frozenset({"failed_delivery"}),
    "lost": frozenset({"lost_by_3pl"}),
}
"""Filters that are no item status of their own; any other word filters for itself."""
_WORDS = frozenset(
    [
        "unpaid",
        "pending",
        "packed",
        "canceled",
        "ready_to_ship",
        "delivered",
        "returned",
        "shipped",
        "failed",
        "topack",
        "toship",
        "lost",
        "lost_by_3pl",
        "damaged_by_3pl",
        "failed_delivery",
        "shipped_back",
        "shipped_back_success",
        "shipped_back_failed",
        "package_scrapped",
    ]
)
_LARGEST_OFFSET = 5000
_NO_END = 2**40


def seller(call: Call) -> dict[str, Any]:
    """/seller/get"""
    shop = shop_named("lazada", call.of_shop)
    return {
        "data": {
            "seller_id": int(shop.seller_id),
            "name": shop.name,
            "name_company": f"{shop.name} Sdn Bhd",
            "short_code": f"{shop.region}12ABCD",
            "email": f"{shop.shop}@seller.test",
            "logo_url": "",
            "cb": False,
            "location": shop.region,
            "status": "ACTIVE",
            "verified": True,
            "marketplaceEaseMode": False,
        }
    }


def orders(call: Call) -> dict[str, Any]:
    """/orders/get"""
    by = call.values.get("sort_by", "created_at")
    if by not in ("created_at", "updated_at"):
        raise Failure("75", "E075: Invalid sort filter")
    direction = call.values.get("sort_direction", "DESC").upper()
    if direction not in ("ASC", "DESC"):
        raise Failure("74", "E074: Invalid sort direction")
    limit = call.number("limit", 100, 1, 100, ("19", "E019: Invalid Limit"))
    offset = call.number("offset", 0, 0, _LARGEST_OFFSET, ("14", "E014: Invalid Offset"))
    found = _in_window(call, by)
    if direction == "DESC":
        found.reverse()
    page = [
        call.book.orders[call.of_shop, order_id] for _, order_id in found[offset : offset + limit]
    ]
    return {
        "data": {
            "count": len(page),
            "countTotal": len(found),
            "orders": [order_json(order, in_list=True) for order in page],
        }
    }


def order(call: Call) -> dict[str, Any]:
    """/order/get"""
    return {"data": order_json(_known(call, call.text("order_id")), in_list=False)}


def items(call: Call) -> dict[str, Any]:
    """/order/items/get"""
    known = _known(call, call.text("order_id"))
    base = call.book.stand.url("lazada")
    return {"data": items_json(known, base, in_batch=False)}


def many_items(call: Call) -> dict[str, Any]:
    """/orders/items/get: at most 50 orders"""
    try:
        ids = call.structure("order_ids")
    except Failure as failure:
        if failure.code == "MissingParameter":
            raise
        raise Failure("56", "E056: Invalid OrdersIdList format, must be [1,2]") from None
    if not isinstance(ids, list) or not ids:
        raise Failure("56", "E056: Invalid OrdersIdList format, must be [1,2]")
    if len(ids) > 50:
        raise Failure("38", "E038: Too many orders were requested")
    if not all(str(one).isdigit() for one in ids):
        raise Failure("37", "E037: One or more order id in the list are incorrect")
    known = [found for one in ids if (found := call.book.order(call.of_shop, str(one)))]
    if not known:
        raise Failure("39", "E039: No orders were found")
    base = call.book.stand.url("lazada")
    return {
        "data": [
            {
                "order_id": int(found.order_id),
                "order_number": int(found.order_id),
                "order_items": items_json(found, base, in_batch=True),
            }
            for found in known
        ]
    }


def providers(call: Call) -> dict[str, Any]:
    """/order/shipment/providers/get"""
    call.structure("getShipmentProvidersReq")
    return {
        "result": {
            "success": True,
            "data": {
                "platform_default": 1,
                "shipment_providers": [],
                "shipping_allocate_type": "TFS",
            },
        }
    }


def warehouses(call: Call) -> dict[str, Any]:
    """/rc/warehouse/get"""
    del call
    return {
        "result": {"success": True, "module": [{"code": "dropshipping", "name": "Main warehouse"}]}
    }


def trace(call: Call) -> dict[str, Any]:
    """/logistic/order/trace: after ready to ship only; an unknown order is an empty list"""
    known = call.book.order(call.of_shop, call.text("order_id"))
    wanted = call.structure("ofcPackageIdList") if call.values.get("ofcPackageIdList") else []
    if not isinstance(wanted, list):
        raise Failure("INPUT_PARAM_VALID", "ofcPackageIdList must be a list")
    packages = [
        package
        for package in (known.packages.values() if known else ())
        if not package.void
        and (not wanted or package.package_id in wanted)
        and known
        and any(item.status != "packed" for item in known.of_package(package))
    ]
    return {
        "result": {
            "success": True,
            "not_success": False,
            "repeated": False,
            "retry": False,
            "error_code": None,
            "module": [
                {
                    "ofc_order_id": known.order_id,
                    "package_detail_info_list": [
                        {
                            "ofc_package_id": package.package_id,
                            "tracking_number": package.tracking,
                            "logistic_detail_info_list": _events(known, package.package_id),
                        }
                        for package in packages
                    ],
                }
            ]
            if known and packages
            else [],
        }
    }


def _events(order: Order, package_id: str) -> list[dict[str, Any]]:
    region = shop_named("lazada", order.shop).region
    return [
        {
            "status_code": 1400 if item.status in ("delivered", "confirmed") else 1000,
            "detail_type": "delivered" if item.status == "confirmed" else item.status,
            "title": item.status.replace("_", " ").capitalize(),
            "description": "",
            "event_time": int(item.updated_at.timestamp() * 1000),
            "event_date": local(item.updated_at, region).date().isoformat(),
            "receive_time": int(item.updated_at.timestamp() * 1000),
            "package_location_name": "",
            "proof_images": [],
        }
        for item in order.items
        if item.package_id == package_id
    ][:1]


def _in_window(call: Call, by: str) -> list[tuple[int, str]]:
    """Sort key and id of every order that is asked for, in the order of a time.

    What the book's index knows is not looked up order by order: shops have many.
    """
    status = call.values.get("status", "all")
    if status not in (*_WORDS, "all"):
        raise Failure("36", f"E036: Invalid status filter; valid: {', '.join(sorted(_WORDS))}")
    created = call.moment("created_after"), call.moment("created_before")
    updated = call.moment("update_after"), call.moment("update_before")
    if not created[0] and not updated[0]:
        raise Failure("18", "E018: created_after or update_after is mandatory")
    low, high = updated if updated[0] else created
    index = call.book.by_update if updated[0] else call.book.by_creation
    start = ceil(low.timestamp()) if low else 0
    end = int(high.timestamp()) if high else _NO_END
    rows = call.book.between(call.of_shop, index, start, end)
    others = any(created) if updated[0] else updated[1] is not None
    if status == "all" and not others and by == ("updated_at" if updated[0] else "created_at"):
        return rows
    found = [call.book.orders[call.of_shop, order_id] for _, order_id in rows]
    return sorted(
        (int(getattr(order, by).timestamp()), order.order_id)
        for order in found
        if _within(order.created_at, *created)
        and _within(order.updated_at, *updated)
        and (
            status == "all"
            or not FILTERS.get(status, frozenset({status})).isdisjoint(order.statuses)
        )
    )


def _within(moment: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or moment >= after) and (before is None or moment <= before)


def _known(call: Call, order_id: str) -> Order:
    known = call.book.order(call.of_shop, order_id)
    if known is None:
        raise Failure("16", f'E016: "{order_id}" Invalid Order ID')
    return known
