"""How a package can be shipped: the methods, and the places and times to choose from."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.shopee.book import is_arranged
from crossdock_sandbox.shopee.channels import LogisticsChannel, channel_of
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.orders import find
from crossdock_sandbox.shopee.places import branches, location, pickup_addresses
from crossdock_sandbox.world.purchases import Purchase, Step
from crossdock_sandbox.world.shops import Shop


def of_order(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_shipping_parameter"""
    order = find(call, call.given.text("order_sn"))
    check_package(order, call.given)
    _check_ready(order)
    return _ways(call.seller, channel_of(order))


def of_many(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_mass_shipping_parameter: of packages of one channel and one location"""
    good, failed, channel = chosen_packages(call)
    for order in list(good):
        try:
            _check_ready(order)
        except Failure as failure:
            good.remove(order)
            failed.append(failed_package(order.parcel.parcel_id, failure))
    ways = _ways(call.seller, channel) if channel and good else {"info_needed": {}}
    success = [{"package_number": order.parcel.parcel_id} for order in good]
    return {**ways, "success_list": success, "fail_list": failed}


def check_package(order: Purchase, given: Fields) -> None:
    """A ``package_number`` that is named must be the order's; "" is not the same as none."""
    if "package_number" not in given.values:
        return
    if not given.text("package_number", ""):
        raise wrong("package_number should be left out when it has no value")
    if given.text("package_number") != order.parcel.parcel_id:
        raise Failure("logistics.package_number_not_exist", "The package number is not exist.")


def _check_ready(order: Purchase) -> None:
    if order.step is Step.CANCELLED:
        raise Failure("error_status", "The order has been cancelled.")
    if order.step is Step.HELD:
        raise Failure("logistics.error_param", "The order is being allocated, please wait a while.")
    if order.step not in (Step.TO_SHIP, Step.RETRY) or is_arranged(order) or order.cancel_id:
        raise Failure(
            "error_param",
            "Shipping parameters can only be obtained when package is ready to be shipped.",
        )


def _ways(shop: Shop, channel: LogisticsChannel) -> dict[str, Any]:
    needed = channel.info_needed
    places = branches(shop) if "branch_id" in needed.get("dropoff", []) else None
    return {
        "info_needed": needed,
        "pickup": {"address_list": pickup_addresses(shop) if "pickup" in needed else []},
        "dropoff": {"branch_list": places, "slug_list": None} if "dropoff" in needed else None,
    }


def chosen_packages(
    call: Call,
) -> tuple[list[Purchase], list[dict[str, Any]], LogisticsChannel | None]:
    """(orders of the packages, what cannot be taken, the channel).

    The channel and the location are those that are named, else those of the first package.
    """
    wanted = call.given.integer("logistics_channel_id", 0)
    place = call.given.text("product_location_id", "")
    good: list[Purchase] = []
    failed: list[dict[str, Any]] = []
    channel: LogisticsChannel | None = None
    for one in call.given.objects("package_list", 50):
        number = one.text("package_number")
        order = call.book.holder(call.of_shop, number)
        if order is None:
            refusal = Failure("logistics.package_not_exist", "The package is not exist.")
        elif channel_of(order).channel_id != (wanted or channel_of(order).channel_id) or (
            channel and channel_of(order) is not channel
        ):
            refusal = Failure("logistics.error_param", "The packages are not of one channel.")
        elif place and location(order) != place:
            refusal = Failure("logistics.error_param", "The packages are not at one location.")
        else:
            channel = channel_of(order)
            good.append(order)
            continue
        failed.append(failed_package(number, refusal))
    return good, failed, channel


def failed_package(number: str, failure: Failure) -> dict[str, Any]:
    """One of ``fail_list``."""
    return {"package_number": number, "fail_reason": f"{failure.error}: {failure.message}"}
