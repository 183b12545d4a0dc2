"""Splitting and combining. Here an order has one package, and packages are combined by the control:
all of it is refused, but for taking a combined package apart again."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.combining import take_apart
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.packages import NOT_OF_SHOP, holder, holders
from crossdock_sandbox.tiktok.shipping import BAD_PARAMETER, package_error
from crossdock_sandbox.world.purchases import Step

_ON_HOLD = Failure(21011044, "The order is on hold.")


def split_attributes(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/orders/split_attributes"""
    ids = call.listed("order_ids")
    if not ids:
        raise Failure(BAD_PARAMETER, "Invalid parameter: order_ids is required")
    return {
        "split_attributes": [
            {
                "order_id": one,
                "can_split": False,
                "reason": "The order has one package.",
                "must_split": False,
                "must_split_reasons": [],
            }
            for one in ids
            if call.book.order(call.of_shop, one)
        ]
    }


def split(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/orders/{order_id}/split"""
    order = call.book.order(call.of_shop, call.ids["order_id"])
    asked = Fields(call.body.values, BAD_PARAMETER)
    given = asked.objects("splittable_groups") or asked.objects("splittable_groups_v2")
    failure = Failure(21011005, "The order cannot be split.")
    if order is None:
        failure = NOT_OF_SHOP
    elif not given:
        failure = asked.refused("splittable_groups", "is required")
    elif order.step is Step.HELD:
        failure = _ON_HOLD
    call.witness(order.order_id if order else "", "split", str(failure.code))
    raise failure


def combinable(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/combinable_packages/search"""
    call.query.between("page_size", 1, 50)
    return {"combinable_packages": [], "total_count": 0, "next_page_token": ""}


def combine(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/combine"""
    wanted = Fields(call.body.values, BAD_PARAMETER).objects("combinable_packages")
    if not wanted:
        raise Failure(BAD_PARAMETER, "Invalid parameter: combinable_packages is required")
    failure, errors = Failure(10007014, "The package cannot be combined."), []
    for one in wanted:
        package_id = one.text("id")
        order = holder(call, package_id)
        this = failure if order else NOT_OF_SHOP
        call.witness(order.order_id if order else "", "combine", str(this.code))
        errors.append(package_error(this, package_id))
    return {"packages": [], "errors": errors}


def uncombine(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/{package_id}/uncombine: all orders, or those that are named"""
    orders = holders(call, call.ids["package_id"])
    wanted = call.body.strings("order_ids") or [order.order_id for order in orders]
    leaving = [order for order in orders if order.order_id in wanted]
    failure = None
    if not orders:
        failure = NOT_OF_SHOP
    elif len(orders) < 2:
        failure = Failure(21011003, "The package was not combined.")
    elif len(leaving) < len(wanted):
        failure = Failure(21011029, "The order does not belong to the package.")
    elif any(order.step is not Step.TO_SHIP for order in orders):
        failure = Failure(21011020, "The package is already shipped.")
    for order_id in [order.order_id for order in leaving] or [""]:
        call.witness(order_id, "uncombine", str(failure.code) if failure else "")
    if failure:
        raise failure
    take_apart(call.book, orders, leaving)
    now_in: dict[str, list[str]] = {}
    for order in orders:
        now_in.setdefault(order.parcel.parcel_id, []).append(order.order_id)
    return {"packages": [{"id": package, "order_ids": ids} for package, ids in now_in.items()]}
