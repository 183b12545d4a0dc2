"""Packages: what waits to be shipped, packages found by their state, packages at length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock_sandbox.shopee.answers import Told
from crossdock_sandbox.shopee.book import is_arranged
from crossdock_sandbox.shopee.channels import channel_of
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.package_json import by_itself
from crossdock_sandbox.shopee.paging import page
from crossdock_sandbox.shopee.places import location
from crossdock_sandbox.world.purchases import Purchase, Step

_TO_PROCESS = (Step.TO_SHIP, Step.RETRY)
_STEPS: dict[int, tuple[Step, ...]] = {
    0: tuple(step for step in Step if step is not Step.UNPAID),
    1: (Step.HELD,),
    2: _TO_PROCESS,
    3: (Step.ARRANGED,),
}
"""``package_status``: all, pending, to process, processed."""
_SORTS: dict[int, Callable[[Purchase], float]] = {
    1: lambda order: order.ship_by.timestamp(),
    2: lambda order: order.created_at.timestamp(),
    3: lambda order: (order.paid_at or order.created_at).timestamp(),
}


def shipment_list(call: Call) -> dict[str, Any]:
    """/api/v2/order/get_shipment_list: orders in READY_TO_SHIP or RETRY_SHIP"""
    size, cursor = call.given.between("page_size", 1, 100), call.given.text("cursor", "")
    waiting = {one.order_id: one for one in call.book.of_shop(call.of_shop) if _waits(one)}
    rows = sorted((int(one.created_at.timestamp()), key) for key, one in waiting.items())
    found = page(rows, cursor, size)
    listed = [
        {"order_sn": one, "package_number": waiting[one].parcel.parcel_id} for one in found.ids
    ]
    return {"order_list": listed, "more": found.more, "next_cursor": found.cursor}


def _waits(order: Purchase) -> bool:
    return order.step in _TO_PROCESS and not order.cancel_id


def search(call: Call) -> dict[str, Any]:
    """/api/v2/order/search_package_list: by state, not by time"""
    paging = call.given.object("pagination")
    if paging is None:
        raise wrong("pagination is a required field")
    size, cursor = paging.between("page_size", 1, 100), paging.text("cursor", "")
    sort = call.given.object("sort") or Fields({})
    kind, ascending = sort.between("sort_type", 1, 3, 1), sort.boolean("ascending", True)
    wanted = _wanted(call.given.object("filter") or Fields({}))
    packages = {one.parcel.parcel_id: one for one in call.book.of_shop(call.of_shop) if wanted(one)}
    rows = sorted((int(_SORTS[kind](one)), key) for key, one in packages.items())
    found = page(rows, cursor, size, descending=not ascending)
    return {
        "packages_list": [_short(packages[one]) for one in found.ids],
        "pagination": {
            "total_count": len(rows),
            "next_cursor": found.cursor,
            "more": found.more,
        },
        "sort": {"sort_type": kind, "ascending": ascending},
    }


def _wanted(asked: Fields) -> Callable[[Purchase], bool]:
    """What the filter lets through. Every order here is a seller's own, and no pre-order."""
    steps = _STEPS[asked.between("package_status", 0, 3, 2)]
    places = asked.listed("product_location_ids")
    channels = asked.numbers("logistics_channel_ids")
    by_shopee = asked.between("fulfillment_type", 0, 2, 2) == 1
    nothing = by_shopee or asked.boolean("invoice_pending")

    def wanted(order: Purchase) -> bool:
        return (
            order.step in steps
            and not nothing
            and (not places or location(order) in places)
            and (not channels or channel_of(order).channel_id in channels)
        )

    return wanted


def _short(order: Purchase) -> dict[str, Any]:
    return {
        "order_sn": order.order_id,
        "package_number": order.parcel.parcel_id,
        "logistics_channel_id": channel_of(order).channel_id,
        "product_location_id": location(order),
        "sorting_group": "",
        "is_shipment_arranged": is_arranged(order),
    }


def detail(call: Call) -> Told:
    """/api/v2/order/get_package_detail"""
    asked = call.given.listed("package_number_list", 50)
    found = {one: call.book.holder(call.of_shop, one) for one in dict.fromkeys(asked)}
    told = [by_itself(order) for order in found.values() if order is not None]
    if not told:
        raise Failure("error_not_found", "Wrong parameters, detail: the package is not found.")
    unknown = [
        f"package_number {one} is not found" for one, order in found.items() if order is None
    ]
    return Told({"package_list": told}, warning=unknown or None)
