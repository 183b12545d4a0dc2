"""Reading packages: detail, search, time slots, and where they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock_sandbox.tiktok.book import PARCEL_STATUSES, parcel_status
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.orders import ORDERS
from crossdock_sandbox.tiktok.package_json import created, package_json, package_row
from crossdock_sandbox.tiktok.paging import inside, page, window
from crossdock_sandbox.world.purchases import Purchase

NOT_OF_SHOP = Failure(21011028, "The package does not belong to this shop.")
_SORTS = ("create_time", "update_time", "order_pay_time")
_SCANS = (
    ("arranged", "The seller has arranged the shipment.", 101),
    ("collected", "The courier has collected the package.", 301),
    ("delivered", "The package was delivered.", 501),
)


def holder(call: Call, package_id: str) -> Purchase | None:
    """The paid order of this shop that is in this package; the first one of a combined package."""
    return next(iter(holders(call, package_id)), None)


def holders(call: Call, package_id: str) -> list[Purchase]:
    """The paid orders of this shop that are in this package."""
    return [one for one in call.book.holders(call.of_shop, package_id) if one.paid_at]


def detail(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/{package_id}"""
    order = holder(call, call.ids["package_id"])
    if order is None:
        raise NOT_OF_SHOP
    return package_json(call.book, order)


def search(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/search"""
    size = call.query.between("page_size", 1, 50)
    field = call.query.one_of("sort_field", _SORTS, "create_time")
    order = call.query.one_of("sort_order", ORDERS, "DESC")
    made, changed = window(call.body, "create_time"), window(call.body, "update_time")
    status = call.body.one_of("package_status", PARCEL_STATUSES, "")
    rows: dict[str, int] = {}
    for one in call.book.of_shop(call.of_shop):
        updated = int(one.updated_at.timestamp())
        if not one.paid_at or not inside(created(one), made) or not inside(updated, changed):
            continue
        if status in ("", parcel_status(one)):
            at = updated if field == "update_time" else created(one)
            # Every order of a combined package is met; the package is listed once.
            rows[one.parcel.parcel_id] = max(at, rows.get(one.parcel.parcel_id, 0))
    found = page(call.query, sorted((at, key) for key, at in rows.items()), size, order)
    chosen = (holder(call, one) for one in found.ids)
    return {
        "total_count": found.total,
        "next_page_token": found.next_token,
        "packages": [package_row(call.book, one) for one in chosen if one],
    }


def time_slots(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/{package_id}/handover_time_slots: two a day, for two days"""
    order = holder(call, call.ids["package_id"])
    if order is None:
        raise NOT_OF_SHOP
    if order.seller_delivers:
        return {
            "can_pickup": False,
            "can_drop_off": False,
            "can_van_collection": False,
            "drop_off_point_url": "",
            "pickup_slots": [],
        }
    tomorrow = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(1)
    starts = [tomorrow + timedelta(days=day, hours=4 * half) for day in (0, 1) for half in (0, 1)]
    return {
        "can_pickup": True,
        "can_drop_off": True,
        "can_van_collection": False,
        "drop_off_point_url": f"{call.book.stand.url('tiktok')}/drop-off-points",
        "pickup_slots": [
            {
                "start_time": int(start.timestamp()),
                "end_time": int((start + timedelta(hours=4)).timestamp()),
                "avaliable": True,
            }
            for start in starts
        ],
    }


def tracking(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/orders/{order_id}/tracking: newest first, in milliseconds"""
    order = call.book.order(call.of_shop, call.ids["order_id"])
    if order is None:
        raise Failure(21001001, "The order does not belong to this shop.")
    scans = [
        {"description": text, "update_time_millis": order.times[name] * 1000, "action_code": code}
        for name, text, code in _SCANS
        if name in order.times
    ]
    return {"tracking": scans[::-1]}
